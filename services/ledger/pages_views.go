package ledger

import (
	"commonhub/hub/portal"
	"commonhub/web"
)

// mountViews registers what is only read: the books as pages that anybody may open.
func (s *Service) mountViews(p *portal.Portal) {
	p.Get("/ledger/fund", s.fund)
	p.Get("/ledger/credit", s.balances)
	p.Get("/ledger/accounts/:code", s.account)
	p.Get("/ledger/reports", s.reports)
	p.Get("/ledger/reports/:when", s.showReport)
}

// views are the links to all that can be read.
func views(f *web.Frame) []web.Filter {
	var all []web.Filter
	for _, name := range []string{"fund", "credit", "expenses", "reports", "files", "settings"} {
		all = append(all, web.Filter{Path: "/ledger/" + name, Label: f.T("ledger.title-" + name)})
	}
	return all
}
