package ledger

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/web"
)

// ReportsPage is /ledger/reports: the months and days of which there is a report, newest first.
type ReportsPage struct {
	Months []string `json:"months"`
	Days   []string `json:"days"`

	zone *time.Location
}

// mostReports bounds the list: older months are found by their address.
const mostReports = 24

func (s *Service) reports(r *portal.Request) (portal.Page, error) {
	p := ReportsPage{Months: []string{}, Days: []string{}, zone: s.o.Zone}
	err := s.look(readerOf(r), func(l sight) error {
		first, last, ok := l.Bounds()
		if !ok {
			return nil
		}
		first, last = first.In(s.o.Zone), last.In(s.o.Zone)
		for m := month(last); !m.Before(month(first)) && len(p.Months) < mostReports; m = before(m, false) {
			p.Months = append(p.Months, m.Format(layout(false)))
		}
		for d := day(last); !d.Before(day(first)) && len(p.Days) < mostDays; d = before(d, true) {
			p.Days = append(p.Days, d.Format(layout(true)))
		}
		return nil
	})
	return p, err
}

// Title of the list.
func (p ReportsPage) Title(f *web.Frame) string { return f.T("ledger.title-reports") }

// HTML is the list.
//
//go:noinline
func (p ReportsPage) HTML(f *web.Frame) templ.Component { return reportsPage(f, p) }

// ReportPage is /ledger/reports/:when, of a month ("2026-03") or a day ("2026-03-01") in the zone of the hub. It prints on one sheet of A4.
type ReportPage struct {
	When string `json:"when"`
	Report

	daily        bool
	newer, older string
}

func (s *Service) showReport(r *portal.Request) (portal.Page, error) {
	p := ReportPage{When: r.Param("when")}
	from, err := time.ParseInLocation(layout(false), p.When, s.o.Zone)
	if err != nil {
		if from, err = time.ParseInLocation(layout(true), p.When, s.o.Zone); err != nil {
			return nil, missing()
		}
		p.daily = true
	}
	to := from.AddDate(0, 1, 0)
	if p.daily {
		to = from.AddDate(0, 0, 1)
	}
	err = s.look(readerOf(r), func(l sight) error {
		p.Report = l.report(from, to)
		first, last, ok := l.Bounds()
		if ok && first.Before(from) {
			p.older = "/ledger/reports/" + before(from, p.daily).Format(layout(p.daily))
		}
		if ok && !last.Before(to) {
			p.newer = "/ledger/reports/" + to.Format(layout(p.daily))
		}
		return nil
	})
	return p, err
}

// Title says which report it is.
func (p ReportPage) Title(f *web.Frame) string { return f.T("ledger.title-report", p.called(f)) }

// called is the span of the report.
func (p ReportPage) called(f *web.Frame) string {
	return Span{start: p.From, daily: p.daily}.called(f)
}

// HTML is the report.
//
//go:noinline
func (p ReportPage) HTML(f *web.Frame) templ.Component { return reportPage(f, p) }

// label is what the link to a report says.
func (p ReportsPage) label(f *web.Frame, when string) string {
	for _, daily := range []bool{false, true} {
		if t, err := time.ParseInLocation(layout(daily), when, p.zone); err == nil {
			return Span{start: t, daily: daily}.called(f)
		}
	}
	return when
}

func potHeads(f *web.Frame) []string {
	return []string{f.T("ledger.pot"), f.T("ledger.before"), f.T("ledger.in"), f.T("ledger.out"), f.T("ledger.after")}
}

// short cuts what people wrote to what a line of the sheet holds; the whole is behind the link.
func short(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most])) + "…"
	}
	return text
}
