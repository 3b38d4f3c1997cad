package book

import (
	"bytes"
	"iter"
	"maps"
	"slices"

	"commonhub/services/ledger/money"
)

// summing is a shelf that keeps totals, and limits once they were worked out, as numbers. To spell and read them was half of what a payment
// costs in memory.
type summing interface {
	totals(a Account, u money.Unit) Totals
	setTotals(a Account, u money.Unit, t Totals)
	post(p Posting)
	limit(a Account, u money.Unit, work func(Account, money.Unit) (Limit, bool)) (Limit, bool)
	keeps(table string) bool // false for one that stays empty
}

// tables are rows in maps. Values lie behind pointers, so that a row that changes for every payment makes no new key.
type tables map[string]map[string]*[]byte

func (t tables) put(table string, key, value []byte) {
	rows := t[table]
	if before := rows[string(key)]; before != nil {
		*before = value
		return
	}
	if rows == nil {
		rows = map[string]*[]byte{}
		t[table] = rows
	}
	kept := value
	rows[string(key)] = &kept
}

// Memory is a shelf that is kept nowhere. Entries of the record must come in their order.
type Memory struct {
	tables
	without []string
	journal journal            // the table of that name
	sums    map[string]*Totals // the table of balances
	limits  map[string]limit   // worked out since a table was changed that they depend on
}

// limit is an account's in a unit, if it has one.
type limit struct {
	Limit
	is bool
}

// NewMemory makes an empty one. Tables that are left out stay empty: whoever reads no statements need not keep two lines for every payment.
func NewMemory(without ...string) *Memory {
	return &Memory{tables: tables{}, without: without, sums: map[string]*Totals{}, limits: map[string]limit{}}
}

// Postings is how many the journal has.
func (m *Memory) Postings() int { return len(m.journal.entries) }

func (m *Memory) post(p Posting) { m.journal.add(p) }

func (m *Memory) keeps(table string) bool { return !slices.Contains(m.without, table) }

func (m *Memory) totals(a Account, u money.Unit) Totals {
	if t := m.sums[string(appendBalanceKey(make([]byte, 0, 64), a, u))]; t != nil {
		return *t
	}
	return Totals{}
}

func (m *Memory) setTotals(a Account, u money.Unit, t Totals) {
	key := appendBalanceKey(make([]byte, 0, 64), a, u)
	if before := m.sums[string(key)]; before != nil {
		*before = t
		return
	}
	kept := t // the parameter itself would be garbage at every call
	m.sums[string(key)] = &kept
}

func (m *Memory) limit(a Account, u money.Unit, work func(Account, money.Unit) (Limit, bool)) (Limit, bool) {
	key := appendBalanceKey(make([]byte, 0, 64), a, u)
	l, known := m.limits[string(key)]
	if !known {
		l.Limit, l.is = work(a, u)
		m.limits[string(key)] = l
	}
	return l.Limit, l.is
}

// forget drops the limits if one may be another after a change of a table: see Books.LimitOf.
func (m *Memory) forget(table string) {
	if table == "limit" || table == "unit" || table == "line" {
		clear(m.limits)
	}
}

func (m *Memory) Get(table string, key []byte) []byte {
	switch table {
	case "balance":
		return m.spelled(string(key))
	case "journal":
		return m.journal.get(key)
	}
	if value := m.tables[table][string(key)]; value != nil {
		return *value
	}
	return nil
}

// spelled is a row of the table of balances.
func (m *Memory) spelled(key string) []byte {
	if t := m.sums[key]; t != nil {
		return t.bytes()
	}
	return nil
}

func (m *Memory) Put(table string, key, value []byte) error {
	m.forget(table)
	switch {
	case table == "balance":
		t := parseTotals(value)
		m.sums[string(key)] = &t
	case table == "journal":
		m.journal.put(key, value)
	case m.keeps(table):
		m.put(table, key, value)
	}
	return nil
}

func (m *Memory) Delete(table string, key []byte) error {
	m.forget(table)
	delete(m.tables[table], string(key))
	return nil
}

func (m *Memory) From(table string, key []byte) iter.Seq2[[]byte, []byte] {
	return m.rows(table, m.keys(table), func(k []byte) bool { return bytes.Compare(k, key) >= 0 })
}

func (m *Memory) Back(table string, below []byte) iter.Seq2[[]byte, []byte] {
	keys := m.keys(table)
	slices.Reverse(keys)
	return m.rows(table, keys, func(k []byte) bool { return below == nil || bytes.Compare(k, below) < 0 })
}

// keys sorts at every call: an auditor lists each table once, at the end.
func (m *Memory) keys(table string) []string {
	switch table {
	case "balance":
		return slices.Sorted(maps.Keys(m.sums))
	case "journal":
		return m.journal.keys()
	}
	return slices.Sorted(maps.Keys(m.tables[table]))
}

func (m *Memory) rows(table string, keys []string, wanted func([]byte) bool) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		for _, k := range keys {
			if key := []byte(k); wanted(key) && !yield(key, m.Get(table, key)) {
				return
			}
		}
	}
}
