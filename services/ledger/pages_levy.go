package ledger

import (
	"maps"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// LevyPage is /ledger/levy: what a levy would take, and the button that takes it.
type LevyPage struct {
	Month    string     `json:"month"`
	Unit     money.Unit `json:"unit"`
	Flat     string     `json:"flat"`     // as it was typed
	Permille string     `json:"permille"` // as it was typed
	Shares   []LegShown `json:"shares,omitempty"`
	Total    int64      `json:"total"`
	sum      money.Amount
	units    []book.Admitted
	wrong    string // sentence, if nothing can be worked out
}

// showLevy answers GET /ledger/levy?month=&unit=&flat=&permille=. It changes nothing, so the preview is a link that can be passed on.
func (s *Service) showLevy(r *portal.Request) (portal.Page, error) {
	get := r.Query
	if r.Form("month") != "" {
		get = r.Form
	}
	p := LevyPage{Month: get("month"), Unit: money.Unit(get("unit")), Flat: get("flat"), Permille: get("permille")}
	if p.Month == "" {
		p.Month = r.Now().In(s.o.Zone).Format("2006-01")
	}
	if p.Unit == "" {
		p.Unit = money.Hour
	}
	err := s.look(readerOf(r), func(l sight) error {
		p.units = l.Units()
		if p.Flat+p.Permille == "" {
			return nil
		}
		plan, err := l.plan(p, money.Mark(r.Lang.Tag))
		var shares map[book.Account]int64
		if err == nil {
			shares, err = s.PreviewLevy(l.View, plan)
		}
		if err != nil {
			f := fault.Of(err)
			p.wrong = r.Lang.T(f.Key, f.Args...)
			return nil
		}
		p.fill(l, shares)
		return nil
	})
	return p, err
}

// plan reads what was typed; one of the two may be left out.
func (l sight) plan(p LevyPage, mark rune) (LevyPlan, error) {
	plan := LevyPlan{Month: p.Month, Unit: p.Unit}
	if p.Flat != "" && p.Flat != "0" {
		n, err := money.Parse(p.Flat, l.Scale(p.Unit), mark)
		if err != nil {
			return plan, fault.Of(err).On("flat")
		}
		plan.Flat = n
	}
	if p.Permille != "" {
		n, err := strconv.ParseInt(p.Permille, 10, 32)
		if err != nil {
			return plan, fault.New(fault.Invalid, "ledger.amount-unreadable").On("permille")
		}
		plan.Permille = n
	}
	return plan, plan.check()
}

func (p *LevyPage) fill(l sight, shares map[book.Account]int64) {
	p.Total = sumOf(shares)
	p.sum = l.Amount(p.Total, p.Unit)
	for _, a := range slices.SortedFunc(maps.Keys(shares), func(a, b book.Account) int { return int(a.Number()) - int(b.Number()) }) {
		p.Shares = append(p.Shares, LegShown{l.name(a), l.Amount(shares[a], p.Unit)})
	}
}

func (s *Service) levyAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.showLevy(r)
}

func (s *Service) postLevy(r *portal.Request) (portal.Outcome, error) {
	total, err := strconv.ParseInt(r.Form("total"), 10, 64)
	if err != nil {
		return portal.Outcome{}, fault.New(fault.Conflict, "ledger.levy-changed")
	}
	p := LevyPage{Month: r.Form("month"), Unit: money.Unit(r.Form("unit")), Flat: r.Form("flat"), Permille: r.Form("permille")}
	var plan LevyPlan
	err = s.look(readerOf(r), func(l sight) (err error) {
		plan, err = l.plan(p, money.Mark(r.Lang.Tag))
		return err
	})
	if err != nil {
		return portal.Outcome{}, err
	}
	ref, err := s.Levy(r.Context(), orderOf(r), plan, total)
	return made(r, ref, "/ledger/entries/", "ledger.flash-levied"), err
}

// Title of the levy.
func (p LevyPage) Title(f *web.Frame) string { return f.T("ledger.title-levy") }

// HTML is the levy.
//
//go:noinline
func (p LevyPage) HTML(f *web.Frame) templ.Component { return levyPage(f, p) }
