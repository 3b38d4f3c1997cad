package book

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Books are the accounts of one hub, as its own record tells them. They are no more than a way to use a shelf: whoever has the shelf
// decides who may use it when.
type Books struct{ shelf Shelf }

// On gives the books that stand on a shelf.
func On(s Shelf) Books { return Books{s} }

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
func (b Books) judge(n record.Entry) (effect, error) {
	switch n.Kind {
	case AdmittedKind:
		return judged(b.admitted)(n)
	case LimitedKind:
		return judged(b.limited)(n)
	case RuledKind:
		return judged(b.ruled)(n)
	case OpenedKind:
		return judged(b.opened)(n)
	case ChangedKind:
		return judged(b.changed)(n)
	case BudgetedKind:
		return judged(b.budgeted)(n)
	case ClosedKind:
		return judged(b.closed)(n)
	case CarriedKind:
		return judged(b.carried)(n)
	case ReversedKind:
		return judged(b.reversed)(n)
	}
	if e, err, known := b.judgeCredit(n); known {
		return e, err
	}
	if e, err, known := b.judgeLines(n); known {
		return e, err
	}
	return b.judgeFund(n)
}

func (b Books) judgeCredit(n record.Entry) (e effect, err error, known bool) {
	switch n.Kind {
	case GivenKind:
		e, err = judged(b.given)(n)
	case RequestedKind:
		e, err = judged(b.requested)(n)
	case AgreedKind, DeclinedKind:
		e, err = judged(b.answered)(n)
	case LeviedKind:
		e, err = judged(b.levied)(n)
	default:
		return e, nil, false
	}
	return e, err, true
}

func (b Books) judgeFund(n record.Entry) (effect, error) {
	switch n.Kind {
	case PledgedKind:
		return judged(b.pledged)(n)
	case UnpledgedKind:
		return judged(b.unpledged)(n)
	case ContributedKind:
		return judged(b.contributed)(n)
	case MovedKind:
		return judged(b.moved)(n)
	case AskedKind:
		return judged(b.asked)(n)
	case MendedKind:
		return judged(b.mended)(n)
	case ReceiptKind:
		return judged(b.receipt)(n)
	case ApprovedKind, ReturnedKind, RefusedKind, DroppedKind, PaidKind:
		return judged(b.decided)(n)
	}
	return effect{}, fault.New(fault.Invalid, "ledger.void-unknown")
}

// judged reads an event's data for a judge.
func judged[T any](judge func(record.Entry, T) (effect, error)) func(record.Entry) (effect, error) {
	return func(n record.Entry) (effect, error) {
		d, ok := record.Decode[T](n.Event)
		if !ok || n.V != 1 || !handle(n.By) || n.For != "" && !Account(n.For).Household() {
			return effect{}, malformed()
		}
		return judge(n, d)
	}
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
	e, err := b.judge(n)
	if err == nil {
		err = b.carry(n, &e)
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f, b.shelf.Put("void", record.Num(n.Index), []byte(f.Key))
	}
	return nil, err
}

// carry checks the legs and writes; a fault comes before the first write.
func (b Books) carry(n record.Entry, e *effect) error {
	if len(e.legs) > 0 {
		rows, err := b.post(n, e)
		if err != nil {
			return err
		}
		e.rows = append(e.rows, rows...)
	} else if e.hold.Account != "" {
		r, err := b.held(e.hold)
		if err != nil {
			return err
		}
		e.rows = append(e.rows, r)
	}
	if n.Event.Body != "" {
		e.rows = append(e.rows, row{"words", record.Num(n.Index), n.Leaf[:]})
	}
	for _, r := range e.rows {
		if err := b.write(r); err != nil {
			return err
		}
	}
	return nil
}

func (b Books) write(r row) error {
	if r.value == nil {
		return b.shelf.Delete(r.table, r.key)
	}
	return b.shelf.Put(r.table, r.key, r.value)
}

// post makes the rows of a posting: journal, balances, statements, and the first posting of a month.
func (b Books) post(n record.Entry, e *effect) ([]row, error) {
	p := Posting{Index: n.Index, Kind: n.Kind, At: n.At, Day: e.day, By: n.By, For: n.For, Of: e.of, Legs: e.legs}
	if err := balanced(p.Legs); err != nil {
		return nil, err
	}
	rows := []row{{"journal", record.Num(p.Index), p.bytes()}}
	for _, l := range p.Legs {
		t, err := b.move(l, e)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{"balance", balanceKey(l.Account, l.Unit), t.bytes()},
			row{"statement", lineKey(l.Account, l.Unit, p.Index), binary.AppendVarint(binary.AppendVarint(nil, l.Amount), t.Balance)})
	}
	if month := []byte(p.At.UTC().Format(monthForm)); b.shelf.Get("month", month) == nil {
		rows = append(rows, row{"month", month, record.Num(p.Index)})
	}
	return rows, nil
}

const (
	dayForm   = time.DateOnly
	monthForm = "2006-01"
)

// balanced refuses legs that do not add up to zero in each unit, name an account twice, or move nothing. It compares all with all: nearly
// every entry has two, and the one with the most, a levy, as many as there are households.
func balanced(legs []Leg) error {
	for i, l := range legs {
		sum, whole := int64(0), true
		for j, other := range legs {
			if other.Unit != l.Unit || !whole {
				continue
			}
			sum, whole = money.Add(sum, other.Amount)
			if j < i && other.Account == l.Account {
				return malformed()
			}
		}
		if l.Amount == 0 || sum != 0 || !whole || l.Account.Letter() == 0 {
			return malformed()
		}
	}
	return nil
}

// load reads a JSON row; the zero value and false if there is none.
func load[T any](b Books, table string, key []byte) (v T, ok bool) {
	raw := b.shelf.Get(table, key)
	return v, raw != nil && json.Unmarshal(raw, &v) == nil
}
