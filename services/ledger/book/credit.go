package book

import (
	"slices"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Request is what a household wants to be paid by another.
type Request struct {
	Requested
	Index  uint64  `json:"index"`
	By     string  `json:"by"`
	State  string  `json:"state"` // Open, Agreed, Declined
	Answer *uint64 `json:"answer,omitempty"`
}

// States of requests and pledges.
const (
	Open     = "open"
	Agreed   = "agreed"
	Declined = "declined"
	Kept     = "kept" // of a pledge
)

// transfer checks what every movement of credit must be: two households, a unit that the block admitted, an amount, a day.
func (b Books) transfer(from, to Account, u money.Unit, amount int64, on string) error {
	_, admitted := b.Admitted(u)
	switch {
	case !from.Household():
		return fault.New(fault.Invalid, "ledger.no-such-account").On("from")
	case !to.Household():
		return fault.New(fault.Invalid, "ledger.no-such-account").On("to")
	case from == to:
		return fault.New(fault.Invalid, "ledger.same-account").On("to")
	case !admitted:
		return noSuchUnit(u)
	case !validDay(on):
		return fault.New(fault.Invalid, "ledger.day-form").On("on")
	}
	return onField(money.Valid(amount), "amount")
}

// onField says which field of a form a fault of package money is about.
func onField(err error, field string) error {
	if err == nil {
		return nil
	}
	return fault.Of(err).On(field)
}

func transferLegs(from, to Account, u money.Unit, amount int64) []Leg {
	return []Leg{{from, u, -amount}, {to, u, amount}}
}

// given: whoever acts, it is for the household that pays.
func (b Books) given(n record.Entry, d Given) (effect, error) {
	if err := b.transfer(d.From, d.To, d.Unit, d.Amount, d.On); err != nil {
		return effect{}, err
	}
	if n.For != string(d.From) {
		return effect{}, malformed()
	}
	return effect{legs: transferLegs(d.From, d.To, d.Unit, d.Amount), day: d.On}, nil
}

func (b Books) requested(n record.Entry, d Requested) (effect, error) {
	if err := b.transfer(d.From, d.To, d.Unit, d.Amount, d.On); err != nil {
		return effect{}, err
	}
	if n.For != string(d.To) {
		return effect{}, malformed()
	}
	if err := b.crowded('r', n.For); err != nil {
		return effect{}, err
	}
	r := Request{Requested: d, Index: n.Index, By: n.By, State: Open}
	return effect{rows: append(b.listed('r', n.For, n.Index, true), put("request", record.Num(n.Index), r))}, nil
}

// Request finds a request by the index of its event.
func (b Books) Request(index uint64) (Request, bool) {
	return load[Request](b, "request", record.Num(index))
}

// answered: the payer agrees or declines; the asker may only take the request back, which is the same as declining.
func (b Books) answered(n record.Entry, d OfRequest) (effect, error) {
	r, ok := b.Request(d.Request)
	switch {
	case !ok:
		return effect{}, missing()
	case r.State != Open:
		return effect{}, fault.New(fault.Gone, "ledger.request-answered")
	case n.For != string(r.From) && (n.Kind == AgreedKind || n.For != string(r.To)):
		return effect{}, fault.New(fault.Denied, "ledger.request-not-yours")
	}
	r.State, r.Answer = Declined, &n.Index
	e := effect{of: &d.Request}
	if n.Kind == AgreedKind {
		r.State, e.day, e.legs = Agreed, r.On, transferLegs(r.From, r.To, r.Unit, r.Amount)
	}
	e.rows = append(b.listed('r', string(r.To), d.Request, false), put("request", record.Num(d.Request), r))
	return e, nil
}

// missing is the fault of a reference to what is not there.
func missing() error { return fault.New(fault.NotFound, "ledger.missing") }

// Posting finds an entry of the books by the index of its event.
func (b Books) Posting(index uint64) (Posting, bool) {
	raw := b.shelf.Get("journal", record.Num(index))
	if raw == nil {
		return Posting{}, false
	}
	p, err := parsePosting(index, raw)
	return p, err == nil
}

// ReversedBy is the entry that undid the one at index; false if none did.
func (b Books) ReversedBy(index uint64) (uint64, bool) {
	raw := b.shelf.Get("reversed", record.Num(index))
	return record.ParseNum(raw), raw != nil
}

// reversed moves every leg back, once. It obeys limits like everything else: where the receiver has spent what should go back, a steward
// first lets them go down further, and that stands in the record, too.
func (b Books) reversed(n record.Entry, d Reversed) (effect, error) {
	p, ok := b.Posting(d.Entry)
	_, already := b.ReversedBy(d.Entry)
	switch {
	case !ok:
		return effect{}, missing()
	case already:
		return effect{}, fault.New(fault.Conflict, "ledger.reversed-already")
	case slices.ContainsFunc(p.Legs, func(l Leg) bool { return l.Account.Letter() == line }):
		return effect{}, fault.New(fault.Invalid, "ledger.line-entry-stays") // half of it is in another hub's books
	case p.Reverses():
		return effect{}, fault.New(fault.Invalid, "ledger.reversal-stays")
	case n.Event.Body == "":
		return effect{}, malformed() // without a reason
	}
	e := effect{of: &d.Entry, undoes: true, rows: []row{{"reversed", record.Num(d.Entry), record.Num(n.Index)}}}
	for _, l := range p.Legs {
		e.legs = append(e.legs, Leg{l.Account, l.Unit, -l.Amount})
	}
	if p.Kind == PaidKind && p.Of != nil {
		return b.unpaid(e, *p.Of)
	}
	return e, nil
}
