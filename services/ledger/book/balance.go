package book

import (
	"encoding/binary"

	"commonhub/hub/fault"
	"commonhub/services/ledger/money"
)

// Totals are kept for every account and unit that something was posted to, so that nothing is ever summed up to show a balance.
type Totals struct {
	Balance  int64  `json:"balance"`
	Held     int64  `json:"held,omitempty"` // of the balance, promised to a payment that is on its way; never negative
	Given    int64  `json:"given"`          // sum of all that went out and was not reversed, as a positive number
	Received int64  `json:"received"`       // sum of all that came in and was not reversed
	Entries  uint64 `json:"entries"`
}

func balanceKey(a Account, u money.Unit) []byte {
	return appendBalanceKey(make([]byte, 0, len(a)+len(u)+1), a, u)
}

func appendBalanceKey(key []byte, a Account, u money.Unit) []byte {
	return append(append(append(key, a...), 0), u...)
}

func lineKey(a Account, u money.Unit, index uint64) []byte {
	key := make([]byte, 0, len(a)+len(u)+10)
	key = append(append(append(append(key, a...), 0), u...), 0)
	return binary.BigEndian.AppendUint64(key, index) // as record.Num spells it
}

func (t Totals) bytes() []byte {
	b := make([]byte, 0, 32)
	for _, n := range []int64{t.Balance, t.Held, t.Given, t.Received} {
		b = binary.AppendVarint(b, n)
	}
	return binary.AppendUvarint(b, t.Entries)
}

func parseTotals(raw []byte) Totals {
	r := rowReader{rest: raw}
	return Totals{r.varint(), r.varint(), r.varint(), r.varint(), r.uvarint()}
}

// Totals of an account in a unit; zero if nothing was ever posted to it.
func (b Books) Totals(a Account, u money.Unit) Totals {
	if b.sums != nil {
		return b.sums.totals(a, u)
	}
	raw := b.shelf.Get("balance", balanceKey(a, u))
	if raw == nil {
		return Totals{}
	}
	return parseTotals(raw)
}

// move is what a leg makes of its account's totals, within the account's limit. Only the way in which it moves is asked: an account
// below its floor may receive, and one above its ceiling may give.
func (b Books) move(l Leg, e *effect) (Totals, error) {
	t := b.Totals(l.Account, l.Unit)
	if l.Account == e.hold.Account && l.Unit == e.hold.Unit {
		t.Held += e.hold.Amount
	}
	sum, ok := money.Add(t.Balance, l.Amount)
	side, gain := &t.Received, l.Amount
	if (l.Amount < 0) != e.undoes {
		side, gain = &t.Given, -l.Amount
	}
	total, fits := money.Add(*side, gain)
	if !ok || !fits {
		return t, fault.New(fault.Invalid, "ledger.amount-huge")
	}
	t.Balance, *side = sum, total
	t.Entries++
	if e.settled {
		return t, nil
	}
	return t, b.within(l, t)
}

// held holds an amount on an account, or lets it go, without moving anything. What is held must be there to be spent.
func (b Books) held(l Leg) (row, error) {
	t := b.Totals(l.Account, l.Unit)
	sum, ok := money.Add(t.Held, l.Amount)
	limit, limited := b.LimitOf(l.Account, l.Unit)
	free := max(0, t.Balance-t.Held+limit.Down)
	t.Held = sum
	switch {
	case !ok || sum < 0:
		return row{}, fault.New(fault.Invalid, "ledger.amount-huge")
	case l.Amount > 0 && limited && !limit.Soft && limit.below(t):
		return row{}, fault.New(fault.Conflict, "ledger.below-floor", l.Account.Code(), b.Amount(limit.Down, l.Unit), b.Amount(free, l.Unit))
	}
	return row{"balance", balanceKey(l.Account, l.Unit), t.bytes()}, nil
}

// within refuses what goes beyond a hard limit. What is held counts as gone.
func (b Books) within(l Leg, t Totals) error {
	limit, limited := b.LimitOf(l.Account, l.Unit)
	if !limited || limit.Soft {
		return nil
	}
	switch {
	case l.Amount < 0 && limit.below(t):
		if l.Account.Pot() {
			return fault.New(fault.Conflict, "ledger.pot-empty", l.Account.Code(), b.Amount(max(0, t.Balance-l.Amount), l.Unit))
		}
		free := max(0, t.Balance-l.Amount-t.Held+limit.Down)
		return fault.New(fault.Conflict, "ledger.below-floor", l.Account.Code(), b.Amount(limit.Down, l.Unit), b.Amount(free, l.Unit))
	case l.Amount > 0 && limit.above(t):
		free := max(0, limit.Up-t.Balance+l.Amount)
		return fault.New(fault.Conflict, "ledger.above-ceiling", l.Account.Code(), b.Amount(limit.Up, l.Unit), b.Amount(free, l.Unit))
	}
	return nil
}

func (l Limit) below(t Totals) bool { return l.Down >= 0 && t.Balance-t.Held < -l.Down }

func (l Limit) above(t Totals) bool { return l.Up >= 0 && t.Balance > l.Up }

// Beyond tells whether totals are outside a limit, which a soft one allows and a lowered one may leave behind.
func (l Limit) Beyond(t Totals) bool { return l.below(t) || l.above(t) }

// LimitOf is how far an account may go in a unit: a household's own limit or the unit's, nothing below zero for a pot, and what we let
// another hub owe for a line. False means that it has none.
func (b Books) LimitOf(a Account, u money.Unit) (Limit, bool) {
	if b.sums != nil {
		return b.sums.limit(a, u, b.limitOf)
	}
	return b.limitOf(a, u)
}

func (b Books) limitOf(a Account, u money.Unit) (Limit, bool) {
	switch a.Letter() {
	case pot:
		return Limit{Down: 0, Up: -1}, true
	case household:
		if l, own := b.ownLimit(a, u); own {
			return l, true
		}
		d, admitted := b.Admitted(u)
		return d.Limit, admitted
	case line:
		o, _ := a.Line()
		l, open := b.TrustLine(o.ID(), u)
		return Limit{Down: l.Most, Up: -1}, open
	}
	return Limit{}, false
}

// Amount dresses an amount for a sentence.
func (b Books) Amount(minor int64, u money.Unit) money.Amount {
	return money.Amount{Minor: minor, Unit: u, Scale: b.Scale(u)}
}
