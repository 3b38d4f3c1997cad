package ledger

import (
	"slices"

	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Entered is one line of an account's statement.
type Entered struct {
	Item
	Other Name         `json:"other"` // the first account on the other side
	Moved money.Amount `json:"moved"` // what the account gained, or lost if negative
	After money.Amount `json:"after"` // what it had then
}

// pair tells whether the line is half of an entry and its reversal.
func (e Entered) pair() bool { return e.Reverses || e.Reversed != nil }

// mostFolded bounds how many lines of reversed entries a page passes over in search of others.
const mostFolded = 500

// entered lists the newest lines below an index. Reversed entries and their reversals are left out and counted, unless all are wanted.
// next is where the following page begins, 0 at the end.
func (l sight) entered(a book.Account, u money.Unit, below uint64, all bool) (lines []Entered, folded int, next uint64) {
	lines = []Entered{}
	for one := range l.Statement(a, u, below) {
		if len(lines) == pageSize || folded == mostFolded {
			return lines, folded, below
		}
		below = one.Index
		e := l.enteredAs(one, u)
		if e.pair() && !all {
			folded++
			continue
		}
		lines = append(lines, e)
	}
	return lines, folded, 0
}

func (l sight) enteredAs(one book.Line, u money.Unit) Entered {
	p, _ := l.Posting(one.Index)
	e := Entered{Item: l.item(p), Moved: l.Amount(one.Amount, u), After: l.Amount(one.After, u)}
	e.Other = e.From
	if one.Amount < 0 {
		e.Other = e.To
	}
	return e
}

// unitsOf lists the units of an account: those in which it has entries, that of a pot, and for households those that the block admitted.
func (l sight) unitsOf(a book.Account) (all []money.Unit) {
	if a.Household() {
		for _, one := range l.Units() {
			all = append(all, one.Unit)
		}
	}
	if p, ok := l.Place(a); ok && p.Unit != "" {
		all = append(all, p.Unit)
	}
	for _, u := range l.UnitsOf(a) {
		if !slices.Contains(all, u) {
			all = append(all, u)
		}
	}
	return all
}

// sums is what an account has, in each of its units.
func (l sight) sums(a book.Account) []Having {
	all := []Having{}
	for _, u := range l.unitsOf(a) {
		all = append(all, l.sum(a, u))
	}
	return all
}

func (l sight) sum(a book.Account, u money.Unit) Having {
	t := l.Totals(a, u)
	limit, limited := l.LimitOf(a, u)
	if !limited {
		limit = book.Limit{Down: -1, Up: -1}
	}
	return Having{l.name(a), t, l.Amount(t.Balance, u), limit, limited && limit.Beyond(t)}
}

// exists tells whether an account can have a statement: somebody may read a code wrongly, and should be told.
func (l sight) exists(a book.Account) bool {
	if a.Household() {
		return l.s.o.Members.HasHousehold(l.View, string(a))
	}
	_, opened := l.Place(a)
	return opened || len(l.UnitsOf(a)) > 0
}
