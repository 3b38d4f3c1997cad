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

func (b Books) judgeCredit(n record.Entry) (e effect, err error, known bool) {
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

func (b Books) judgeFund(n record.Entry) (effect, error) {
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
func judged[T any](n record.Entry, judge func(record.Entry, T) (effect, error)) (effect, error) {
	d, ok := decode[T](n.Event)
	if !sound(n) || !ok {
		return effect{}, malformed()
	}
	return judge(n, d)
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
func sound(n record.Entry) bool {
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
	rows := append(make([]row, 0, 2*len(p.Legs)+2), row{"journal", record.Num(p.Index), p.bytes()})
	for _, l := range p.Legs {
		line := lineKey(l.Account, l.Unit, p.Index)
		balance := line[: len(line)-9 : len(line)-9] // the same without the index
		t, err := b.move(l, balance, e)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{"balance", balance, t.bytes()},
			row{"statement", line, binary.AppendVarint(binary.AppendVarint(nil, l.Amount), t.Balance)})
	}
	if month := p.At.UTC().AppendFormat(make([]byte, 0, len(monthForm)), monthForm); b.shelf.Get("month", month) == nil {
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
