package book

import (
	"bytes"
	"encoding/binary"
	"time"

	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// carry checks the legs and writes; a fault comes before the first write.
func (b Books) carry(n *record.Entry, e *effect) error {
	var sums []Totals
	if len(e.legs) > 0 {
		var err error
		if sums, err = b.moveAll(e, make([]Totals, 0, 2)); err != nil {
			return err
		}
	} else if e.hold.Account != "" {
		r, err := b.held(e.hold)
		if err != nil {
			return err
		}
		e.rows = append(e.rows, r)
	}
	if n.Event.Body != "" {
		e.rows = append(e.rows, row{"words", record.Num(n.Index), bytes.Clone(n.Leaf[:])}) // a copy, or every event would be garbage
	}
	for _, r := range e.rows {
		if err := b.write(r); err != nil {
			return err
		}
	}
	if len(sums) == 0 {
		return nil
	}
	return b.post(n, e, sums)
}

func (b Books) write(r row) error {
	if r.value == nil {
		return b.shelf.Delete(r.table, r.key)
	}
	return b.shelf.Put(r.table, r.key, r.value)
}

// moveAll appends what each leg makes of its account's totals.
func (b Books) moveAll(e *effect, sums []Totals) ([]Totals, error) {
	if err := balanced(e.legs); err != nil {
		return nil, err
	}
	for _, l := range e.legs {
		t, err := b.move(l, e)
		if err != nil {
			return nil, err
		}
		sums = append(sums, t)
	}
	return sums, nil
}

// post writes a posting: journal, balances, statements, and the first posting of a month. There are so many that it makes no rows of them first.
func (b Books) post(n *record.Entry, e *effect, sums []Totals) error {
	p := Posting{Index: n.Index, Kind: n.Kind, At: n.At, Day: e.day, By: n.By, For: n.For, Of: e.of, Legs: e.legs}
	if b.sums != nil {
		b.sums.post(p)
	} else if err := b.shelf.Put("journal", record.Num(p.Index), p.bytes()); err != nil {
		return err
	}
	for i, l := range p.Legs {
		if err := b.line(p.Index, l, sums[i]); err != nil {
			return err
		}
	}
	if month := monthKey(p.At); b.shelf.Get("month", month) == nil {
		return b.shelf.Put("month", month, record.Num(p.Index))
	}
	return nil
}

// monthKey spells an instant's month in monthForm. The record keeps years of four digits.
func monthKey(t time.Time) []byte {
	y, m, _ := t.UTC().Date()
	key := []byte("0000-00")
	for i, n := range [...]int{y / 1000, y / 100, y / 10, y} {
		key[i] += byte(n % 10)
	}
	key[5] += byte(m / 10)
	key[6] += byte(m % 10)
	return key
}

// line writes an account's new totals and the line of its statement.
func (b Books) line(index uint64, l Leg, t Totals) error {
	if b.sums != nil {
		b.sums.setTotals(l.Account, l.Unit, t)
		if !b.sums.keeps("statement") {
			return nil
		}
	}
	key := lineKey(l.Account, l.Unit, index)
	if b.sums == nil {
		balance := key[: len(key)-9 : len(key)-9] // the same without the index
		if err := b.shelf.Put("balance", balance, t.bytes()); err != nil {
			return err
		}
	}
	return b.shelf.Put("statement", key, binary.AppendVarint(binary.AppendVarint(nil, l.Amount), t.Balance))
}

const (
	dayForm   = time.DateOnly
	monthForm = "2006-01"
)

// balanced refuses legs that do not add up to zero in each unit, name an account twice, or move nothing. It compares all with all: nearly
// every entry has two, and the one with the most, a levy, as many as there are households.
func balanced(legs []Leg) error {
	for i, l := range legs {
		sum, whole := int64(0), true
		for j, other := range legs {
			if other.Unit != l.Unit || !whole {
				continue
			}
			sum, whole = money.Add(sum, other.Amount)
			if j < i && other.Account == l.Account {
				return malformed()
			}
		}
		if l.Amount == 0 || sum != 0 || !whole || l.Account.Letter() == 0 {
			return malformed()
		}
	}
	return nil
}
