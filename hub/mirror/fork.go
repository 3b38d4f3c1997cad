package mirror

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// forkedKind is our event that a hub signed two records that contradict each other. Its body is the Fork, far-reaching: whoever reads our
// record can check it without believing us.
const forkedKind = "neighbour.forked"

// forked is the data of a forkedKind event: the roots of the two checkpoints, as hexadecimal.
type forked struct {
	ID    string    `json:"id"`
	Roots [2]string `json:"roots"`
}

// Fork is two checkpoints under one key that cannot both be of one append-only record. It proves itself: where the sizes are the same the
// roots differ; else Root is what the longer record has at the size of the shorter one, shown by Proof.
type Fork struct {
	First  string        `json:"first"`  // signed note that we held
	Second string        `json:"second"` // signed note that turned up beside it
	Root   record.Hash   `json:"root"`
	Proof  []record.Hash `json:"proof,omitempty"`
}

// check tells whether the two notes contradict each other under known keys.
func (f Fork) check(known note.Verifiers) (first, second record.Checkpoint, err error) {
	first, err = record.OpenCheckpoint([]byte(f.First), known)
	if err != nil {
		return first, second, err
	}
	second, err = record.OpenCheckpoint([]byte(f.Second), known)
	if err != nil {
		return first, second, err
	}
	short, long := first, second
	if short.Size > long.Size {
		short, long = long, short
	}
	switch {
	case short.Origin != long.Origin || short.Size == 0:
		err = errors.New("the checkpoints have nothing to do with each other")
	case short.Size == long.Size && short.Root == long.Root || short.Size < long.Size && short.Root == f.Root:
		err = errors.New("the checkpoints agree")
	case short.Size < long.Size:
		err = tlog.CheckTree(f.Proof, int64(long.Size), long.Root, int64(short.Size), f.Root)
	}
	return first, second, err
}

// contradiction looks for a fork between a checkpoint under the pinned key, what we cosigned, and what we hold.
func contradiction(v record.View, c record.Checkpoint) (Fork, bool) {
	w := lastWitnessed(v, c.Origin)
	if w.Note != nil && w.Size == c.Size && w.Root != c.Root {
		return Fork{First: string(w.Note), Second: string(c.Note)}, true
	}
	if f, found := againstHeld(v, c); found {
		return f, true
	}
	return againstHeld(v, record.Checkpoint{Origin: c.Origin, Size: w.Size, Root: w.Root, Note: w.Note})
}

// againstHeld compares a checkpoint with the entries that we hold, as far as they reach.
func againstHeld(v record.View, c record.Checkpoint) (Fork, bool) {
	held, err := v.Checkpoint(c.Origin)
	if err != nil || c.Size == 0 || c.Size > held.Size {
		return Fork{}, false
	}
	root := held.Root
	if c.Size < held.Size {
		root, err = v.RootAt(c.Origin, c.Size)
	}
	if err != nil || root == c.Root {
		return Fork{}, false
	}
	f := Fork{First: string(held.Note), Second: string(c.Note)}
	if c.Size < held.Size {
		f.Root = root
		f.Proof, err = v.Consistency(c.Origin, c.Size, held.Size)
	}
	return f, err == nil
}

// expose raises a fork if a checkpoint contradicts what we know; fault mirror.forked then.
func (m *Mirror) expose(ctx context.Context, c record.Checkpoint) error {
	var f Fork
	var found bool
	err := m.o.Record.Read(func(v record.View) error { f, found = contradiction(v, c); return nil })
	if err != nil || !found {
		return err
	}
	return m.raise(ctx, c.Origin, f)
}

