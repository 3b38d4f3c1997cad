package book

import (
	"iter"
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

// paper lies over a shelf: what is written on it hides what is below, and is thrown away.
type paper struct {
	below   Shelf
	written tables // a nil value is a deleted row
}

// OnPaper gives books on which events can be tried: those below do not change, and may be read-only. Lists show what is below.
func OnPaper(below Shelf) Books { return On(paper{below, tables{}}) }

func (p paper) Get(table string, key []byte) []byte {
	if value, written := p.written[table][string(key)]; written {
		return *value
	}
	return p.below.Get(table, key)
}

func (p paper) Put(table string, key, value []byte) error {
	p.written.put(table, key, value)
	return nil
}

func (p paper) Delete(table string, key []byte) error {
	p.written.put(table, key, nil)
	return nil
}

func (p paper) From(table string, key []byte) iter.Seq2[[]byte, []byte] {
	return p.below.From(table, key)
}

func (p paper) Back(table string, below []byte) iter.Seq2[[]byte, []byte] {
	return p.below.Back(table, below)
}
