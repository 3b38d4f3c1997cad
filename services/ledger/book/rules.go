package book

import (
	"encoding/binary"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Rules of the block that a steward's event sets, and what they are until then. A covenant can own them later.
const (
	// RuleUnnamed is 0 to refuse gifts whose giver readers shall not know.
	RuleUnnamed = "unnamed"
)

func ruleDefaults() map[string]int64 { return map[string]int64{RuleUnnamed: 1} }

// Rule is the value of a rule that is in force.
func (b Books) Rule(name string) int64 {
	if v, ok := load[int64](b, "rule", []byte(name)); ok {
		return v
	}
	return ruleDefaults()[name]
}

func (b Books) ruled(_ record.Entry, d Ruled) (effect, error) {
	if _, known := ruleDefaults()[d.Rule]; !known || d.Value < 0 || d.Value > 1 {
		return effect{}, malformed()
	}
	return effect{rows: []row{put("rule", []byte(d.Rule), d.Value)}}, nil
}

// hours are there from the start: a block that wants nothing else need not set anything up. Twenty hours are what time banks begin with.
func hours() Admitted {
	return Admitted{Unit: money.Hour, Limit: Limit{Down: 20 * 60, Up: 20 * 60}}
}

// Admitted is how households may owe each other in a unit; false, and no sense, if they may not.
func (b Books) Admitted(u money.Unit) (Admitted, bool) {
	raw := b.shelf.Get("unit", []byte(u))
	if raw == nil {
		return hours(), u == money.Hour
	}
	r := rowReader{rest: raw}
	return Admitted{Unit: u, Decimals: int(r.varint()), Limit: r.limit()}, !r.bad
}

// bytes spell a limit. Every leg asks for one, and JSON was half the time of an audit.
func (l Limit) bytes() []byte {
	b := binary.AppendVarint(binary.AppendVarint(nil, l.Down), l.Up)
	if l.Soft {
		return append(b, 2)
	}
	return append(b, 0)
}

// limit reads what bytes wrote.
func (r *rowReader) limit() Limit { return Limit{r.varint(), r.varint(), r.varint() != 0} }

// ownLimit is the limit that was set for one household; false without one.
func (b Books) ownLimit(a Account, u money.Unit) (Limit, bool) {
	raw := b.shelf.Get("limit", balanceKey(a, u))
	r := rowReader{rest: raw}
	return r.limit(), raw != nil && !r.bad
}

// Scale is how amounts of a unit are written. A unit that nobody admitted is counted whole.
func (b Books) Scale(u money.Unit) money.Scale {
	if s, known := u.Scale(); known {
		return s
	}
	d, _ := b.Admitted(u)
	return money.Scale{Decimals: d.Decimals}
}

// admitted: the decimals of a unit are for good, or every amount before would mean something else.
func (b Books) admitted(_ record.Entry, d Admitted) (effect, error) {
	before, again := b.Admitted(d.Unit)
	decimals, currency := d.Unit.Currency()
	switch {
	case !d.Unit.Valid() || !d.Limit.valid() || d.Decimals < 0 || d.Decimals > money.MaxDecimals:
		return effect{}, malformed()
	case again && before.Decimals != d.Decimals || currency && decimals != d.Decimals:
		return effect{}, fault.New(fault.Invalid, "ledger.decimals-fixed", string(d.Unit)).On("decimals")
	}
	return effect{rows: []row{{"unit", []byte(d.Unit), append(binary.AppendVarint(nil, int64(d.Decimals)), d.Limit.bytes()...)}}}, nil
}

func (b Books) limited(_ record.Entry, d Limited) (effect, error) {
	if !d.Account.Household() || !d.Limit.valid() {
		return effect{}, malformed()
	}
	if _, ok := b.Admitted(d.Unit); !ok {
		return effect{}, noSuchUnit(d.Unit)
	}
	return effect{rows: []row{{"limit", balanceKey(d.Account, d.Unit), d.Limit.bytes()}}}, nil
}

func noSuchUnit(u money.Unit) error {
	return fault.New(fault.Invalid, "ledger.unit-unknown", string(u)).On("unit")
}

// validDay tells whether s is a day, or not said.
func validDay(s string) bool {
	if s == "" {
		return true
	}
	t, err := time.Parse(dayForm, s)
	return err == nil && t.Format(dayForm) == s
}

func validMonth(s string) bool {
	t, err := time.Parse(monthForm, s)
	return err == nil && t.Format(monthForm) == s
}
