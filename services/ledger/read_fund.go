package ledger

import (
	"cmp"
	"math"
	"slices"

	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// FundUnit is what the fund has in one unit, and how it came and went.
type FundUnit struct {
	Unit     money.Unit   `json:"unit"`
	Holds    money.Amount `json:"holds"`
	Promised money.Amount `json:"promised"` // by pledges that are open
	Asked    money.Amount `json:"asked"`    // by expenses that are open
	Balance  Course       `json:"balance"`
	Flow     Course       `json:"flow"`
	Purposes Course       `json:"purposes"`
}

// fundUnits has one for each unit of which there is a pot.
func (l sight) fundUnits() []FundUnit {
	all, spans := []FundUnit{}, l.spans()
	for _, u := range l.potUnits() {
		pots := l.potsOf(u)
		one := FundUnit{Unit: u, Balance: l.course(u, spans, l.balanceRow(u, spans, pots...))}
		held := int64(0)
		for _, p := range pots {
			held += l.Totals(p, u).Balance
		}
		one.Holds, one.Promised, one.Asked = l.Amount(held, u), l.Amount(l.promised(u), u), l.Amount(l.asked(u), u)
		one.Flow = l.course(u, spans,
			l.flowRow("income", -1, u, spans, book.Gifts, book.InKind), l.flowRow("spending", 1, u, spans, l.spentOn()...))
		one.Purposes = l.course(u, spans, l.purposeRows(u, spans)...)
		all = append(all, one)
	}
	return all
}

func (l sight) potUnits() (all []money.Unit) {
	for _, p := range l.Places('p') {
		if !slices.Contains(all, p.Unit) {
			all = append(all, p.Unit)
		}
	}
	return all
}

func (l sight) potsOf(u money.Unit) (all []book.Account) {
	for _, p := range l.Places('p') {
		if p.Unit == u {
			all = append(all, p.Account)
		}
	}
	return all
}

func (l sight) promised(u money.Unit) (sum int64) {
	for _, p := range l.OpenPledges() {
		if place, _ := l.Place(p.Pot); place.Unit == u {
			sum += p.Amount
		}
	}
	return sum
}

func (l sight) asked(u money.Unit) (sum int64) {
	for _, x := range l.OpenExpenses() {
		if x.Unit == u {
			sum += x.Amount
		}
	}
	return sum
}

// spentOn are all purposes, also those that were shut.
func (l sight) spentOn() []book.Account {
	all := []book.Account{book.Sundries}
	for _, p := range l.Places('s') {
		all = append(all, p.Account)
	}
	return all
}

// purposeRows are the three purposes on which most was spent in these spans, and all others together: more cannot be told apart in black
// and white.
func (l sight) purposeRows(u money.Unit, spans []Span) []Row {
	all := []Row{}
	for _, a := range l.spentOn() {
		row := l.flowRow("purpose", 1, u, spans, a)
		name := l.name(a)
		row.Of = &name
		if row.sum() != 0 {
			all = append(all, row)
		}
	}
	slices.SortStableFunc(all, func(a, b Row) int { return cmp.Compare(b.sum(), a.sum()) })
	const most = 3
	if len(all) <= most+1 {
		return all
	}
	rest := Row{What: "other", Values: make([]int64, len(spans))}
	for _, row := range all[most:] {
		for i, v := range row.Values {
			rest.Values[i] += v
		}
	}
	return append(all[:most], rest)
}

func (r Row) sum() (sum int64) {
	for _, v := range r.Values {
		sum += v
	}
	return sum
}

// fundItems are the last entries that moved something in a pot.
func (l sight) fundItems(most int) []Item {
	var indexes []uint64
	for _, p := range l.Places('p') {
		found := 0
		for line := range l.Statement(p.Account, p.Unit, math.MaxUint64) {
			if found++; found > most {
				break
			}
			indexes = append(indexes, line.Index)
		}
	}
	slices.Sort(indexes)
	indexes = slices.Compact(indexes)
	slices.Reverse(indexes)
	items := []Item{}
	for _, index := range indexes[:min(most, len(indexes))] {
		if p, ok := l.Posting(index); ok {
			items = append(items, l.item(p))
		}
	}
	return items
}
