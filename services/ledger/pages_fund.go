package ledger

import (
	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/web"
)

// FundPage is /ledger/fund: what the block owns together, what it may be spent on, and where it came from and went.
type FundPage struct {
	Pots    []Pot         `json:"pots"`
	Budgets []BudgetShown `json:"budgets"`
	Units   []FundUnit    `json:"units"`
	Items   []Item        `json:"entries"` // the last ones of the fund
}

// fundRecent is how many entries the page shows: all are on /ledger and on the pots' statements.
const fundRecent = 10

func (s *Service) fund(r *portal.Request) (portal.Page, error) {
	var p FundPage
	err := s.look(readerOf(r), func(l sight) error {
		p = FundPage{Pots: l.pots(), Budgets: l.budgets(), Units: l.fundUnits(), Items: l.fundItems(fundRecent)}
		return nil
	})
	return p, err
}

// Title of the fund.
func (p FundPage) Title(f *web.Frame) string { return f.T("ledger.title-fund") }

// HTML is the fund.
//
//go:noinline
func (p FundPage) HTML(f *web.Frame) templ.Component { return fundPage(f, p) }
