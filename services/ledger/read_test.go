package ledger

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"commonhub/services/ledger/book"
)

func (h *hub) sees(r Reader, fn func(l sight)) {
	h.t.Helper()
	h.must(h.s.look(r, func(l sight) error { fn(l); return nil }))
}

const aDay = 24 * time.Hour

func transfer(to book.Account, minutes int64) Transfer {
	return Transfer{To: to, Unit: "hour", Amount: minutes, Memo: "for the garden"}
}

// year fills the books from March to May: gifts in March and May, spending in March, help in every month but April.
func (h *hub) year() (paid uint64) {
	h.t.Helper()
	h.fund(9000)
	x := h.did(h.s.Ask(ctx(), by("m4"), bill(2500)))
	h.did(h.s.Approve(ctx(), by("m5"), x))
	paid = h.did(h.s.Pay(ctx(), by("m1"), x))
	h.did(h.s.Give(ctx(), by("m4"), transfer("h5", 90)))
	h.clock.pass(70 * aDay)
	h.did(h.s.Contribute(ctx(), by("m1"), gift("h6", 1000)))
	h.did(h.s.Give(ctx(), by("m5"), transfer("h6", 30)))
	return paid
}

func TestCourseByMonths(t *testing.T) {
	h := newHub(t)
	h.year()
	h.sees(Reader{}, func(l sight) {
		spans := l.spans()
		var names []string
		for _, s := range spans {
			names = append(names, s.Name)
		}
		if fmt.Sprint(names) != "[2026-03 2026-04 2026-05]" {
			t.Fatalf("the spans are %v", names)
		}
		u := l.fundUnits()[0]
		for what, want := range map[string][]int64{
			fmt.Sprint(u.Balance.Rows[0].Values): {6500, 6500, 7500}, fmt.Sprint(u.Flow.Rows[0].Values): {9000, 0, 1000},
			fmt.Sprint(u.Flow.Rows[1].Values): {2500, 0, 0}, fmt.Sprint(u.Purposes.Rows[0].Values): {2500, 0, 0},
		} {
			if what != fmt.Sprint(want) {
				t.Errorf("got %v, want %v", what, want)
			}
		}
		if u.Holds.Minor != 7500 || u.Purposes.Rows[0].Of.Text != "Tools" {
			t.Errorf("the fund is %+v", u)
		}
	})
}

func TestCourseByDaysWhileTheBooksAreYoung(t *testing.T) {
	h := newHub(t)
	h.sees(Reader{}, func(l sight) {
		if s := l.spans(); s != nil {
			t.Errorf("empty books have the spans %v", s)
		}
	})
	h.fund(1000)
	h.clock.pass(40 * aDay)
	h.did(h.s.Contribute(ctx(), by("m1"), gift("h6", 500)))
	h.sees(Reader{}, func(l sight) {
		spans := l.spans()
		if len(spans) != mostDays || spans[mostDays-1].Name != "2026-04-10" {
			t.Fatalf("the spans are %+v", spans)
		}
		if got := l.fundUnits()[0].Balance.Rows[0].Values; got[0] != 1000 || got[12] != 1000 || got[13] != 1500 {
			t.Errorf("the balances of the days are %v", got)
		}
	})
}

// Beyond three purposes the smaller ones are one row, and nothing is lost.
func TestPurposesAreFewAndWhole(t *testing.T) {
	h := newHub(t)
	h.fund(100_000)
	for n := range 6 {
		h.did(h.s.OpenPlace(ctx(), by("m1"), Opening{Letter: 's', Name: fmt.Sprint("Purpose ", n)}))
		b := bill(int64(100 * (n + 1)))
		b.Purpose = book.Account(fmt.Sprint("s", n+2))
		x := h.did(h.s.Ask(ctx(), by("m4"), b))
		h.did(h.s.Approve(ctx(), by("m5"), x))
		h.did(h.s.Pay(ctx(), by("m1"), x))
	}
	h.sees(Reader{}, func(l sight) {
		u, sum := l.fundUnits()[0], int64(0)
		for _, row := range u.Purposes.Rows {
			sum += row.sum()
		}
		rows := u.Purposes.Rows
		if len(rows) != 4 || rows[0].sum() != 600 || rows[3].What != "other" || rows[3].sum() != 600 || sum != u.Flow.Rows[1].sum() {
			t.Errorf("the purposes are %+v", rows)
		}
	})
}

