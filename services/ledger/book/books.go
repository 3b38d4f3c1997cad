package book

import (
	"encoding/json"
	"errors"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Books are the accounts of one hub, as its own record tells them. They are no more than a way to use a shelf: whoever has the shelf
// decides who may use it when.
type Books struct {
	shelf Shelf
	sums  summing // the same shelf, nil if it is not one
}

// On gives the books that stand on a shelf.
func On(s Shelf) Books {
	sums, _ := s.(summing)
	return Books{s, sums}
}

// effect is what an event does, worked out before anything is written.
type effect struct {
	legs    []Leg
	hold    Leg  // what is held on an account from now on; less than zero is let go
	settled bool // limits were asked when the amount was held
	undoes  bool // the legs take others back: given and received are less by them
	of      *uint64
	day     string
	rows    []row
}

// row is one change of a table; a nil value deletes.
type row struct {
	table      string
	key, value []byte
}

// put makes a row of JSON. Only our own types are spelled, so that it cannot fail.
func put(table string, key []byte, v any) row { return row{table, key, record.Data(v)} }

// judges work out the effect of a kind of event, or say in a fault why it is void. They read the books and write nothing.
func (b Books) judge(n *record.Entry) (effect, error) {
	switch n.Kind {
	case AdmittedKind:
		return judged(n, b.admitted)
	case LimitedKind:
		return judged(n, b.limited)
	case RuledKind:
		return judged(n, b.ruled)
	case OpenedKind:
		return judged(n, b.opened)
	case ChangedKind:
		return judged(n, b.changed)
	case BudgetedKind:
		return judged(n, b.budgeted)
	case ClosedKind:
		return judged(n, b.closed)
	case CarriedKind:
		return judged(n, b.carried)
	case ReversedKind:
		return judged(n, b.reversed)
	}
	if e, err, known := b.judgeCredit(n); known {
		return e, err
	}
	if e, err, known := b.judgeLines(n); known {
		return e, err
	}
	return b.judgeFund(n)
}

func (b Books) judgeCredit(n *record.Entry) (e effect, err error, known bool) {
	switch n.Kind {
	case GivenKind:
		e, err = judged(n, b.given)
	case RequestedKind:
		e, err = judged(n, b.requested)
	case AgreedKind, DeclinedKind:
		e, err = judged(n, b.answered)
	case LeviedKind:
		e, err = judged(n, b.levied)
	default:
		return e, nil, false
	}
	return e, err, true
}

func (b Books) judgeFund(n *record.Entry) (effect, error) {
	switch n.Kind {
	case PledgedKind:
		return judged(n, b.pledged)
	case UnpledgedKind:
		return judged(n, b.unpledged)
	case ContributedKind:
		return judged(n, b.contributed)
	case MovedKind:
		return judged(n, b.moved)
	case AskedKind:
		return judged(n, b.asked)
	case MendedKind:
		return judged(n, b.mended)
	case ReceiptKind:
		return judged(n, b.receipt)
	case ApprovedKind, ReturnedKind, RefusedKind, DroppedKind, PaidKind:
		return judged(n, b.decided)
	}
	return effect{}, fault.New(fault.Invalid, "ledger.void-unknown")
}

// judged reads an event's data for a judge.
func judged[T any](n *record.Entry, judge func(record.Entry, T) (effect, error)) (effect, error) {
	d, ok := decode[T](n.Event)
	if !sound(n) || !ok {
		return effect{}, malformed()
	}
	return judge(*n, d)
}

// decode is record.Decode, by the short way for payments.
func decode[T any](e record.Event) (d T, ok bool) {
	if given, payment := any(&d).(*Given); payment {
		if *given, ok = scanGiven(e.Data); ok {
			return d, true
		}
	}
	return record.Decode[T](e)
}

// sound tells whether an event is of a version that we know, and names a member and a household as such.
func sound(n *record.Entry) bool {
	return n.V == 1 && handle(n.By) && (n.For == "" || Account(n.For).Household())
}

// malformed is the fault of events that no command of ours writes.
func malformed() error { return fault.New(fault.Invalid, "ledger.void-malformed") }

// handle tells whether s can be a member's handle.
func handle(s string) bool {
	return len(s) > 1 && len(s) <= 20 && s[0] == 'm' && Account("h"+s[1:]).Household()
}

// Enter brings one event of the record into the books, in the order of the record. An event that breaks a rule is void: it changes nothing
// but the list of such events, and the fault says which rule. err is a failure of the shelf alone.
func (b Books) Enter(n record.Entry) (void *fault.Fault, err error) {
	e, err := b.judge(&n)
	if err == nil {
		err = b.carry(&n, &e)
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f, b.shelf.Put("void", record.Num(n.Index), []byte(f.Key))
	}
	return nil, err
}

// load reads a JSON row; the zero value and false if there is none.
func load[T any](b Books, table string, key []byte) (v T, ok bool) {
	raw := b.shelf.Get(table, key)
	return v, raw != nil && json.Unmarshal(raw, &v) == nil
}
