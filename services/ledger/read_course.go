package ledger

import (
	"math"
	"time"

	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Course is how something went: figures over the latest months, or days where the books are younger than three months. Every figure is
// read off a statement at the borders of a span, so that it costs the same however many entries lie between.
type Course struct {
	Unit  money.Unit `json:"unit"`
	Spans []Span     `json:"spans"`
	Rows  []Row      `json:"rows"`
	scale money.Scale
}

// Row is one figure for each span, in minor units.
type Row struct {
	What   string  `json:"what"` // "balance", "income", "spending", "purpose" or "other"
	Of     *Name   `json:"of,omitempty"`
	Values []int64 `json:"values"`
}

// Span is a month or a day, in the zone of the hub.
type Span struct {
	Name   string `json:"name"` // "2026-03" or "2026-03-01"
	start  time.Time
	daily  bool
	first  uint64 // index of its first entry
	behind uint64 // of the first behind it
}

const (
	mostMonths = 12
	mostDays   = 14
)

// spans are the latest ones, oldest first, up to the last entry: a page must not change because a month begins in which nothing happened.
func (l sight) spans() []Span {
	first, last, ok := l.Bounds()
	if !ok {
		return nil
	}
	first, last = first.In(l.s.o.Zone), last.In(l.s.o.Zone)
	daily := months(first, last) < 2
	start, most := month(last), mostMonths
	if daily {
		start, most = day(last), mostDays
	}
	all, behind := []Span{}, uint64(math.MaxUint64)
	for ; len(all) < most; start = before(start, daily) {
		s := Span{start.Format(layout(daily)), start, daily, l.FirstSince(start), behind}
		all, behind = append([]Span{s}, all...), s.first
		if start.Before(first) && (!daily || start.Before(day(first))) {
			break // a day with nothing comes first, so that the first change shows
		}
	}
	return all
}

func layout(daily bool) string {
	if daily {
		return time.DateOnly
	}
	return "2006-01"
}

// months is how many months b is later than a.
func months(a, b time.Time) int { return (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month()) }

func month(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location()) }

func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// before is where the span before begins.
func before(start time.Time, daily bool) time.Time {
	if daily {
		return start.AddDate(0, 0, -1)
	}
	return start.AddDate(0, -1, 0)
}

func (l sight) course(u money.Unit, spans []Span, rows ...Row) Course {
	return Course{u, spans, rows, l.Scale(u)}
}

// balanceRow is what accounts held together at the end of each span.
func (l sight) balanceRow(u money.Unit, spans []Span, accounts ...book.Account) Row {
	r := Row{What: "balance", Values: make([]int64, len(spans))}
	for _, a := range accounts {
		for i, s := range spans {
			r.Values[i] += l.BalanceBefore(a, u, s.behind)
		}
	}
	return r
}

// flowRow is what accounts gained together in each span; sign -1 turns it round, for accounts that are where something comes from.
func (l sight) flowRow(what string, sign int64, u money.Unit, spans []Span, accounts ...book.Account) Row {
	r := Row{What: what, Values: make([]int64, len(spans))}
	for _, a := range accounts {
		if len(spans) == 0 || l.Totals(a, u).Entries == 0 {
			continue
		}
		had := l.BalanceBefore(a, u, spans[0].first)
		for i, s := range spans {
			has := l.BalanceBefore(a, u, s.behind)
			r.Values[i] += sign * (has - had)
			had = has
		}
	}
	return r
}
