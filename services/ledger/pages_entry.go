package ledger

import (
	"slices"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// EntryPage is /ledger/entries/:index.
type EntryPage struct {
	Item
	Legs []LegShown `json:"legs"`
	Leaf string     `json:"leaf"` // of its event, hexadecimal

	beyond     []Name // accounts that stand outside their limits now
	mayReverse bool
	reason     string // as it was sent
}

// LegShown is a leg with its account's name.
type LegShown struct {
	Name
	Amount money.Amount `json:"amount"`
}

func (s *Service) showEntry(r *portal.Request) (portal.Page, error) {
	p, err := s.entryPage(r)
	return p, err
}

func (s *Service) entryPage(r *portal.Request) (p EntryPage, err error) {
	index, err := indexOf(r)
	if err != nil {
		return p, err
	}
	err = s.look(readerOf(r), func(l sight) error {
		posting, ok := l.Posting(index)
		if !ok {
			return missing()
		}
		p.Item = l.item(posting)
		for _, leg := range posting.Legs {
			p.Legs = append(p.Legs, LegShown{l.name(leg.Account), l.Amount(leg.Amount, leg.Unit)})
			limit, limited := l.LimitOf(leg.Account, leg.Unit)
			if limited && limit.Beyond(l.Totals(leg.Account, leg.Unit)) {
				p.beyond = append(p.beyond, l.name(leg.Account))
			}
		}
		p.mayReverse = p.Reversed == nil && !p.Reverses && !crosses(posting) && (l.r.Steward || l.r.known() && receivedBy(posting, l.r.Household))
		n, err := l.Entry(l.Self(), index)
		p.Leaf = record.Hex(n.Leaf)
		return err
	})
	return p, err
}

func (s *Service) entryAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	p, err := s.entryPage(r)
	p.reason = r.Form("reason")
	return p, err
}

func (s *Service) postReverse(r *portal.Request, index uint64) (record.Ref, error) {
	return s.Reverse(r.Context(), orderOf(r), index, r.Form("reason"))
}

// Title says what it is.
func (p EntryPage) Title(f *web.Frame) string { return f.T("event." + p.Kind) }

// HTML is the entry.
//
//go:noinline
func (p EntryPage) HTML(f *web.Frame) templ.Component { return entryPage(f, p) }

// crosses tells whether half of an entry is in another hub's books.
func crosses(p book.Posting) bool {
	return slices.ContainsFunc(p.Legs, func(l book.Leg) bool { _, line := l.Account.Line(); return line })
}

// source is the page of what an entry completes or reverses, or of the line that it is on; "" if there is none.
func (i Item) source() string {
	if i.Of == nil {
		return i.line()
	}
	switch i.Kind {
	case book.PaidKind:
		return path("/ledger/expenses/", *i.Of)
	case book.ReversedKind:
		return path("/ledger/entries/", *i.Of)
	case book.AgreedKind:
		return path("/ledger/requests/", *i.Of)
	case book.FinishedKind:
		return path("/ledger/payments/", *i.Of)
	}
	return i.line()
}

func (i Item) line() string {
	for _, n := range []Name{i.From, i.To} {
		if o, line := n.Account.Line(); line {
			return "/ledger/lines/" + o.ID()
		}
	}
	return ""
}