// A reversed entry and its reversal are out of sight unless asked for; the balance behind every line stays what it was.
func TestReversedPairsAreFolded(t *testing.T) {
	h := newHub(t)
	h.did(h.s.Give(ctx(), by("m4"), transfer("h5", 10)))
	wrong := h.did(h.s.Give(ctx(), by("m4"), transfer("h5", 200)))
	h.did(h.s.Give(ctx(), by("m5"), transfer("h4", 5)))
	h.did(h.s.Reverse(ctx(), by("m5"), wrong, "Two hundred was meant for the bakers"))
	told := func(all bool) (lines []string, folded int) {
		h.sees(Reader{}, func(l sight) {
			var entered []Entered
			entered, folded, _ = l.entered("h4", "hour", 1<<63, all)
			for _, e := range entered {
				lines = append(lines, fmt.Sprintf("%s %d→%d", e.Other.Account, e.Moved.Minor, e.After.Minor))
			}
		})
		return lines, folded
	}
	if lines, folded := told(false); fmt.Sprint(lines) != "[h5 5→-205 h5 -10→-10]" || folded != 2 {
		t.Errorf("folded: %v and %d", lines, folded)
	}
	h.books(func(b book.Books) {
		if t := b.Totals("h4", "hour"); t.Given != 10 || t.Received != 5 || t.Balance != -5 {
			h.t.Errorf("what was reversed counts as given or received: %+v", t)
		}
	})
	if lines, folded := told(true); fmt.Sprint(lines) != "[h5 200→-5 h5 5→-205 h5 -200→-210 h5 -10→-10]" || folded != 0 {
		t.Errorf("unfolded: %v and %d", lines, folded)
	}
}

// Whatever is folded, the pages of a statement together have every other line once.
func TestStatementPages(t *testing.T) {
	h := newHub(t)
	kept := map[uint64]bool{}
	for n := range 3 * pageSize {
		index := h.did(h.s.Give(ctx(), by(fmt.Sprint("m", 4+n%2)), transfer(book.Account(fmt.Sprint("h", 5-n%2)), 5)))
		kept[index] = true
		if n%5 == 0 {
			h.did(h.s.Reverse(ctx(), by("m1"), index, "a mistake"))
			delete(kept, index)
		}
	}
	below, pages := uint64(1<<63), 0
	h.sees(Reader{}, func(l sight) {
		for below > 0 {
			lines, _, next := l.entered("h4", "hour", below, false)
			for _, e := range lines {
				if !kept[e.Index] {
					t.Errorf("line %d is there twice, or was reversed", e.Index)
				}
				delete(kept, e.Index)
			}
			below, pages = next, pages+1
		}
	})
	if len(kept) > 0 || pages != 3 {
		t.Errorf("%d lines are on none of %d pages", len(kept), pages)
	}
}

func TestFirstSince(t *testing.T) {
	h := newHub(t)
	var at []time.Time
	var indexes []uint64
	for n := range 20 {
		at = append(at, h.clock.Now())
		indexes = append(indexes, h.did(h.s.Give(ctx(), by("m4"), transfer("h5", int64(n+1)))))
		h.clock.pass(time.Hour)
	}
	h.books(func(b book.Books) {
		for i, index := range indexes {
			if got := b.FirstSince(at[i]); got != index {
				t.Errorf("since entry %d: %d, want %d", i, got, index)
			}
			before := slices.Index(indexes, index) - 1
			if got := b.FirstSince(at[i].Add(-time.Minute)); before >= 0 && (got <= indexes[before] || got > index) {
				t.Errorf("a minute before entry %d: %d", i, got)
			}
		}
		if got := b.FirstSince(h.clock.Now()); got != indexes[19]+1 {
			t.Errorf("after all: %d", got)
		}
	})
}

func TestReport(t *testing.T) {
	h := newHub(t)
	paid := h.year()
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	h.sees(Reader{}, func(l sight) {
		r := l.report(march, march.AddDate(0, 1, 0))
		f := r.Fund[0]
		if f.Before.Minor != 0 || f.Income.Minor != 9000 || f.Spending.Minor != 2500 || f.Other.Minor != 0 || f.After.Minor != 6500 {
			t.Errorf("the fund in March: %+v", f)
		}
		if r.Entries != 3 || r.Gifts != 1 || len(r.Paid) != 1 || r.Paid[0].Memo.Text != "A drill" || r.Credit[0].Moved.Minor != 90 || r.Credit[0].Households != 2 || r.Last != nil {
			t.Errorf("March: %+v", r)
		}
		if p := r.Pots[0]; p.In.Minor != 9000 || p.Out.Minor != 2500 || p.After.Minor != 6500 {
			t.Errorf("the pot in March: %+v", p)
		}
		if quiet := l.report(march.AddDate(0, 1, 0), march.AddDate(0, 2, 0)); quiet.Entries != 0 || quiet.Fund[0].After.Minor != 6500 || len(quiet.Credit) != 0 {
			t.Errorf("April: %+v", quiet)
		}
	})
	h.did(h.s.Reverse(ctx(), by("m1"), paid, "Paid twice"))
	h.did(h.s.Reverse(ctx(), by("m1"), h.did(h.s.Give(ctx(), by("m4"), transfer("h5", 600))), "Ten hours too many"))
	h.sees(Reader{}, func(l sight) {
		may := l.report(march.AddDate(0, 2, 0), march.AddDate(0, 3, 0))
		if f := may.Fund[0]; f.Income.Minor != 1000 || f.Spending.Minor != -2500 || f.After.Minor != 10000 || may.Undone != 2 || may.Last == nil || may.Credit[0].Moved.Minor != 30 {
			t.Errorf("May after the reversal: %+v", may)
		}
		if again := l.report(march, march.AddDate(0, 1, 0)); again.Fund[0].After.Minor != 6500 {
			t.Errorf("March changed: %+v", again)
		}
	})
}