// unmask finds out why entries did not lead to the checkpoint: if its own tiles have another root at our size, two records were signed;
// if not, or if it does not show them, somebody merely sent us wrong bytes, and because stands.
func (s *source) unmask(ctx context.Context, c record.Checkpoint, because error) error {
	held, err := s.held()
	if err != nil || held.Note == nil || held.Size == 0 || held.Size >= c.Size {
		return because
	}
	tiles := tlog.TileHashReader(tlog.Tree{N: int64(c.Size), Hash: c.Root}, s.prover(ctx, c))
	root, err := tlog.TreeHash(int64(held.Size), tiles)
	if err != nil || root == held.Root {
		return because
	}
	proof, err := tlog.ProveTree(int64(c.Size), int64(held.Size), tiles)
	if err != nil {
		return because
	}
	return s.m.raise(ctx, s.origin, Fork{First: string(held.Note), Second: string(c.Note), Root: root, Proof: proof})
}

// raise keeps a fork as an event with its evidence and stops mirroring the hub, until people decide. The same evidence is kept once:
// after people have accepted the hub again, it does not stop us anew. raise always returns a fault, mirror.forked if all went well.
func (m *Mirror) raise(ctx context.Context, o record.Origin, f Fork) error {
	live, gone, accepted := m.trust(o)
	known := verifiersOf(append(live, gone...)) // what we held may be older than its newest key
	if !accepted {
		return fault.New(fault.NotFound, "mirror.unknown-hub", o.ID())
	}
	first, second, err := f.check(known)
	if err != nil {
		return fault.New(fault.Internal, "record.bad-checkpoint").Because(err)
	}
	evidence, err := json.Marshal(f)
	if err != nil {
		return err
	}
	words := body.Seal(evidence, body.Far)
	data := forked{o.ID(), [2]string{record.Hex(first.Root), record.Hex(second.Root)}}
	_, err = m.o.Record.Do(ctx, record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		if pinned(v, o.ID()).State == Accepted && !knownFork(v, data) {
			d.Append(record.Event{Kind: forkedKind, Data: record.Data(data)}, words)
		}
		return d, nil
	}})
	if err != nil {
		return err
	}
	m.o.Log.Warn("a neighbour signed two records that contradict each other", "hub", o.ID(), "sizes", []uint64{first.Size, second.Size})
	err = m.o.Record.Read(func(v record.View) error {
		m.adopt(pinned(v, o.ID()))
		return nil
	})
	return errors.Join(fault.New(fault.Conflict, "mirror.forked"), err)
}

// applyForked notes a fork in our view: the hub is neither read nor cosigned from here on.
func applyForked(e record.Edit, entry record.Entry) error {
	data, ok := record.Decode[forked](entry.Event)
	if !ok || !record.ValidID(data.ID) {
		return nil
	}
	if err := record.Save(e.Own("forks"), append([]byte(data.ID), record.Num(entry.Index)...), data); err != nil {
		return err
	}
	p := pinned(e.View, data.ID)
	if p.State != Accepted {
		return nil
	}
	p.State = Forked
	return record.Save(e.Own("pinned"), []byte(data.ID), p)
}

// knownFork tells whether the checkpoint that turned up is one that people were told of before; ours has perhaps grown since.
func knownFork(v record.View, f forked) bool {
	for _, raw := range v.Table(service, "forks").Prefix([]byte(f.ID)) {
		var held forked
		if json.Unmarshal(raw, &held) == nil && slices.Contains(held.Roots[:], f.Roots[1]) {
			return true
		}
	}
	return false
}

// ForkOf is the newest fork of a hub that we have seen, and our event about it; false if there is none, or if its evidence was erased.
func ForkOf(v record.View, id string) (f Fork, event uint64, ok bool) {
	for key := range v.Table(service, "forks").Prefix([]byte(id)) {
		event, ok = record.ParseNum(bytes.TrimPrefix(key, []byte(id))), true
	}
	if !ok {
		return f, event, false
	}
	entry, err := v.Entry(v.Self(), event)
	if err != nil {
		return f, event, false
	}
	b := v.Body(v.Self(), entry.Leaf)
	return f, event, b.State == body.Here && json.Unmarshal(b.Bytes, &f) == nil
}
