package book

import (
	"iter"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Payment is one of ours to a household of another hub.
type Payment struct {
	Sent
	Index    uint64    `json:"index"`
	Leaf     string    `json:"leaf"` // which both hubs call it by
	By       string    `json:"by"`
	State    string    `json:"state"` // OnTheWay, Arrived, GivenBack
	Recalled bool      `json:"recalled,omitempty"`
	Answer   *Citation `json:"answer,omitempty"`
	Finished *uint64   `json:"finished,omitempty"`
}

// States of a payment to another hub.
const (
	OnTheWay  = "way"
	Arrived   = "arrived"
	GivenBack = "back"
)

// Payment finds a payment of ours by the index of its event.
func (b Books) Payment(index uint64) (Payment, bool) {
	return load[Payment](b, "sent", record.Num(index))
}

// PaymentOf finds a payment of ours by the leaf hash of its event, hexadecimal.
func (b Books) PaymentOf(leaf string) (Payment, bool) {
	index := b.shelf.Get("sent-leaf", []byte(leaf))
	if index == nil {
		return Payment{}, false
	}
	return b.Payment(record.ParseNum(index))
}

// OnTheWay lists the payments of ours that wait for an answer, oldest first.
func (b Books) OnTheWay() []Payment { return waiting(b, 't', b.Payment) }

// PaymentsBack yields the payments of ours below an index, newest first.
func (b Books) PaymentsBack(below uint64) iter.Seq[Payment] {
	return func(yield func(Payment) bool) {
		for k := range b.shelf.Back("sent", record.Num(below)) {
			if p, ok := b.Payment(record.ParseNum(k)); ok && !yield(p) {
				return
			}
		}
	}
}

// Answer is what we said to a payment of another hub's household.
type Answer struct {
	Index uint64 `json:"index"`
	Why   string `json:"why,omitempty"` // code; "" if we received it
}

// AnswerTo finds our answer to a payment.
func (b Books) AnswerTo(c Citation) (Answer, bool) { return load[Answer](b, "answer", c.Key()) }

// sent holds the amount. Whether the household over there exists is for its hub to say.
func (b Books) sent(n record.Entry, d Sent) (effect, error) {
	if !other(n, d.Hub) || n.For != string(d.From) {
		return effect{}, malformed()
	}
	if err := b.acrossHubs(d.From, d.To, d); err != nil {
		return effect{}, err
	}
	l, err := b.openLine(d.Hub, d.Unit)
	if err != nil {
		return effect{}, err
	}
	if err := b.MayOwe(l, d.Amount, l.Theirs); err != nil {
		return effect{}, err
	}
	before, after, rows := b.shifted(shift{line: l, away: d.Amount})
	if limit := b.Cap(d.Unit).Imports; limit >= 0 && after.Owing > limit && after.Owing > before.Owing {
		return effect{}, fault.New(fault.Conflict, "ledger.line-imports", b.Amount(limit, d.Unit)).On("amount")
	}
	p := Payment{Sent: d, Index: n.Index, Leaf: record.Hex(n.Leaf), By: n.By, State: OnTheWay}
	rows = append(rows, put("sent", record.Num(n.Index), p), row{"sent-leaf", []byte(p.Leaf), record.Num(n.Index)}, openRow('t', n.Index, true))
	return effect{hold: Leg{d.From, d.Unit, d.Amount}, rows: rows}, nil
}

// acrossHubs checks what a payment must be; the two accounts are of different hubs, and may have the same name.
func (b Books) acrossHubs(from, to Account, d Sent) error {
	_, admitted := b.Admitted(d.Unit)
	switch {
	case !from.Household():
		return fault.New(fault.Invalid, "ledger.no-such-account").On("from")
	case !to.Household():
		return fault.New(fault.Invalid, "ledger.no-such-account").On("to")
	case !admitted:
		return noSuchUnit(d.Unit)
	case !validDay(d.On):
		return fault.New(fault.Invalid, "ledger.day-form").On("on")
	}
	return onField(money.Valid(d.Amount), "amount")
}

// MayOwe asks whether we may owe the other hub so much more, if it lets us owe it most: what is on its way counts.
func (b Books) MayOwe(l TrustLine, amount, most int64) error {
	free := most - b.Totals(l.Account(), l.Unit).Balance - l.Way
	if amount > free {
		return fault.New(fault.Conflict, "ledger.line-out", b.Amount(max(0, free), l.Unit)).On("amount")
	}
	return nil
}

// recalled only asks: the other hub may have received the payment already, and only it can know.
func (b Books) recalled(n record.Entry, d Recalled) (effect, error) {
	p, err := b.underWay(d.Sent)
	switch {
	case err != nil:
		return effect{}, err
	case n.For != string(p.From):
		return effect{}, fault.New(fault.Denied, "ledger.not-yours")
	case p.Recalled:
		return effect{}, fault.New(fault.Conflict, "ledger.recalled-already")
	}
	p.Recalled = true
	return effect{of: &d.Sent, rows: []row{put("sent", record.Num(p.Index), p)}}, nil
}

func (b Books) underWay(index uint64) (Payment, error) {
	p, ok := b.Payment(index)
	switch {
	case !ok:
		return p, missing()
	case p.State != OnTheWay:
		return p, fault.New(fault.Gone, "ledger.payment-over")
	}
	return p, nil
}

// received takes a payment in, once. That the other hub sent it is in its record, which the citation names.
func (b Books) received(n record.Entry, d Received) (effect, error) {
	if err := b.unanswered(n, d.Payment); err != nil {
		return effect{}, err
	}
	hub := d.Payment.Origin.ID()
	if err := b.acrossHubs(d.From, d.To, Sent{Unit: d.Unit, Amount: d.Amount}); err != nil {
		return effect{}, err
	}
	l, err := b.openLine(hub, d.Unit)
	if err != nil {
		return effect{}, err
	}
	if b.Totals(l.Account(), l.Unit).Balance-d.Amount < -l.Most {
		return effect{}, fault.New(fault.Conflict, "ledger.line-in", b.Amount(l.Most, l.Unit))
	}
	before, after, rows := b.shifted(shift{line: l, balance: -d.Amount})
	if limit := b.Cap(d.Unit).Exports; limit >= 0 && after.Owed > limit && after.Owed > before.Owed {
		return effect{}, fault.New(fault.Conflict, "ledger.line-exports", b.Amount(limit, d.Unit))
	}
	return effect{
		legs: transferLegs(l.Account(), d.To, d.Unit, d.Amount),
		rows: append(rows, put("answer", d.Payment.Key(), Answer{Index: n.Index})),
	}, nil
}

func (b Books) bounced(n record.Entry, d Bounced) (effect, error) {
	if err := b.unanswered(n, d.Payment); err != nil {
		return effect{}, err
	}
	if !reason(d.Why) {
		return effect{}, malformed()
	}
	return effect{rows: []row{put("answer", d.Payment.Key(), Answer{n.Index, d.Why})}}, nil
}

// unanswered makes a payment that arrives twice pay once.
func (b Books) unanswered(n record.Entry, c Citation) error {
	if !c.valid() || !other(n, c.Origin.ID()) {
		return malformed()
	}
	if _, answered := b.AnswerTo(c); answered {
		return fault.New(fault.Conflict, "ledger.answered-already")
	}
	return nil
}

// finished moves what was held, or gives it back. Limits were asked when it was held: whatever was lowered since, the other hub has
// the payment in its books.
func (b Books) finished(_ record.Entry, d Finished) (effect, error) {
	p, err := b.underWay(d.Sent)
	if err != nil {
		return effect{}, err
	}
	l, ok := b.TrustLine(p.Hub, p.Unit)
	if !ok || !d.Answer.valid() || d.Answer.Origin.ID() != p.Hub {
		return effect{}, malformed()
	}
	p.State, p.Answer = GivenBack, &d.Answer
	move := shift{line: l, away: -p.Amount}
	e := effect{of: &d.Sent, hold: Leg{p.From, p.Unit, -p.Amount}, day: p.On, settled: true}
	if d.Received {
		p.State, move.balance = Arrived, p.Amount
		e.legs = transferLegs(p.From, l.Account(), p.Unit, p.Amount)
	}
	_, _, rows := b.shifted(move)
	e.rows = append(rows, put("sent", record.Num(p.Index), p), openRow('t', p.Index, false))
	return e, nil
}
