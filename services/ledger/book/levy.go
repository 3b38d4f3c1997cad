package book

import (
	"maps"
	"slices"
	"strings"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// levied takes a share from each household, in one entry that names them all. What each owes was worked out, and shown, before: the event
// says it, so that nobody has to trust a formula.
func (b Books) levied(n record.Entry, d Levied) (effect, error) {
	_, admitted := b.Admitted(d.Unit)
	place, opened := b.Place(d.To)
	switch {
	case !validMonth(d.Month) || len(d.Shares) == 0 || d.To != Levies && (!opened || d.To.Letter() != named || place.Shut):
		return effect{}, malformed()
	case !admitted:
		return effect{}, noSuchUnit(d.Unit)
	}
	key := []byte(d.Month + "\x00" + string(d.Unit))
	if b.shelf.Get("levy", key) != nil {
		return effect{}, fault.New(fault.Conflict, "ledger.levied-already", d.Month)
	}
	var legs []Leg
	sum, ok := int64(0), true
	for _, a := range slices.SortedFunc(maps.Keys(d.Shares), inOrder) {
		share := d.Shares[a]
		if !a.Household() || money.Valid(share) != nil || !ok {
			return effect{}, malformed()
		}
		legs = append(legs, Leg{a, d.Unit, -share})
		sum, ok = money.Add(sum, share)
	}
	legs = append(legs, Leg{d.To, d.Unit, sum})
	return effect{legs: legs, rows: []row{{"levy", key, record.Num(n.Index)}}}, nil
}

// inOrder sorts accounts as they are shown: households, the fund, the others, each as people count (h2 before h10).
func inOrder(a, b Account) int {
	const letters = "hpgsnx"
	if d := strings.IndexByte(letters, a.Letter()) - strings.IndexByte(letters, b.Letter()); d != 0 {
		return d
	}
	switch {
	case a.Number() < b.Number():
		return -1
	case a.Number() > b.Number():
		return 1
	}
	return 0
}

// LevyShares works out a levy of so much from each household, or of so many thousandths of what it has if that is positive. No share
// drives a household below its floor: what is not there is not taken.
func (b Books) LevyShares(u money.Unit, households []Account, flat, permille int64) map[Account]int64 {
	shares := map[Account]int64{}
	for _, a := range households {
		t := b.Totals(a, u)
		share := flat
		if permille > 0 && t.Balance > 0 {
			share += money.Split(t.Balance, []int64{permille, 1000 - permille})[0]
		}
		if l, limited := b.LimitOf(a, u); limited && !l.Soft && l.Down >= 0 {
			share = min(share, t.Balance-t.Held+l.Down)
		}
		if share > 0 {
			shares[a] = share
		}
	}
	return shares
}
