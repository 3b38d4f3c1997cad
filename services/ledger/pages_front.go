package ledger

import (
	"strconv"

	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

const pageSize = 50

// FrontPage is /ledger: the fund as it is today, what waits, and the last entries.
type FrontPage struct {
	Pots    []Pot      `json:"pots"`
	Waiting []Bills    `json:"waiting"` // expenses that somebody must decide on or pay
	Mine    []Having   `json:"mine,omitempty"`
	Asked   []Asking   `json:"requests,omitempty"` // open ones to and of the reader's household
	Units   []FundUnit `json:"units,omitempty"`    // how the fund came to what it is
	Items   []Item     `json:"entries"`
	Older   string     `json:"older,omitempty"` // path of the next page
	first   bool
}

// Having is what a household has in a unit.
type Having struct {
	Name
	book.Totals
	Sum    money.Amount `json:"sum"`
	Limit  book.Limit   `json:"limit"`
	Beyond bool         `json:"beyond,omitempty"`
}

// front answers GET /ledger?before=.
func (s *Service) front(r *portal.Request) (portal.Page, error) {
	below, err := strconv.ParseUint(r.Query("before"), 10, 63)
	p := FrontPage{first: err != nil}
	if p.first {
		below = 1 << 63
	}
	err = s.look(readerOf(r), func(l sight) (err error) {
		var next uint64
		p.Items, next, err = l.items(below, pageSize)
		if next > 0 {
			p.Older = "/ledger?before=" + strconv.FormatUint(next, 10)
		}
		p.Pots, p.Waiting, p.Mine = l.pots(), l.waiting(anything), l.having(book.Account(l.r.Household))
		p.Asked = l.requests()
		if p.first {
			p.Units = l.fundUnits()
		}
		return err
	})
	return p, err
}

func anything(Mays) bool { return true }

// having lists what a household has, in every unit that the block admitted.
func (l sight) having(a book.Account) []Having {
	var all []Having
	if !a.Household() {
		return all
	}
	for _, u := range l.Units() {
		t := l.Totals(a, u.Unit)
		limit, _ := l.LimitOf(a, u.Unit)
		all = append(all, Having{l.name(a), t, l.Amount(t.Balance, u.Unit), limit, limit.Beyond(t)})
	}
	return all
}

// requests lists the open ones to and of the reader's household.
func (l sight) requests() (all []Asking) {
	for _, q := range l.OpenRequests() {
		if h := l.r.Household; h != "" && (string(q.From) == h || string(q.To) == h) {
			all = append(all, l.asking(q))
		}
	}
	return all
}

// Title of the ledger.
func (p FrontPage) Title(f *web.Frame) string { return f.T("ledger.title") }

// HTML is the ledger.
//
//go:noinline
func (p FrontPage) HTML(f *web.Frame) templ.Component { return frontPage(f, p) }

// TodayPart is the ledger's share of the home page: what waits for the reader.
type TodayPart struct {
	Requests []Asking `json:"requests"`
	Waiting  []Bills  `json:"waiting"`
	LinesPart
}

func (s *Service) today(r *portal.Request) (portal.Part, error) {
	p := TodayPart{Requests: []Asking{}, Waiting: []Bills{}}
	if !r.Visitor.Known() {
		return portal.Nothing{}, nil
	}
	err := s.look(readerOf(r), func(l sight) error {
		for _, q := range l.requests() {
			if string(q.From) == l.r.Household {
				p.Requests = append(p.Requests, q)
			}
		}
		p.Waiting = l.waiting(Mays.decides)
		p.LinesPart = l.linesPart()
		return nil
	})
	if len(p.Requests)+len(p.Waiting) == 0 && p.LinesPart.empty() {
		return portal.Nothing{}, err
	}
	return p, err
}

// HTML is the part.
//
//go:noinline
func (p TodayPart) HTML(f *web.Frame) templ.Component { return todayPart(f, p) }

// target is what a pot wants to hold.
func target(p Pot) money.Amount {
	wanted := p.Holds
	wanted.Minor = p.Target
	return wanted
}
