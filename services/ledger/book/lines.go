package book

import (
	"bytes"
	"strings"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// TrustLine is credit between us and another hub in a unit, as our own books have it. What the two owe each other is the balance of the
// account LineWith: positive when we owe.
type TrustLine struct {
	Hub    string     `json:"hub"`
	Unit   money.Unit `json:"unit"`
	Most   int64      `json:"most"`   // how much they may owe us; ours alone to lower
	Theirs int64      `json:"theirs"` // how much they let us owe, as we last agreed to; they may have lowered it since
	Way    int64      `json:"way"`    // of ours, sent and not answered
	Asked  *Ask       `json:"asked,omitempty"`
	Shut   bool       `json:"shut,omitempty"`
}

// Ask is a raise of ours that the other hub has not agreed to, as far as we know.
type Ask struct {
	Index uint64 `json:"index"`
	Leaf  string `json:"leaf"`
	Most  int64  `json:"most"`
}

// Account is the line's account.
func (l TrustLine) Account() Account { return LineWith(record.OriginFor(l.Hub)) }

func lineKeyOf(hub string, u money.Unit) []byte {
	return balanceKey(LineWith(record.OriginFor(hub)), u)
}

// TrustLine finds the line with a hub in a unit. One that was shut is still found.
func (b Books) TrustLine(hub string, u money.Unit) (TrustLine, bool) {
	return load[TrustLine](b, "line", lineKeyOf(hub, u))
}

// TrustLines lists the lines with a hub by unit, or all with "".
func (b Books) TrustLines(hub string) []TrustLine {
	prefix := []byte(string(line) + hub)
	var all []TrustLine
	for k := range b.shelf.From("line", prefix) {
		if !bytes.HasPrefix(k, prefix) {
			break
		}
		if l, ok := load[TrustLine](b, "line", k); ok {
			all = append(all, l)
		}
	}
	return all
}

// Frozen tells whether stewards stopped everything new with a hub.
func (b Books) Frozen(hub string) bool { return b.shelf.Get("line-frozen", []byte(hub)) != nil }

// Cap bounds all lines of a unit together; -1 is no cap.
func (b Books) Cap(u money.Unit) LineCapped {
	if c, ok := load[LineCapped](b, "line-cap", []byte(u)); ok {
		return c
	}
	return LineCapped{Unit: u, Imports: -1, Exports: -1}
}

// Abroad is what all lines of a unit come to.
type Abroad struct {
	Owing int64 `json:"owing"` // what we owe, with what is on its way to become so
	Owed  int64 `json:"owed"`  // what we are owed
}

// Abroad of a unit is a kept total.
func (b Books) Abroad(u money.Unit) Abroad {
	a, _ := load[Abroad](b, "line-sum", []byte(u))
	return a
}

// shift is a change of a line: what moves on its account, and what is on its way.
type shift struct {
	line          TrustLine
	balance, away int64
}

// rows changes the line and the totals of its unit.
func (b Books) shifted(s shift) (before, after Abroad, rows []row) {
	l, t := s.line, b.Totals(s.line.Account(), s.line.Unit)
	before = b.Abroad(l.Unit)
	after = before
	after.Owing -= max(0, t.Balance+l.Way)
	after.Owed -= max(0, -t.Balance)
	l.Way += s.away
	t.Balance += s.balance
	after.Owing += max(0, t.Balance+l.Way)
	after.Owed += max(0, -t.Balance)
	return before, after, []row{put("line", lineKeyOf(l.Hub, l.Unit), l), put("line-sum", []byte(l.Unit), after)}
}

// openLine finds a line on which new payments may go.
func (b Books) openLine(hub string, u money.Unit) (TrustLine, error) {
	l, ok := b.TrustLine(hub, u)
	switch {
	case !ok || l.Shut:
		return l, fault.New(fault.Conflict, "ledger.line-none").On("unit")
	case b.Frozen(hub):
		return l, lineFrozen()
	}
	return l, nil
}

func lineFrozen() error { return fault.New(fault.Conflict, "ledger.line-is-frozen") }

// judgeLines knows the kinds of this file and the two beside it.
func (b Books) judgeLines(n *record.Entry) (e effect, err error, known bool) {
	switch n.Kind {
	case LineAskedKind:
		e, err = judged(n, b.lineAsked)
	case LineAgreedKind:
		e, err = judged(n, b.lineAgreed)
	case LineRaisedKind:
		e, err = byHub(b.lineRaised)(*n)
	case LineCappedKind:
		e, err = judged(n, b.lineCapped)
	case LineFrozenKind:
		e, err = judged(n, b.lineFrozen)
	case LineShutKind:
		e, err = judged(n, b.lineShut)
	case WriteoffAskedKind:
		e, err = judged(n, b.writeoffAsked)
	case WriteoffAgreedKind:
		e, err = judged(n, b.writeoffAgreed)
	default:
		return b.judgePayments(n)
	}
	return e, err, true
}

func (b Books) judgePayments(n *record.Entry) (e effect, err error, known bool) {
	switch n.Kind {
	case SentKind:
		e, err = judged(n, b.sent)
	case RecalledKind:
		e, err = judged(n, b.recalled)
	case ReceivedKind:
		e, err = byHub(b.received)(*n)
	case BouncedKind:
		e, err = byHub(b.bounced)(*n)
	case FinishedKind:
		e, err = byHub(b.finished)(*n)
	default:
		return e, nil, false
	}
	return e, err, true
}

// byHub is judged for events that no member writes: the hub itself does, when it has read another hub's record.
func byHub[T any](judge func(record.Entry, T) (effect, error)) func(record.Entry) (effect, error) {
	return func(n record.Entry) (effect, error) {
		d, ok := record.Decode[T](n.Event)
		if !ok || n.V != 1 || n.By != "" || n.For != "" && !Account(n.For).Household() {
			return effect{}, malformed()
		}
		return judge(n, d)
	}
}

// decimalsOf is how a unit of ours is counted, and 0 for hours.
func (b Books) decimalsOf(u money.Unit) int { return b.Scale(u).Decimals }

// other tells whether id names a hub that is not the one whose books these are.
func other(n record.Entry, id string) bool { return record.ValidID(id) && id != n.Origin.ID() }

// reason is a code that says why a payment bounced: that of a sentence, or one of a later version.
func reason(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}
