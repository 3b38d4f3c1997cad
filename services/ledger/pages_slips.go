package ledger

import (
	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// SlipsPage is /ledger/slips: a paper list, typed off.
type SlipsPage struct {
	Text string     `json:"slips"`
	Unit money.Unit `json:"unit"`
	On   string     `json:"on,omitempty"`
	Rows []SlipRow  `json:"rows,omitempty"` // after a refusal

	units  []book.Admitted
	houses []Name
}

// SlipRow is a row with what became, or would become, of it.
type SlipRow struct {
	Line   int    `json:"line"`
	From   string `json:"from"`
	To     string `json:"to"`
	Amount string `json:"amount"`
	Wrong  string `json:"wrong,omitempty"` // the sentence that says why it cannot be entered
}

func (s *Service) blankSlips(r *portal.Request) (portal.Page, error) {
	return s.fillSlips(r, SlipsPage{Unit: money.Hour})
}

func (s *Service) fillSlips(r *portal.Request, p SlipsPage) (SlipsPage, error) {
	err := s.look(readerOf(r), func(l sight) error {
		p.units, p.houses = l.Units(), l.households()
		return nil
	})
	return p, err
}

func (s *Service) list(r *portal.Request) (List, error) {
	slips, err := ReadSlips(r.Form("slips"))
	return List{Slips: slips, Unit: money.Unit(r.Form("unit")), On: r.Form("on"), Mark: money.Mark(r.Lang.Tag)}, err
}

// slipsAgain shows what was typed, with a result for each row.
func (s *Service) slipsAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	p, err := s.fillSlips(r, SlipsPage{Text: r.Form("slips"), Unit: money.Unit(r.Form("unit")), On: r.Form("on")})
	if err != nil {
		return nil, err
	}
	list, err := s.list(r)
	if err != nil {
		return p, nil // the fault that brought us here says it
	}
	err = s.record.Read(func(v record.View) error {
		rows, err := s.TryList(v, orderOf(r), list)
		for _, row := range rows {
			p.Rows = append(p.Rows, row.told(r.Lang))
		}
		return err
	})
	return p, err
}

func (s Slip) told(lang *web.Lang) SlipRow {
	row := SlipRow{Line: s.Line, From: s.From, To: s.To, Amount: s.Amount}
	if s.Fault != nil {
		row.Wrong = lang.T(s.Fault.Key, s.Fault.Args...)
	}
	return row
}

func (s *Service) postSlips(r *portal.Request) (portal.Outcome, error) {
	list, err := s.list(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	receipt, err := s.EnterList(r.Context(), orderOf(r), list)
	if err != nil {
		return portal.Outcome{}, err
	}
	out := made(r, receipt.First(), "/ledger/entries/", "ledger.flash-slips")
	out.See = "/ledger"
	return out, nil
}

// Title of the form.
func (p SlipsPage) Title(f *web.Frame) string { return f.T("ledger.title-slips") }

// HTML is the form.
//
//go:noinline
func (p SlipsPage) HTML(f *web.Frame) templ.Component { return slipsPage(f, p) }
