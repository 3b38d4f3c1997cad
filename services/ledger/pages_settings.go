package ledger

import (
	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// SettingsPage is /ledger/settings: the rules of the ledger, which anybody may read and stewards may change.
type SettingsPage struct {
	Units    []book.Admitted `json:"units"`
	Own      []OwnLimit      `json:"limits"` // of households that have their own
	Unnamed  bool            `json:"unnamed_gifts"`
	Pots     []Pot           `json:"pots"`
	Purposes []Name          `json:"purposes"`
	Budgets  []BudgetShown   `json:"budgets"`
	Periods  []book.Period   `json:"periods"`
	houses   []Name
	scales   map[money.Unit]money.Scale
}

// OwnLimit is how far one household may go.
type OwnLimit struct {
	Name
	Unit money.Unit `json:"unit"`
	book.Limit
}

// BudgetShown is a budget with what is spent of it.
type BudgetShown struct {
	book.Budget
	Purpose Name         `json:"for"`
	Whole   money.Amount `json:"whole"`
	Spent   money.Amount `json:"spent"`
	Left    money.Amount `json:"left"`
}

func (s *Service) settings(r *portal.Request) (portal.Page, error) {
	p := SettingsPage{Own: []OwnLimit{}, scales: map[money.Unit]money.Scale{}}
	err := s.look(readerOf(r), func(l sight) error {
		p.Units, p.Pots, p.Purposes, p.houses = l.Units(), l.pots(), l.purposes(), l.households()
		p.Unnamed = l.Rule(book.RuleUnnamed) != 0
		p.Budgets = l.budgets()
		for n := l.Periods(); n > 0 && len(p.Periods) < pageSize; n-- {
			period, _ := l.Period(n)
			p.Periods = append(p.Periods, period)
		}
		for _, u := range p.Units {
			p.scales[u.Unit] = l.Scale(u.Unit)
			p.Own = append(p.Own, l.ownLimits(u, p.houses)...)
		}
		return nil
	})
	return p, err
}

func (l sight) ownLimits(u book.Admitted, houses []Name) (all []OwnLimit) {
	for _, n := range houses {
		if limit, _ := l.LimitOf(n.Account, u.Unit); limit != u.Limit {
			all = append(all, OwnLimit{n, u.Unit, limit})
		}
	}
	return all
}

func (l sight) budgets() []BudgetShown {
	all := []BudgetShown{}
	for _, b := range l.Budgets() {
		spent := l.Spent(b)
		all = append(all, BudgetShown{b, l.name(b.Purpose), l.Amount(b.Amount, b.Unit), l.Amount(spent, b.Unit), l.Amount(b.Amount-spent, b.Unit)})
	}
	return all
}

func (s *Service) settingsAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.settings(r)
}

// Title of the page.
func (p SettingsPage) Title(f *web.Frame) string { return f.T("ledger.title-settings") }

// HTML is the page.
//
//go:noinline
func (p SettingsPage) HTML(f *web.Frame) templ.Component { return settingsPage(f, p) }

// reach says how far a limit lets somebody go.
func (p SettingsPage) reach(f *web.Frame, u money.Unit, l book.Limit) string {
	side := func(n int64, sign string) string {
		if n < 0 {
			return f.T("ledger.no-limit")
		}
		return sign + f.Amount(money.Amount{Minor: n, Unit: u, Scale: p.scales[u]})
	}
	key := "ledger.limit-hard"
	if l.Soft {
		key = "ledger.limit-soft"
	}
	return f.T(key, side(l.Down, "−"), side(l.Up, "+"))
}
