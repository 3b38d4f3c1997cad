package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// Mending is what a neighbour kept of our record, where ours went on differently after an old copy of the data was restored.
type Mending struct {
	Common  uint64   // so many first entries are the same
	Note    []byte   // the checkpoint that our own key signed over there
	Entries [][]byte // from Common to the size of that checkpoint
}

// Mend makes our record continue the checkpoint that a neighbour kept, and appends anew, behind it and with the same bytes, what was only
// ours: leaf hashes stay, so that what cites them still does, and so do words. Checkpoints that were signed in between are void; that is a fork,
// and telling people is the caller's duty. Views are replayed. It returns how many entries were appended anew. Nothing else is written
// meanwhile. Faults: record.bad-checkpoint; record.other-root where the entries do not lead to the checkpoint.
func (r *Record) Mend(ctx context.Context, m Mending) (again int, err error) {
	c, err := OpenCheckpoint(m.Note, r.Verifiers())
	if err != nil || c.Origin != r.self || m.Common+uint64(len(m.Entries)) != c.Size {
		return 0, fault.New(fault.Invalid, "record.bad-checkpoint").Because(fmt.Errorf("%s of size %d: %v", c.Origin, c.Size, err))
	}
	type result struct {
		again int
		err   error
	}
	done := make(chan result, 1)
	task := func() {
		n, err := r.mend(m, c)
		done <- result{n, err}
	}
	select {
	case r.alone <- task:
	case <-r.closing:
		return 0, fault.New(fault.Unavailable, "record.closing")
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	got := <-done // not given up: whoever asks again must find it done or not begun
	return got.again, got.err
}

// mend runs on the writer's goroutine, between two transactions. Views are thrown away with the change, so that a hub that dies here replays
// when it starts again.
func (r *Record) mend(m Mending, c Checkpoint) (again int, err error) {
	var signed Checkpoint
	err = r.db.Update(func(tx *bbolt.Tx) error {
		w := &mender{writer: writer{r: r, tx: tx}, bodies: map[Hash]kept{}, moved: map[Hash]uint64{}}
		if w.log, err = openLog(tx, r.self); err != nil {
			return err
		}
		ours, err := w.unwind(m.Common)
		if err != nil {
			return err
		}
		if err := w.takeBack(m, c); err != nil {
			return err
		}
		if again, err = w.appendAnew(ours); err != nil {
			return err
		}
		if err := w.forgetPlaces(m.Common); err != nil {
			return err
		}
		if signed, err = r.sign(w.log); err != nil {
			return err
		}
		return clearViews(tx, r.o.Services)
	})
	if err != nil {
		return 0, fault.Of(err)
	}
	r.published.Store(&signed)
	err = r.rebuild(r.o.Services)
	r.watchers.nudge()
	return again, err
}

// mender is the one transaction that changes what was appended.
type mender struct {
	writer
	bodies map[Hash]kept   // of entries that are taken out, by their leaf
	moved  map[Hash]uint64 // new index of what was appended anew
}

// kept is a body while its entry is out of the record.
type kept struct {
	state  body.State
	sealed body.Sealed
}

// unwind takes out all entries from an index on and returns their bytes. The log is written again from its first entry: whatever form it is
// stored in, this happens once in the life of a hub, if ever.
func (w *mender) unwind(common uint64) (ours [][]byte, err error) {
	var packed [][]byte // the entries that stay, as bundles: 100,000 take 6 MB
	var bundle [][]byte
	for e, err := range w.view().Entries(w.r.self, 0) {
		if err != nil {
			return nil, err
		}
		if e.Index >= common {
			ours = append(ours, bytes.Clone(e.Raw))
			if err := w.setAside(e); err != nil {
				return nil, err
			}
			continue
		}
		bundle = append(bundle, bytes.Clone(e.Raw))
		if len(bundle) == bundleSize || e.Index == common-1 {
			squeezed, err := squeeze(packBundle(bundle))
			if err != nil {
				return nil, err
			}
			packed, bundle = append(packed, squeezed), nil
		}
	}
	last := w.log.last
	if err := w.tx.Bucket(logBucket).DeleteBucket(w.r.self.key()); err != nil {
		return nil, err
	}
	if w.log, err = makeLog(w.tx, w.r.self); err != nil {
		return nil, err
	}
	w.log.last = last
	return ours, w.appendBundles(packed)
}

func (w *mender) appendBundles(packed [][]byte) error {
	for _, squeezed := range packed {
		b, err := Unsqueeze(squeezed)
		if err != nil {
			return err
		}
		entries, err := ParseBundle(b)
		if err != nil {
			return err
		}
		for _, raw := range entries {
			if err := w.log.append(raw, tlog.RecordHash(raw)); err != nil {
				return err
			}
		}
	}
	return nil
}

// setAside keeps the body of an entry that is taken out, because where a body lies depends on the index of its entry.
func (w *mender) setAside(e Entry) error {
	b := w.view().Body(e.Origin, e.Leaf)
	if e.Event.Body == "" || b.State == body.Unknown {
		return nil
	}
	w.bodies[e.Leaf] = kept{b.State, body.Sealed{Commitment: e.Event.Body, Salt: b.Salt, Bytes: bytes.Clone(b.Bytes), Reach: b.Reach}}
	return body.Remove(w.tx, body.KeyOf(string(e.Origin), e.Leaf), body.Lost)
}

// takeBack appends what the neighbour kept, and obeys the erasures in it.
func (w *mender) takeBack(m Mending, c Checkpoint) error {
	for i, raw := range m.Entries {
		e := newEntry(w.r.self, m.Common+uint64(i), raw)
		w.moved[e.Leaf] = e.Index
		if e.At.After(w.log.last) {
			w.log.last = e.At
		}
		if err := w.log.append(e.Raw, e.Leaf); err != nil {
			return err
		}
		if err := w.expect(e); err != nil {
			return err
		}
	}
	if w.log.tree.root() != c.Root {
		return fault.New(fault.Conflict, "record.other-root").Because(errors.New("what the neighbour kept is not what we signed"))
	}
	return nil
}

// expect promises the body of an entry that came back, or notes what cannot come.
func (w *mender) expect(e Entry) error {
	k := body.KeyOf(string(e.Origin), e.Leaf)
	if set, ok := w.bodies[e.Leaf]; ok {
		return w.putBack(k, set, e.Index)
	}
	if data, ok := Decode[erasure](e.Event); ok && e.Kind == erasedKind {
		leaf, err := ParseHash(data.Leaf)
		if err != nil {
			return nil
		}
		cited := body.KeyOf(string(e.Origin), leaf)
		if body.Get(w.tx, cited).State == body.Unknown {
			return nil
		}
		return errors.Join(body.Remove(w.tx, cited, body.Erased), store.WantCompaction(w.tx))
	}
	if e.Event.Body == "" || !e.Reach.Travels() {
		return w.miss(e)
	}
	return body.Promise(w.tx, k, e.Reach, e.Index)
}

// appendAnew puts behind it what only we had.
func (w *mender) appendAnew(ours [][]byte) (again int, err error) {
	for _, raw := range ours {
		leaf := tlog.RecordHash(raw)
		if _, back := w.moved[leaf]; back {
			continue
		}
		index := w.log.tree.size
		w.moved[leaf] = index
		if err := w.log.append(raw, leaf); err != nil {
			return again, err
		}
		if set, ok := w.bodies[leaf]; ok {
			if err := w.putBack(body.KeyOf(string(w.r.self), leaf), set, index); err != nil {
				return again, err
			}
		}
		again++
	}
	return again, nil
}

func (w *mender) putBack(k body.Key, set kept, index uint64) error {
	if set.state == body.Here {
		return body.Put(w.tx, k, &set.sealed, index)
	}
	if err := body.Promise(w.tx, k, set.sealed.Reach, index); err != nil {
		return err
	}
	return body.Remove(w.tx, k, set.state)
}

// forgetPlaces corrects the remembered results of forms that were sent meanwhile: their events have other places now.
func (w *mender) forgetPlaces(common uint64) error {
	keys, err := makeTable(w.tx, privateBucket, "record", "keys")
	if err != nil {
		return err
	}
	changed := map[string][]byte{}
	for k, raw := range w.view().Private("record", "keys").From(nil) {
		var result remembered
		if json.Unmarshal(raw, &result) != nil {
			continue
		}
		if !w.relocate(result.Events, common) {
			continue
		}
		if changed[string(k)], err = json.Marshal(result); err != nil {
			return err
		}
	}
	for k, raw := range changed {
		if err := keys.Put([]byte(k), raw); err != nil {
			return err
		}
	}
	return nil
}

// relocate corrects places in a remembered result; false if there is nothing to correct.
func (w *mender) relocate(events []Ref, common uint64) (changed bool) {
	for i, ref := range events {
		if index, moved := w.moved[ref.Leaf]; moved && ref.Index >= common {
			events[i].Index, changed = index, true
		}
	}
	return changed
}
