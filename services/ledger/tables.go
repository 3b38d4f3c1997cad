package ledger

import (
	"errors"
	"iter"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// shelf lets the books stand in the tables of the view. Tables are opened once: a transfer reads and writes each several times.
type shelf struct {
	view   record.View
	edit   *record.Edit // nil in a transaction that only reads
	read   map[string]record.Table
	edited map[string]record.Writable
}

// booksOf are the books as they are in this transaction. They cannot be written to.
func booksOf(v record.View) book.Books { return book.On(reading(v)) }

func reading(v record.View) *shelf { return &shelf{view: v, read: map[string]record.Table{}} }

func writing(e record.Edit) *shelf {
	return &shelf{view: e.View, edit: &e, edited: map[string]record.Writable{}}
}

var errReadOnly = errors.New("the books are open for reading only")

func (s *shelf) table(name string) record.Table {
	if s.edit != nil {
		return s.own(name).Table
	}
	t, known := s.read[name]
	if !known {
		t = s.view.Table(service, name)
		s.read[name] = t
	}
	return t
}

func (s *shelf) own(name string) record.Writable {
	w, known := s.edited[name]
	if !known {
		w = s.edit.Own(name)
		s.edited[name] = w
	}
	return w
}

func (s *shelf) Get(table string, key []byte) []byte { return s.table(table).Get(key) }

func (s *shelf) Put(table string, key, value []byte) error {
	if s.edit == nil {
		return errReadOnly
	}
	return s.own(table).Put(key, value)
}

func (s *shelf) Delete(table string, key []byte) error {
	if s.edit == nil {
		return errReadOnly
	}
	return s.own(table).Delete(key)
}

func (s *shelf) From(table string, key []byte) iter.Seq2[[]byte, []byte] {
	return s.table(table).From(key)
}

func (s *shelf) Back(table string, below []byte) iter.Seq2[[]byte, []byte] {
	return s.table(table).Back(below)
}
