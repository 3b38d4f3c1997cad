package ledger

import (
	"errors"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Tables of what other hubs' records say about lines with us. They depend on that hub's record, and on which events of ours it cites.
// Keys begin with the hub's id; leaves are hexadecimal, numbers 8 bytes big-endian.
const (
	termsTable      = "their-terms"      // hub, 0, unit -> Terms
	frozenTable     = "their-frozen"     // hub -> {}
	sentTable       = "their-sent"       // hub, leaf -> TheirPayment
	sentIndexTable  = "their-sent-index" // hub, index -> leaf
	agreedTable     = "their-agreed"     // hub, leaf of our ask -> leaf of their yes
	answerTable     = "their-answer"     // hub, leaf of our payment -> TheirAnswer
	sideTable       = "their-side"       // hub, 0, unit -> Side
	entryTable      = "their-entry"      // hub, key of a payment -> TheirEntry
	writeoffTable   = "their-writeoff"   // hub, index -> book.Writeoff
	theirVoidsTable = "their-void"       // hub, index -> key of the sentence that says why
	dueTable        = "line-due"         // see dueAnswer, duePayment
)

// maxTheirUnits bounds what another hub can make us list: lines in so many units.
const maxTheirUnits = 30

// Terms are how far another hub lets us go in a unit, by its own record.
type Terms struct {
	Unit  money.Unit `json:"unit"`
	Most  int64      `json:"most"`            // what it lets us owe
	Asked *Raise     `json:"asked,omitempty"` // waits for our yes
}

// Raise is more than we agreed to yet.
type Raise struct {
	Index    uint64 `json:"index"`
	Leaf     string `json:"leaf"`
	Decimals int    `json:"decimals"`
	Most     int64  `json:"most"`
}

// TheirPayment is a payment to a household of ours, as the other hub's record has it.
type TheirPayment struct {
	book.Sent
	Index    uint64    `json:"index"`
	At       time.Time `json:"at"`
	Recalled bool      `json:"recalled,omitempty"`
	Finished *bool     `json:"finished,omitempty"` // whether they moved it, once they have read our answer
}

// TheirAnswer is what another hub says to a payment of ours.
type TheirAnswer struct {
	book.Received
	Leaf string `json:"leaf"`
	Why  string `json:"why,omitempty"` // "" if it was received
}

// Side is a line as the other hub's books have it: its balance is the opposite of ours when all is settled.
type Side struct {
	Balance int64  `json:"balance"`
	Entries uint64 `json:"entries"`
}

// TheirEntry is one line of the other hub's statement.
type TheirEntry struct {
	Unit   money.Unit `json:"unit"`
	Amount int64      `json:"amount"`
	Index  uint64     `json:"index"`
}

// theirs is one event of another hub's record on its way into our tables.
type theirs struct {
	record.Edit
	n   record.Entry
	hub string
}

// applyTheirs reads what another hub's record says about lines with us. What breaks a rule is void, and listed.
func applyTheirs(e record.Edit, n record.Entry) error {
	t := theirs{e, n, n.Origin.ID()}
	err := t.judge()
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return e.Own(theirVoidsTable).Put(t.at(n.Index), []byte(f.Key))
	}
	return err
}

func (t theirs) judge() error {
	switch t.n.Kind {
	case book.LineAskedKind:
		return heard(t, t.asked)
	case book.LineAgreedKind:
		return heard(t, t.agreed)
	case book.LineRaisedKind:
		return heard(t, t.raised)
	case book.LineFrozenKind:
		return heard(t, t.frozen)
	case book.LineShutKind:
		return heard(t, t.shut)
	case book.SentKind:
		return heard(t, t.sent)
	case book.RecalledKind:
		return heard(t, t.recalled)
	case book.ReceivedKind:
		return heard(t, t.received)
	case book.BouncedKind:
		return heard(t, t.bounced)
	case book.FinishedKind:
		return heard(t, t.finished)
	case book.WriteoffAskedKind:
		return heard(t, t.writeoffAsked)
	case book.WriteoffAgreedKind:
		return heard(t, t.writeoffAgreed)
	}
	return nil
}

func heard[T any](t theirs, judge func(T) error) error {
	d, ok := record.Decode[T](t.n.Event)
	if !ok || t.n.V != 1 || t.hub == "" {
		return malformed()
	}
	return judge(d)
}

func malformed() error { return fault.New(fault.Invalid, "ledger.void-malformed") }

func (t theirs) at(index uint64) []byte { return atIndex(t.hub, index) }

func atIndex(hub string, index uint64) []byte { return append([]byte(hub), record.Num(index)...) }

func inUnit(hub string, u money.Unit) []byte { return []byte(hub + "\x00" + string(u)) }

// us tells whether an event speaks of a line with our hub.
func (t theirs) us(hub string) bool { return record.OriginFor(hub) == t.Self() }

func (t theirs) asked(d book.LineAsked) error {
	if !t.us(d.Hub) {
		return nil
	}
	if !d.Unit.Valid() || d.Most < 0 || d.Most > money.Most || d.Decimals < 0 || d.Decimals > money.MaxDecimals {
		return malformed()
	}
	table, key := t.Own(termsTable), inUnit(t.hub, d.Unit)
	terms, known := record.Load[Terms](table.Table, key)
	if !known && len(termsOf(t.View, t.hub)) >= maxTheirUnits {
		return fault.New(fault.TooMany, "ledger.many-units")
	}
	terms.Unit, terms.Asked = d.Unit, nil
	if d.Most <= terms.Most {
		terms.Most = d.Most
	} else {
		terms.Asked = &Raise{t.n.Index, record.Hex(t.n.Leaf), d.Decimals, d.Most}
	}
	return record.Save(table, key, terms)
}

// termsOf lists another hub's terms by unit.
func termsOf(v record.View, hub string) []Terms {
	var all []Terms
	for k := range v.Table(service, termsTable).Prefix(inUnit(hub, "")) {
		if terms, ok := record.Load[Terms](v.Table(service, termsTable), k); ok {
			all = append(all, terms)
		}
	}
	return all
}

// agreed keeps their yes to an ask of ours. Whether it is the ask that is open is seen when it is due.
func (t theirs) agreed(d book.LineAgreed) error {
	if d.Line.Origin != t.Self() {
		return nil
	}
	return t.Own(agreedTable).Put([]byte(t.hub+d.Line.Leaf), []byte(record.Hex(t.n.Leaf)))
}

func (t theirs) raised(d book.LineRaised) error {
	if d.Agreed.Origin != t.Self() {
		return nil
	}
	for _, terms := range termsOf(t.View, t.hub) {
		if terms.Asked != nil && terms.Asked.Index == d.Line {
			terms.Most, terms.Asked = terms.Asked.Most, nil
			return record.Save(t.Own(termsTable), inUnit(t.hub, terms.Unit), terms)
		}
	}
	return missing()
}

func (t theirs) frozen(d book.LineFrozen) error {
	switch {
	case !t.us(d.Hub):
		return nil
	case d.Frozen:
		return t.Own(frozenTable).Put([]byte(t.hub), []byte{})
	}
	return t.Own(frozenTable).Delete([]byte(t.hub))
}

func (t theirs) shut(d book.LineShut) error {
	if !t.us(d.Hub) {
		return nil
	}
	key := inUnit(t.hub, d.Unit)
	if t.Own(termsTable).Get(key) == nil {
		return nil // they only ever said yes to a line of ours
	}
	return record.Save(t.Own(termsTable), key, Terms{Unit: d.Unit})
}
