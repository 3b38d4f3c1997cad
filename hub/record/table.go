package record

import (
	"bytes"
	"encoding/json"
	"iter"

	"go.etcd.io/bbolt"
)

// Table is one sorted map of bytes.
type Table struct{ b *bbolt.Bucket }

func table(tx *bbolt.Tx, top []byte, service, name string) Table {
	b := tx.Bucket(top)
	for _, part := range []string{service, name} {
		if b == nil {
			return Table{}
		}
		b = b.Bucket([]byte(part))
	}
	return Table{b}
}

// Get is the value of a key, nil if it is absent.
func (t Table) Get(key []byte) []byte {
	if t.b == nil {
		return nil
	}
	return t.b.Get(key)
}

// Prefix yields all keys that begin with p, ascending.
func (t Table) Prefix(p []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		for k, v := range t.From(p) {
			if !bytes.HasPrefix(k, p) || !yield(k, v) {
				return
			}
		}
	}
}

// From yields all keys that are not below key, ascending.
func (t Table) From(key []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		if t.b == nil {
			return
		}
		c := t.b.Cursor()
		for k, v := c.Seek(key); k != nil && yield(k, v); k, v = c.Next() {
		}
	}
}

// Back yields all keys below the given one, descending; nil begins at the end.
func (t Table) Back(below []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		if t.b == nil {
			return
		}
		c := t.b.Cursor()
		k, v := c.Last()
		if below != nil {
			if at, _ := c.Seek(below); at != nil {
				k, v = c.Prev()
			} else {
				k, v = c.Last()
			}
		}
		for ; k != nil && yield(k, v); k, v = c.Prev() {
		}
	}
}

// Writable is a table that its owner may change.
type Writable struct{ Table }

// Put sets a key.
func (w Writable) Put(key, value []byte) error { return w.b.Put(key, value) }

// Delete takes a key away; an absent one is no error.
func (w Writable) Delete(key []byte) error { return w.b.Delete(key) }

// Load reads a JSON value; false if the key is absent or holds something else.
func Load[T any](t Table, key []byte) (v T, ok bool) {
	raw := t.Get(key)
	return v, raw != nil && json.Unmarshal(raw, &v) == nil
}

// Save writes a JSON value.
func Save(w Writable, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.Put(key, raw)
}

// Edit is what Apply and Words work with: a View, and the service's own tables to write.
type Edit struct {
	View
	service string
	failed  *error // the first failure of making a table, which ends the batch
}

// Own opens one of the service's own tables for writing, and makes it on first use.
func (e Edit) Own(name string) Writable {
	b, err := makeTable(e.tx, viewBucket, e.service, name)
	if err != nil && *e.failed == nil {
		*e.failed = err
	}
	return Writable{Table{b}}
}

func makeTable(tx *bbolt.Tx, top []byte, service, name string) (*bbolt.Bucket, error) {
	b, err := tx.CreateBucketIfNotExists(top)
	for _, part := range []string{service, name} {
		if err != nil {
			return nil, err
		}
		b, err = b.CreateBucketIfNotExists([]byte(part))
	}
	return b, err
}
