package book

import (
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Pledge is what a household promised to a pot. It is no entry: the fund has it when it comes.
type Pledge struct {
	Pledged
	Index uint64  `json:"index"`
	By    string  `json:"by"`
	For   string  `json:"for"`
	State string  `json:"state"` // Open, Kept, Declined (taken back)
	Kept  *uint64 `json:"kept,omitempty"`
}

// Pledge finds a pledge by the index of its event.
func (b Books) Pledge(index uint64) (Pledge, bool) {
	return load[Pledge](b, "pledge", record.Num(index))
}

func (b Books) pledged(n record.Entry, d Pledged) (effect, error) {
	if _, err := b.open(d.Pot, "pot"); err != nil {
		return effect{}, err
	}
	if err := money.Valid(d.Amount); err != nil || n.For == "" {
		return effect{}, onField(err, "amount")
	}
	if err := b.crowded('p', n.For); err != nil {
		return effect{}, err
	}
	p := Pledge{Pledged: d, Index: n.Index, By: n.By, For: n.For, State: Open}
	return effect{rows: append(b.listed('p', n.For, n.Index, true), put("pledge", record.Num(n.Index), p))}, nil
}

func (b Books) unpledged(n record.Entry, d OfPledge) (effect, error) {
	p, err := b.pledgeOpen(d.Pledge)
	if err != nil {
		return effect{}, err
	}
	if n.For != p.For {
		return effect{}, fault.New(fault.Denied, "ledger.not-yours")
	}
	p.State = Declined
	return effect{rows: append(b.listed('p', p.For, p.Index, false), put("pledge", record.Num(p.Index), p))}, nil
}

func (b Books) pledgeOpen(index uint64) (Pledge, error) {
	p, ok := b.Pledge(index)
	if !ok {
		return p, missing()
	}
	if p.State != Open {
		return p, fault.New(fault.Gone, "ledger.pledge-over")
	}
	return p, nil
}

// contributed: whoever takes the money writes it down. An unnamed giver is in the body, for stewards.
func (b Books) contributed(n record.Entry, d Contributed) (effect, error) {
	place, err := b.open(d.Pot, "pot")
	if err != nil {
		return effect{}, err
	}
	if err := onField(money.Valid(d.Amount), "amount"); err != nil {
		return effect{}, err
	}
	switch {
	case !validDay(d.On):
		return effect{}, fault.New(fault.Invalid, "ledger.day-form").On("on")
	case n.For == "" && n.Event.Body == "":
		return effect{}, malformed()
	case n.For == "" && b.Rule(RuleUnnamed) == 0:
		return effect{}, fault.New(fault.Invalid, "ledger.unnamed-refused").On("giver")
	}
	from := Gifts
	if place.InKind {
		from = InKind
	}
	e := effect{legs: transferLegs(from, d.Pot, place.Unit, d.Amount), of: d.Pledge, day: d.On}
	if d.Pledge == nil {
		return e, nil
	}
	return b.keep(n, d, e)
}

// keep marks the pledge that a contribution fulfils. More or less than was promised is fine: it came.
func (b Books) keep(n record.Entry, d Contributed, e effect) (effect, error) {
	p, err := b.pledgeOpen(*d.Pledge)
	if err != nil {
		return e, err
	}
	if p.Pot != d.Pot || n.For != "" && n.For != p.For {
		return e, fault.New(fault.Invalid, "ledger.pledge-other").On("pledge")
	}
	p.State, p.Kept = Kept, &n.Index
	e.rows = append(b.listed('p', p.For, p.Index, false), put("pledge", record.Num(p.Index), p))
	return e, nil
}

func (b Books) moved(_ record.Entry, d Moved) (effect, error) {
	from, err := b.open(d.From, "from")
	if err != nil {
		return effect{}, err
	}
	to, err := b.open(d.To, "to")
	if err != nil {
		return effect{}, err
	}
	if from.Unit != to.Unit || from.InKind != to.InKind || d.From == d.To {
		return effect{}, fault.New(fault.Invalid, "ledger.pots-differ").On("to")
	}
	if err := onField(money.Valid(d.Amount), "amount"); err != nil {
		return effect{}, err
	}
	return effect{legs: transferLegs(d.From, d.To, from.Unit, d.Amount)}, nil
}
