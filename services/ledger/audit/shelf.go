package audit

import (
	"cmp"
	"slices"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// shelf is memory in which the journal is a list: entries come in the order of their indexes, one for every payment, and are hardly ever
// looked up, so that a map of them would be most of the work. It lists no entries (From and Back of the journal are empty): an auditor does
// not ask for that.
type shelf struct {
	book.Shelf
	journal []posted
}

// posted is a row of the journal.
type posted struct {
	index uint64
	value []byte
}

func (s *shelf) Put(table string, key, value []byte) error {
	if table == "journal" {
		s.journal = append(s.journal, posted{record.ParseNum(key), value})
		return nil
	}
	return s.Shelf.Put(table, key, value)
}

func (s *shelf) Get(table string, key []byte) []byte {
	if table != "journal" {
		return s.Shelf.Get(table, key)
	}
	at, found := slices.BinarySearchFunc(s.journal, record.ParseNum(key), func(p posted, index uint64) int { return cmp.Compare(p.index, index) })
	if !found {
		return nil
	}
	return s.journal[at].value
}
