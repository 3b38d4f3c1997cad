package book

import (
	"bytes"
	"iter"
	"maps"
	"slices"
)

// Shelf is where the books keep what they derive from events: tables of bytes. A hub keeps them in its view, an auditor in memory, and a
// judge tries an event out on a sheet of paper laid over them.
type Shelf interface {
	Get(table string, key []byte) []byte // nil if absent; valid until the next change
	Put(table string, key, value []byte) error
	Delete(table string, key []byte) error
	// From yields all rows that are not below key, ascending; Back those below it, descending, nil from the end.
	From(table string, key []byte) iter.Seq2[[]byte, []byte]
	Back(table string, below []byte) iter.Seq2[[]byte, []byte]
}

// memory is a shelf of maps. Values lie behind pointers, so that a balance that changes for every payment makes no new key.
type memory map[string]map[string]*[]byte

// NewMemory makes an empty shelf that is kept nowhere. Tables that are left out stay empty: whoever reads no statements need not keep
// two lines for every payment.
func NewMemory(without ...string) Shelf {
	m := memory{}
	for _, table := range without {
		m[table] = nil
	}
	return m
}

func (m memory) Get(table string, key []byte) []byte {
	if value := m[table][string(key)]; value != nil {
		return *value
	}
	return nil
}

func (m memory) Put(table string, key, value []byte) error {
	t, known := m[table]
	if known && t == nil {
		return nil // left out
	}
	if before := t[string(key)]; before != nil {
		*before = value
		return nil
	}
	if t == nil {
		t = map[string]*[]byte{}
		m[table] = t
	}
	kept := value
	t[string(key)] = &kept
	return nil
}

func (m memory) Delete(table string, key []byte) error {
	delete(m[table], string(key))
	return nil
}

func (m memory) From(table string, key []byte) iter.Seq2[[]byte, []byte] {
	return m.rows(table, slices.Sorted(maps.Keys(m[table])), func(k []byte) bool { return bytes.Compare(k, key) >= 0 })
}

func (m memory) Back(table string, below []byte) iter.Seq2[[]byte, []byte] {
	keys := slices.Sorted(maps.Keys(m[table]))
	slices.Reverse(keys)
	return m.rows(table, keys, func(k []byte) bool { return below == nil || bytes.Compare(k, below) < 0 })
}

// rows sorts at every call: an auditor lists each table once, at the end.
func (m memory) rows(table string, keys []string, wanted func([]byte) bool) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		for _, k := range keys {
			if wanted([]byte(k)) && !yield([]byte(k), *m[table][k]) {
				return
			}
		}
	}
}

// paper lies over a shelf: what is written on it hides what is below, and is thrown away.
type paper struct {
	below   Shelf
	written memory // a nil value is a deleted row
}

// OnPaper gives books on which events can be tried: those below do not change, and may be read-only. Lists show what is below.
func OnPaper(below Shelf) Books { return Books{paper{below, memory{}}} }

func (p paper) Get(table string, key []byte) []byte {
	if value, written := p.written[table][string(key)]; written {
		return *value
	}
	return p.below.Get(table, key)
}

func (p paper) Put(table string, key, value []byte) error { return p.written.Put(table, key, value) }

func (p paper) Delete(table string, key []byte) error { return p.written.Put(table, key, nil) }

func (p paper) From(table string, key []byte) iter.Seq2[[]byte, []byte] {
	return p.below.From(table, key)
}

func (p paper) Back(table string, below []byte) iter.Seq2[[]byte, []byte] {
	return p.below.Back(table, below)
}
