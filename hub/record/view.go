package record

import (
	"bytes"
	"encoding/json"
	"iter"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
	"commonhub/hub/fault"
)

var (
	viewBucket    = []byte("view")
	privateBucket = []byte("private")
)

// View is a read-only window on one transaction. What it returns is valid within that transaction only.
type View struct {
	tx   *bbolt.Tx
	self Origin
	now  time.Time
}

// Now is the one instant of this transaction. It never steps behind an event that we have written.
func (v View) Now() time.Time { return v.now }

// Self is our own origin.
func (v View) Self() Origin { return v.self }

// Table opens a table of a service's view; a missing one reads as empty.
func (v View) Table(service, name string) Table { return table(v.tx, viewBucket, service, name) }

// Private opens a private table: secrets, sessions, drafts, which are never events.
func (v View) Private(service, name string) Table { return table(v.tx, privateBucket, service, name) }

// Entry reads one event. Bytes that are no event come back with Raw and Ref alone.
func (v View) Entry(o Origin, index uint64) (Entry, error) {
	l, err := openLog(v.tx, o)
	if err != nil {
		return Entry{}, err
	}
	raw, err := l.entry(index)
	if err != nil {
		return Entry{}, err
	}
	return newEntry(o, index, raw), nil
}

// Entries yields an origin's events in order, from an index on.
func (v View) Entries(o Origin, from uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		l, err := openLog(v.tx, o)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for start := from - from%bundleSize; start < l.tree.size; start += bundleSize {
			raws, err := l.entries(start/bundleSize, int(min(bundleSize, l.tree.size-start)))
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for i, raw := range raws {
				index := start + uint64(i)
				if index >= from && !yield(newEntry(o, index, raw), nil) {
					return
				}
			}
		}
	}
}

func newEntry(o Origin, index uint64, raw []byte) Entry {
	e := Entry{Ref: Ref{o, index, tlog.RecordHash(raw)}, Raw: raw}
	if ev, err := ParseEvent(raw); err == nil {
		e.Event = ev
	}
	return e
}

// Body reads what the shelf has of the body that an event committed to.
func (v View) Body(o Origin, leaf Hash) body.Body { return body.Get(v.tx, body.KeyOf(string(o), leaf)) }

// Wanted lists up to limit events of an origin whose bodies were promised and are not here, in the order of their leaf hashes,
// from behind one of them on.
func (v View) Wanted(o Origin, after Hash, limit int) ([]Entry, error) {
	var wanted []Entry
	for k := range body.Wanted(v.tx, body.KeyOf(string(o), after)) {
		if len(wanted) == limit {
			break
		}
		e, err := v.Entry(o, body.Get(v.tx, k).Index)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, e)
	}
	return wanted, nil
}

// Origins lists every record that is kept here, ours included.
func (v View) Origins() []Origin {
	var origins []Origin
	if logs := v.tx.Bucket(logBucket); logs != nil {
		logs.ForEachBucket(func(k []byte) error {
			origins = append(origins, Origin(logs.Bucket(k).Bucket(hotBucket).Get(originKey)))
			return nil
		})
	}
	return origins
}

// Size is the number of events held of an origin; 0 if there is no record of it.
func (v View) Size(o Origin) uint64 {
	l, err := openLog(v.tx, o)
	if err != nil {
		return 0
	}
	return l.tree.size
}

// Checkpoint is the last signed checkpoint whose entries are all here. A mirror that is still being filled has none.
func (v View) Checkpoint(o Origin) (Checkpoint, error) {
	l, err := openLog(v.tx, o)
	if err != nil {
		return Checkpoint{}, err
	}
	return l.checkpoint()
}

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

// checkpoint reads a log's stored note, which was verified when it came.
func (l *log) checkpoint() (Checkpoint, error) {
	signed := l.hot.Get(checkpointKey)
	if signed == nil {
		return Checkpoint{}, fault.New(fault.NotFound, "record.no-checkpoint")
	}
	text, _, found := bytes.Cut(signed, []byte("\n\n"))
	if !found {
		return Checkpoint{}, broken("stored checkpoint has no text")
	}
	c, err := parseCheckpoint(string(text) + "\n")
	if err != nil {
		return Checkpoint{}, broken("stored checkpoint: %v", err)
	}
	c.Note = append([]byte(nil), signed...)
	return c, nil
}
