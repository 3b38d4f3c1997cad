package book

import (
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Expense is money that somebody asks the fund for, and what became of it.
type Expense struct {
	Asked
	Unit  money.Unit `json:"unit"`
	Index uint64     `json:"index"`
	At    int64      `json:"at"` // milliseconds since 1970
	By    string     `json:"by"`
	For   string     `json:"for"`
	State string     `json:"state"`
	Words uint64     `json:"words"` // event whose body says what it is for: asked, or the last mended
	Steps []Step     `json:"steps,omitempty"`

	Originals []uint64 `json:"originals,omitempty"` // receipt events, for stewards
	Public    []uint64 `json:"public,omitempty"`    // receipt events, for everybody
}

// Step is one thing that happened to an expense.
type Step struct {
	Kind  string `json:"kind"`
	Index uint64 `json:"index"`
	At    int64  `json:"at"`
	By    string `json:"by"`
	For   string `json:"for"`
}

// States of an expense.
const (
	Waiting  = "asked"
	Approved = "approved"
	Returned = "returned" // as incomplete: to be mended
	Refused  = "refused"
	Dropped  = "dropped" // taken back by the asker
	Paid     = "paid"
)

const (
	maxReceipts = 8  // of each sort, for one expense
	maxSteps    = 40 // after which an expense stays as it is
	maxSide     = 4096
)

// Expense finds an expense by the index of its event.
func (b Books) Expense(index uint64) (Expense, bool) {
	return load[Expense](b, "expense", record.Num(index))
}

func (b Books) asked(n record.Entry, d Asked) (effect, error) {
	unit, err := b.askable(n, d)
	if err != nil {
		return effect{}, err
	}
	if err := b.crowded('e', n.For); err != nil {
		return effect{}, err
	}
	x := Expense{Asked: d, Unit: unit, Index: n.Index, At: n.At.UnixMilli(), By: n.By, For: n.For, State: Waiting, Words: n.Index}
	return effect{rows: append(b.listed('e', n.For, n.Index, true), put("expense", record.Num(n.Index), x))}, nil
}

// askable checks what an expense asks for. Whether the pot has it is asked when it is paid.
func (b Books) askable(n record.Entry, d Asked) (money.Unit, error) {
	place, err := b.open(d.Pot, "pot")
	if err != nil {
		return "", err
	}
	if err := b.purposeOpen(d.Purpose); err != nil {
		return "", err
	}
	switch {
	case n.Event.Body == "" || n.For == "":
		return "", malformed()
	case !validDay(d.On):
		return "", fault.New(fault.Invalid, "ledger.day-form").On("on")
	}
	return place.Unit, onField(money.Valid(d.Amount), "amount")
}

func (b Books) mended(n record.Entry, d Mended) (effect, error) {
	x, err := b.expenseOf(n, d.Expense, Returned)
	if err != nil {
		return effect{}, err
	}
	if n.For != x.For {
		return effect{}, fault.New(fault.Denied, "ledger.not-yours")
	}
	unit, err := b.askable(n, d.Asked)
	if err != nil {
		return effect{}, err
	}
	x.Asked, x.Unit, x.Words = d.Asked, unit, n.Index
	return b.become(x, Waiting, n, effect{}), nil
}

// expenseOf finds the expense that an event is about, in one of these states.
func (b Books) expenseOf(n record.Entry, index uint64, states ...string) (Expense, error) {
	x, ok := b.Expense(index)
	if !ok {
		return x, missing()
	}
	for _, s := range states {
		if x.State == s && len(x.Steps) < maxSteps && n.For != "" {
			return x, nil
		}
	}
	return x, fault.New(fault.Conflict, "ledger.expense-is-"+x.State)
}

// become notes a step, and keeps the list of expenses that wait for somebody.
func (b Books) become(x Expense, state string, n record.Entry, e effect) effect {
	x.State = state
	x.Steps = append(x.Steps, Step{n.Kind, n.Index, n.At.UnixMilli(), n.By, n.For})
	waits := state == Waiting || state == Approved || state == Returned
	e.rows = append(append(e.rows, b.listed('e', x.For, x.Index, waits)...), put("expense", record.Num(x.Index), x))
	return e
}

// decided is the life of an expense. Whoever approves it is of another household than who asked; whether they may pay out is asked before the
// record. What is returned or refused has its reason in the body.
func (b Books) decided(n record.Entry, d OfExpense) (effect, error) {
	from := map[string][]string{
		ApprovedKind: {Waiting}, PaidKind: {Approved}, DroppedKind: {Waiting, Returned, Approved},
		ReturnedKind: {Waiting, Approved}, RefusedKind: {Waiting, Approved},
	}
	x, err := b.expenseOf(n, d.Expense, from[n.Kind]...)
	if err != nil {
		return effect{}, err
	}
	own := n.For == x.For
	switch n.Kind {
	case DroppedKind:
		if !own {
			return effect{}, fault.New(fault.Denied, "ledger.not-yours")
		}
		return b.become(x, Dropped, n, effect{}), nil
	case PaidKind:
		legs := transferLegs(x.Pot, x.Purpose, x.Unit, x.Amount)
		return b.become(x, Paid, n, effect{legs: legs, of: &x.Index, day: x.On}), nil
	}
	if own {
		return effect{}, fault.New(fault.Denied, "ledger.own-expense")
	}
	if n.Kind == ApprovedKind {
		return b.become(x, Approved, n, effect{}), nil
	}
	if n.Event.Body == "" {
		return effect{}, malformed() // without a reason
	}
	if n.Kind == ReturnedKind {
		return b.become(x, Returned, n, effect{}), nil
	}
	return b.become(x, Refused, n, effect{}), nil
}

// unpaid is part of reversing a payment: the expense is approved as before, and can be paid rightly, or refused.
func (b Books) unpaid(e effect, index uint64) (effect, error) {
	x, ok := b.Expense(index)
	if !ok || x.State != Paid {
		return e, malformed()
	}
	x.State = Approved
	e.rows = append(append(e.rows, b.listed('e', x.For, index, true)...), put("expense", record.Num(index), x))
	return e, nil
}

// receipt adds a picture. It may come late, even after the money: a missing one is to be seen, not to be fatal.
func (b Books) receipt(n record.Entry, d Receipt) (effect, error) {
	x, ok := b.Expense(d.Expense)
	if !ok {
		return effect{}, missing()
	}
	list := &x.Public
	if d.Original {
		list = &x.Originals
	}
	switch {
	case n.For != x.For:
		return effect{}, fault.New(fault.Denied, "ledger.not-yours")
	case n.Event.Body == "" || d.Original == n.Reach.Travels() || d.W < 1 || d.H < 1 || d.W > maxSide || d.H > maxSide:
		return effect{}, malformed()
	case len(*list) >= maxReceipts:
		return effect{}, fault.New(fault.TooMany, "ledger.many-receipts", maxReceipts)
	}
	*list = append(*list, n.Index)
	return effect{rows: []row{put("expense", record.Num(x.Index), x)}}, nil
}
