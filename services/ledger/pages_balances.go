package ledger

import (
	"slices"

	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// BalancesPage is /ledger/credit?unit=: what every household has in a unit, with what it gave and received beside, so that nobody who gives
// as much as they take looks like nobody at all.
type BalancesPage struct {
	Unit  money.Unit   `json:"unit"`
	Units []money.Unit `json:"units"`
	Moved money.Amount `json:"moved"` // by all together, ever
	Rows  []Having     `json:"households"`
}

func (s *Service) balances(r *portal.Request) (portal.Page, error) {
	p := BalancesPage{Unit: money.Unit(r.Query("unit")), Rows: []Having{}}
	err := s.look(readerOf(r), func(l sight) error {
		for _, u := range l.Units() {
			p.Units = append(p.Units, u.Unit)
		}
		if !slices.Contains(p.Units, p.Unit) {
			p.Unit = p.Units[0]
		}
		moved := int64(0)
		for _, h := range l.s.o.Members.HouseholdHandles(l.View) {
			row := l.sum(book.Account(h), p.Unit)
			moved += row.Given
			p.Rows = append(p.Rows, row)
		}
		p.Moved = l.Amount(moved, p.Unit)
		return nil
	})
	return p, err
}

// Title of the page.
func (p BalancesPage) Title(f *web.Frame) string { return f.T("ledger.title-credit") }

// HTML is the page.
//
//go:noinline
func (p BalancesPage) HTML(f *web.Frame) templ.Component { return balancesPage(f, p) }

// filters lead to the other units, "" is the address of the page without one.
func unitFilters(f *web.Frame, under string, units []money.Unit, current money.Unit) []web.Filter {
	var all []web.Filter
	for _, u := range units {
		all = append(all, web.Filter{Path: under + "?unit=" + string(u), Label: unitName(f, u), Current: u == current})
	}
	return all
}

// limits says how far a household may go.
func (h Having) limits(f *web.Frame) string {
	side := func(limit int64, sign string) string {
		if limit < 0 {
			return f.T("ledger.no-limit")
		}
		return sign + f.Quantity(h.as(limit))
	}
	return side(h.Limit.Down, "−") + " … " + side(h.Limit.Up, "+")
}

func (p BalancesPage) heads(f *web.Frame) []string {
	return []string{f.T("ledger.household"), f.T("ledger.balance"), f.T("ledger.given"), f.T("ledger.received"), f.T("ledger.may-go")}
}
