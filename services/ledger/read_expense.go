package ledger

import (
	"time"

	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Bills is an expense as lists show it.
type Bills struct {
	Index   uint64       `json:"index"`
	State   string       `json:"state"`
	At      time.Time    `json:"at"`
	Day     string       `json:"day,omitempty"`
	Sum     money.Amount `json:"sum"`
	Memo    Said         `json:"memo"`
	By      Person       `json:"by"`
	For     Name         `json:"for"`
	Pot     Name         `json:"pot"`
	Purpose Name         `json:"purpose"`
	Shown   int          `json:"receipts"`        // receipts that everybody can see
	Kept    int          `json:"receipts_hidden"` // receipts that only stewards can see
	May     Mays         `json:"-"`
}

// Missing tells whether there is no receipt at all.
func (b Bills) Missing() bool { return b.Shown+b.Kept == 0 }

// Mays is what the reader may do with an expense: the buttons that make sense. Commands judge for themselves.
type Mays struct{ Approve, Return, Refuse, Drop, Mend, Pay, Attach bool }

// decides tells whether the expense waits for this reader.
func (m Mays) decides() bool { return m.Approve || m.Pay || m.Mend }

func (l sight) bill(x book.Expense) Bills {
	return Bills{
		Index: x.Index, State: x.State, At: time.UnixMilli(x.At).In(l.s.o.Zone), Day: x.On, Sum: l.Amount(x.Amount, x.Unit),
		Memo: l.words(x.Words), By: l.person(x.By), For: l.name(book.Account(x.For)), Pot: l.name(x.Pot), Purpose: l.name(x.Purpose),
		Shown: len(x.Public), Kept: max(0, len(x.Originals)-len(x.Public)), May: l.mayWith(x),
	}
}

func (l sight) mayWith(x book.Expense) Mays {
	if !l.r.known() {
		return Mays{}
	}
	own := x.For == l.r.Household
	decidable := x.State == book.Waiting || x.State == book.Approved
	return Mays{
		Approve: !own && x.State == book.Waiting, Return: !own && decidable, Refuse: !own && decidable,
		Drop: own && (decidable || x.State == book.Returned), Mend: own && x.State == book.Returned,
		Pay: l.r.Steward && x.State == book.Approved, Attach: own && x.State != book.Refused && x.State != book.Dropped,
	}
}

// maxWaiting is how many expenses that wait are shown in one place; the list has the others.
const maxWaiting = 20

// waiting lists the expenses that somebody must decide on, mend or pay and that are wanted, oldest first.
func (l sight) waiting(wanted func(Mays) bool) []Bills {
	all := []Bills{}
	for _, x := range l.OpenExpenses() {
		if wanted(l.mayWith(x)) && len(all) < maxWaiting {
			all = append(all, l.bill(x))
		}
	}
	return all
}

// bills lists the newest expenses below an index; next is where the following page begins, 0 at the end.
func (l sight) bills(below uint64, limit int) (all []Bills, next uint64) {
	all = []Bills{}
	for x := range l.ExpensesBack(below) {
		if len(all) == limit {
			return all, all[limit-1].Index
		}
		all = append(all, l.bill(x))
	}
	return all, 0
}

// Scan is a receipt that the reader may see.
type Scan struct {
	Index    uint64 `json:"index"`
	URL      string `json:"url"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Original bool   `json:"original,omitempty"`
	Gone     bool   `json:"gone,omitempty"` // its picture was erased; that it was handed in stays
}

// Stage is one step in an expense's life.
type Stage struct {
	Kind   string    `json:"kind"`
	At     time.Time `json:"at"`
	By     Person    `json:"by"`
	For    Name      `json:"for"`
	Reason Said      `json:"reason"`
}
