package ledger

import (
	"slices"
	"time"

	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Report is what happened in the ledger from one instant to another. It says nothing about now, so that the sheet on the wall and the
// page still agree a year later; what has not ended yet says up to which entry it goes.
type Report struct {
	From    time.Time    `json:"from"`
	To      time.Time    `json:"to"` // the first instant that no longer belongs to it
	Entries int          `json:"entries"`
	Gifts   int          `json:"contributions"`
	Undone  int          `json:"reversals"`
	Fund    []FundReport `json:"fund"`
	Pots    []PotReport  `json:"pots"`
	Spent   []Spending   `json:"spent"`
	Credit  []Helping    `json:"credit"`
	Paid    []Bills      `json:"paid"` // the first that were paid
	More    int          `json:"paid_more,omitempty"`
	Last    *time.Time   `json:"last,omitempty"` // of its last entry, if there is none behind it
}

// FundReport is the fund in one unit. Other is what neither came as a contribution nor was spent: opening balances, for one.
type FundReport struct {
	Before   money.Amount `json:"before"`
	Income   money.Amount `json:"income"`
	Spending money.Amount `json:"spending"`
	Other    money.Amount `json:"other"`
	After    money.Amount `json:"after"`
}

// PotReport is one pot.
type PotReport struct {
	Name
	Before money.Amount `json:"before"`
	In     money.Amount `json:"in"`
	Out    money.Amount `json:"out"`
	After  money.Amount `json:"after"`
}

// Spending is what went to one purpose.
type Spending struct {
	Name
	Sum money.Amount `json:"sum"`
}

// Helping is credit that was given in one unit.
type Helping struct {
	Moved      money.Amount `json:"moved"`
	Households int          `json:"households"` // that gave or received
}

// mostPaid is how many expenses fit on the sheet beside all else.
const mostPaid = 15

func (l sight) report(from, to time.Time) Report {
	r := Report{From: from, To: to}
	span := Span{first: l.FirstSince(from), behind: l.FirstSince(to)}
	t := l.tally(span)
	r.Entries, r.Gifts, r.Undone, r.More = t.entries, t.gifts, t.undone, max(0, len(t.paid)-mostPaid)
	for _, x := range t.paid[:len(t.paid)-r.More] {
		r.Paid = append(r.Paid, l.bill(x))
	}
	for _, u := range l.potUnits() {
		r.Fund = append(r.Fund, l.fundReport(u, span))
		r.Spent = append(r.Spent, l.spending(u, span)...)
	}
	r.Pots, r.Credit = l.potReports(t, span), l.helping(t)
	if first, last, ok := l.Bounds(); ok && !first.After(to) && last.Before(to) && t.entries > 0 {
		last = last.In(l.s.o.Zone)
		r.Last = &last
	}
	return r
}

// tally is what the entries of a span add up to. A day or a month of a block is few enough to be read.
type tally struct {
	entries, gifts, undone int
	in, out                map[book.Account]int64 // of pots
	moved                  map[money.Unit]int64   // between households
	helped                 map[money.Unit]map[book.Account]bool
	paid                   []book.Expense
}

func (l sight) tally(s Span) tally {
	t := tally{
		in: map[book.Account]int64{}, out: map[book.Account]int64{}, moved: map[money.Unit]int64{}, helped: map[money.Unit]map[book.Account]bool{},
	}
	for p, err := range l.Postings(s.first) {
		if err != nil || p.Index >= s.behind {
			break
		}
		t.add(p, s.first)
		if x, ok := l.paidFor(p); ok {
			t.paid = append(t.paid, x)
		}
	}
	return t
}

func (l sight) paidFor(p book.Posting) (book.Expense, bool) {
	if p.Kind != book.PaidKind || p.Of == nil {
		return book.Expense{}, false
	}
	return l.Expense(*p.Of)
}

// add counts an entry. What is reversed in the same span was not given; what was given before stays in the report of its own time.
func (t *tally) add(p book.Posting, first uint64) {
	t.entries++
	switch p.Kind {
	case book.ContributedKind:
		t.gifts++
	case book.ReversedKind:
		t.undone++
	}
	between := !slices.ContainsFunc(p.Legs, func(leg book.Leg) bool { return !leg.Account.Household() })
	for _, leg := range p.Legs {
		switch {
		case leg.Account.Pot() && leg.Amount > 0:
			t.in[leg.Account] += leg.Amount
		case leg.Account.Pot():
			t.out[leg.Account] -= leg.Amount
		case between && !p.Reverses():
			t.help(leg)
		case between && *p.Of >= first:
			t.moved[leg.Unit] -= max(0, leg.Amount)
		}
	}
}

func (t *tally) help(leg book.Leg) {
	t.moved[leg.Unit] += max(0, leg.Amount)
	if t.helped[leg.Unit] == nil {
		t.helped[leg.Unit] = map[book.Account]bool{}
	}
	t.helped[leg.Unit][leg.Account] = true
}

func (l sight) fundReport(u money.Unit, s Span) FundReport {
	one := []Span{s}
	before := int64(0)
	for _, p := range l.potsOf(u) {
		before += l.BalanceBefore(p, u, s.first)
	}
	after := l.balanceRow(u, one, l.potsOf(u)...).sum()
	income := l.flowRow("income", -1, u, one, book.Gifts, book.InKind).sum()
	spent := l.flowRow("spending", 1, u, one, l.spentOn()...).sum()
	return FundReport{l.Amount(before, u), l.Amount(income, u), l.Amount(spent, u), l.Amount(after-before-income+spent, u), l.Amount(after, u)}
}

func (l sight) spending(u money.Unit, s Span) (all []Spending) {
	for _, a := range l.spentOn() {
		if sum := l.flowRow("purpose", 1, u, []Span{s}, a).sum(); sum != 0 {
			all = append(all, Spending{l.name(a), l.Amount(sum, u)})
		}
	}
	return all
}

// potReports leaves out pots that held nothing and moved nothing.
func (l sight) potReports(t tally, s Span) (all []PotReport) {
	for _, p := range l.Places('p') {
		before, after := l.BalanceBefore(p.Account, p.Unit, s.first), l.BalanceBefore(p.Account, p.Unit, s.behind)
		if before != 0 || after != 0 || t.in[p.Account] != 0 {
			all = append(all, PotReport{
				l.name(p.Account), l.Amount(before, p.Unit), l.Amount(t.in[p.Account], p.Unit), l.Amount(t.out[p.Account], p.Unit), l.Amount(after, p.Unit),
			})
		}
	}
	return all
}

func (l sight) helping(t tally) (all []Helping) {
	for _, u := range l.Units() {
		if t.moved[u.Unit] > 0 {
			all = append(all, Helping{l.Amount(t.moved[u.Unit], u.Unit), len(t.helped[u.Unit])})
		}
	}
	return all
}
