package book

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"

	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Balance is what an account has in a unit.
type Balance struct {
	Account Account    `json:"account"`
	Unit    money.Unit `json:"unit"`
	Totals
}

// Balances lists every account and unit that something was posted to, in the order of accounts, then units.
func (b Books) Balances() []Balance {
	var all []Balance
	for k, v := range b.shelf.From("balance", nil) {
		a, u, _ := strings.Cut(string(k), "\x00")
		all = append(all, Balance{Account(a), money.Unit(u), parseTotals(v)})
	}
	slices.SortStableFunc(all, func(x, y Balance) int { return inOrder(x.Account, y.Account) })
	return all
}

// Check adds all balances up. The error names the units that are not zero: what is stored was changed by something else than us.
func (b Books) Check() error {
	sums := map[money.Unit]int64{}
	for k, v := range b.shelf.From("balance", nil) {
		_, u, _ := strings.Cut(string(k), "\x00")
		sum, ok := money.Add(sums[money.Unit(u)], parseTotals(v).Balance)
		if !ok {
			return fmt.Errorf("the balances in %s add up to more than fits", u)
		}
		sums[money.Unit(u)] = sum
	}
	for u, sum := range sums {
		if sum != 0 {
			return fmt.Errorf("the balances in %s add up to %d, not to zero", u, sum)
		}
	}
	return nil
}

// Postings yields the entries of the books from an index on, oldest first.
func (b Books) Postings(from uint64) iter.Seq2[Posting, error] {
	return postings(b.shelf.From("journal", record.Num(from)))
}

// PostingsBack yields the entries below an index, newest first.
func (b Books) PostingsBack(below uint64) iter.Seq2[Posting, error] {
	return postings(b.shelf.Back("journal", record.Num(below)))
}

func postings(rows iter.Seq2[[]byte, []byte]) iter.Seq2[Posting, error] {
	return func(yield func(Posting, error) bool) {
		for k, v := range rows {
			if !yield(parsePosting(record.ParseNum(k), v)) {
				return
			}
		}
	}
}

// Line is one line of an account's statement.
type Line struct {
	Index  uint64 `json:"index"` // of the entry
	Amount int64  `json:"amount"`
	After  int64  `json:"after"` // the balance behind it
}

// Statement yields an account's lines in a unit below an index, newest first.
func (b Books) Statement(a Account, u money.Unit, below uint64) iter.Seq[Line] {
	prefix := append(balanceKey(a, u), 0)
	return func(yield func(Line) bool) {
		for k, v := range b.shelf.Back("statement", lineKey(a, u, below)) {
			if !bytes.HasPrefix(k, prefix) || len(k) != len(prefix)+8 {
				return
			}
			r := rowReader{rest: v}
			if !yield(Line{record.ParseNum(k[len(prefix):]), r.varint(), r.varint()}) {
				return
			}
		}
	}
}

// BalanceBefore is what an account had before the entry at an index.
func (b Books) BalanceBefore(a Account, u money.Unit, index uint64) int64 {
	for l := range b.Statement(a, u, index) {
		return l.After
	}
	return 0
}

// Month is a month in which something was posted, by the clock of the record.
type Month struct {
	Name  string // "2026-03"
	First uint64 // index of its first entry
}

// Months lists them, oldest first. The balance at the end of one is BalanceBefore the First of the next.
func (b Books) Months() []Month {
	var all []Month
	for k, v := range b.shelf.From("month", nil) {
		all = append(all, Month{string(k), record.ParseNum(v)})
	}
	return all
}

// Places lists the pots, purposes or named accounts (letters p, s, n) that were opened, by number.
func (b Books) Places(letter byte) []Place {
	var all []Place
	for n := preset(letter) + 1; n <= b.Opened(letter); n++ {
		if p, ok := b.Place(numbered(letter, n)); ok {
			all = append(all, p)
		}
	}
	return all
}

// Units lists the units in which households may owe each other, hours first.
func (b Books) Units() []Admitted {
	hour, _ := b.Admitted(money.Hour)
	all := []Admitted{hour}
	for k := range b.shelf.From("unit", nil) {
		if d, ok := b.Admitted(money.Unit(k)); ok && d.Unit != money.Hour {
			all = append(all, d)
		}
	}
	return all
}

// Budgets lists them by purpose, unit and first month.
func (b Books) Budgets() []Budget {
	var all []Budget
	for k := range b.shelf.From("budget", nil) {
		if d, ok := load[Budget](b, "budget", k); ok {
			all = append(all, d)
		}
	}
	return all
}

// Spent is what went to a purpose in the months of a budget.
func (b Books) Spent(d Budget) int64 {
	months := b.Months()
	first := func(wanted func(name string) bool) uint64 {
		for _, m := range months {
			if wanted(m.Name) {
				return m.First
			}
		}
		return ^uint64(0)
	}
	from := first(func(name string) bool { return name >= d.From })
	behind := first(func(name string) bool { return name > d.Until })
	return b.BalanceBefore(d.Purpose, d.Unit, behind) - b.BalanceBefore(d.Purpose, d.Unit, from)
}

// OpenRequests, OpenPledges and OpenExpenses list what waits for somebody, oldest first.
func (b Books) OpenRequests() []Request { return waiting(b, 'r', b.Request) }

// OpenPledges: see OpenRequests.
func (b Books) OpenPledges() []Pledge { return waiting(b, 'p', b.Pledge) }

// OpenExpenses: see OpenRequests.
func (b Books) OpenExpenses() []Expense { return waiting(b, 'e', b.Expense) }

func waiting[T any](b Books, list byte, find func(uint64) (T, bool)) []T {
	var all []T
	for k := range b.shelf.From("open", []byte{list}) {
		if k[0] != list {
			break
		}
		if v, ok := find(record.ParseNum(k[1:])); ok {
			all = append(all, v)
		}
	}
	return all
}

// ExpensesBack yields expenses asked for below an index, newest first.
func (b Books) ExpensesBack(below uint64) iter.Seq[Expense] {
	return func(yield func(Expense) bool) {
		for k := range b.shelf.Back("expense", record.Num(below)) {
			if x, ok := b.Expense(record.ParseNum(k)); ok && !yield(x) {
				return
			}
		}
	}
}

// Void is an event that broke a rule.
type Void struct {
	Index uint64 `json:"index"`
	Why   string `json:"why"` // key of the sentence that says which
}

// Voids yields them, oldest first, from an index on.
func (b Books) Voids(from uint64) iter.Seq[Void] {
	return func(yield func(Void) bool) {
		for k, v := range b.shelf.From("void", record.Num(from)) {
			if !yield(Void{record.ParseNum(k), string(v)}) {
				return
			}
		}
	}
}
