package book

import (
	"maps"
	"slices"
	"strings"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Period is a closed stretch of the record. It is told by indexes, not by dates: what comes later can never fall into it, whatever day it
// says it happened on. That is why an export of it is the same for ever.
type Period struct {
	Code  string `json:"code"`  // "2026-03", or what else a block calls it: lower case, digits, hyphens
	First uint64 `json:"first"` // first index that can belong to it
	Last  uint64 `json:"last"`  // index of the event that closed it
	At    int64  `json:"at"`    // milliseconds since 1970
}

// Periods is how many have been closed. They are numbered from 1 on.
func (b Books) Periods() uint64 {
	n, _ := load[uint64](b, "opened", []byte("period"))
	return n
}

// Period finds a closed period by its number.
func (b Books) Period(number uint64) (Period, bool) {
	return load[Period](b, "period", record.Num(number))
}

// PeriodNamed finds a closed period by its code.
func (b Books) PeriodNamed(code string) (p Period, ok bool) {
	number, ok := load[uint64](b, "period-code", []byte(code))
	if !ok {
		return p, false
	}
	return b.Period(number)
}

const maxPeriod = 20 // bytes of a code

func (b Books) closed(n record.Entry, d Closed) (effect, error) {
	if d.Period == "" || len(d.Period) > maxPeriod || strings.Trim(d.Period, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return effect{}, fault.New(fault.Invalid, "ledger.period-form").On("period")
	}
	if _, taken := b.PeriodNamed(d.Period); taken {
		return effect{}, fault.New(fault.Conflict, "ledger.period-taken", d.Period).On("period")
	}
	number := b.Periods() + 1
	p := Period{Code: d.Period, Last: n.Index, At: n.At.UnixMilli()}
	if before, ok := b.Period(number - 1); ok {
		p.First = before.Last + 1
	}
	return effect{rows: []row{
		put("period", record.Num(number), p), put("period-code", []byte(d.Period), number), put("opened", []byte("period"), number),
	}}, nil
}

// carried brings in the balances of earlier books. They may be of any account that is there, in units whose decimals are settled: the file of
// a closed period must not say something else once a unit is admitted.
func (b Books) carried(n record.Entry, d Carried) (effect, error) {
	sums := map[money.Unit]int64{}
	for _, l := range d.Legs {
		sum, ok := money.Add(sums[l.Unit], l.Amount)
		if !ok || !l.Unit.Valid() || l.Account == Openings || !b.there(l.Account) || max(l.Amount, -l.Amount) > money.Most {
			return effect{}, malformed()
		}
		if !b.counted(l.Unit) {
			return effect{}, noSuchUnit(l.Unit)
		}
		sums[l.Unit] = sum
	}
	legs := slices.Clone(d.Legs)
	for _, u := range slices.Sorted(maps.Keys(sums)) {
		if sums[u] != 0 {
			legs = append(legs, Leg{Openings, u, -sums[u]})
		}
	}
	if len(legs) == 0 {
		return effect{}, malformed()
	}
	return effect{legs: legs}, nil
}

// counted tells whether it is settled how amounts of a unit are written.
func (b Books) counted(u money.Unit) bool {
	_, currency := u.Currency()
	_, admitted := b.Admitted(u)
	return currency || admitted
}

// there tells whether an account can be posted to. Households are not in our tables: whether one exists is asked before the record.
func (b Books) there(a Account) bool {
	switch a.Letter() {
	case household:
		return true
	case gift, named, purpose:
		if a.Number() <= preset(a.Letter()) {
			return true
		}
	case 0, line:
		return false
	}
	_, opened := b.Place(a)
	return opened
}
