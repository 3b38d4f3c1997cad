package record

import (
	"bytes"
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
	tx    *bbolt.Tx
	self  Origin
	now   time.Time
	given *Checkpoint // our last durable one, for readers; nil in the writer's own views
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

// EntryAt reads an entry's bytes at their place, for who has them without a store. Bytes that are no event come back with Raw and Ref alone.
func EntryAt(o Origin, index uint64, raw []byte) Entry { return newEntry(o, index, raw) }

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

// Checkpoint is the last signed checkpoint whose entries are all here. A mirror that is still being filled has none. Of our own record it is
// one that no power cut can take back: what is stored may be younger than the journal's sync, and giving it out would be a fork
// if the power failed now.
func (v View) Checkpoint(o Origin) (Checkpoint, error) {
	l, err := openLog(v.tx, o)
	if err != nil {
		return Checkpoint{}, err
	}
	if o == v.self && v.given != nil && v.given.Size <= l.tree.size {
		return *v.given, nil
	}
	return l.checkpoint()
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
