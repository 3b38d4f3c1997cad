package ledger

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// AccountPage is /ledger/accounts/:code?unit=&before=&all=1: an account's statement in one of its units.
type AccountPage struct {
	Name
	Unit   money.Unit `json:"unit"`
	Sums   []Having   `json:"sums"` // in every unit
	Course Course     `json:"course"`
	Lines  []Entered  `json:"entries"`
	Folded int        `json:"folded,omitempty"` // lines of this page that belong to reversed entries and are not shown
	All    bool       `json:"all,omitempty"`
	Older  string     `json:"older,omitempty"` // path of the next page

	first  bool
	before string // what was asked for
	pay    string // address of a transfer to it, to be scanned; "" if it is no household
	house  bool
}

func (s *Service) account(r *portal.Request) (portal.Page, error) {
	a, err := accountOf(r.Param("code"), "")
	if err != nil {
		return nil, missing()
	}
	below, err := strconv.ParseUint(r.Query("before"), 10, 63)
	p := AccountPage{All: r.Query("all") != "", first: err != nil, before: r.Query("before"), house: a.Household()}
	if p.first {
		below = 1 << 63
	}
	if p.house {
		p.pay = r.URL("/ledger/transfer?to=" + a.Code())
	}
	err = s.look(readerOf(r), func(l sight) error {
		if !l.exists(a) {
			return missing()
		}
		p.Name, p.Sums = l.name(a), l.sums(a)
		p.Unit = p.choose(money.Unit(r.Query("unit")))
		var next uint64
		p.Lines, p.Folded, next = l.entered(a, p.Unit, below, p.All)
		if next > 0 {
			p.Older = p.at(p.All, strconv.FormatUint(next, 10))
		}
		if p.first {
			spans := l.spans()
			p.Course = l.course(p.Unit, spans, l.balanceRow(p.Unit, spans, a))
		}
		return nil
	})
	return p, err
}

// choose takes the unit that was asked for, or the first in which there is something.
func (p AccountPage) choose(asked money.Unit) money.Unit {
	for _, h := range p.Sums {
		if h.Sum.Unit == asked {
			return asked
		}
	}
	for _, h := range p.Sums {
		if h.Entries > 0 {
			return h.Sum.Unit
		}
	}
	if len(p.Sums) > 0 {
		return p.Sums[0].Sum.Unit
	}
	return money.Hour
}

// sum is what the account has in the unit that is shown.
func (p AccountPage) sum() Having {
	i := slices.IndexFunc(p.Sums, func(h Having) bool { return h.Sum.Unit == p.Unit })
	if i < 0 {
		return Having{Name: p.Name, Limit: book.Limit{Down: -1, Up: -1}}
	}
	return p.Sums[i]
}

// at is the address of this statement with the folded lines, or without, from an index back ("" for the newest).
func (p AccountPage) at(all bool, before string) string {
	q := url.Values{"unit": {string(p.Unit)}}
	if all {
		q.Set("all", "1")
	}
	if before != "" {
		q.Set("before", before)
	}
	return "/ledger/accounts/" + p.address() + "?" + q.Encode()
}

// address is the code, or for a line, which has none, its name.
func (n Name) address() string {
	if n.Code != "" {
		return n.Code
	}
	return string(n.Account)
}

func (p AccountPage) units() (all []money.Unit) {
	for _, h := range p.Sums {
		all = append(all, h.Sum.Unit)
	}
	return all
}

// Title is what the account is called.
func (p AccountPage) Title(f *web.Frame) string { return p.called(f) }

// HTML is the statement.
//
//go:noinline
func (p AccountPage) HTML(f *web.Frame) templ.Component { return accountPage(f, p) }

// heads are those of the statement.
func (p AccountPage) heads(f *web.Frame) []string {
	return []string{f.T("ledger.day"), f.T("ledger.what"), f.T("ledger.amount"), f.T("ledger.balance")}
}
