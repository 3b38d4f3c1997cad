package record

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
	"commonhub/hub/fault"
)

// Extension is a piece of a neighbour's record, to be proved before anything of it is believed.
type Extension struct {
	Origin   Origin
	Verifier note.Verifiers // the pinned keys of the origin
	Note     []byte         // its signed checkpoint
	Start    uint64         // index of the first entry: the size that we hold
	Entries  [][]byte       // as they came; at most one bundle
	// Proof shows that the tree of Start+len(Entries) entries is a prefix of the checkpoint's tree; empty when it is that tree.
	Proof tlog.TreeProof
}

// Extend appends proved entries to our copy of a neighbour's record and applies them. Its faults: record.bad-checkpoint
// (signature, form or origin), record.other-root (what we hold and the checkpoint contradict each other), record.not-next (we hold another
// size than Start), record.entry-size.
func (r *Record) Extend(ctx context.Context, x Extension) (Receipt, error) {
	if x.Origin == r.self {
		return Receipt{}, fault.New(fault.Invalid, "record.bad-checkpoint").Because(fmt.Errorf("%s is our own record", x.Origin))
	}
	c, err := x.check()
	if err != nil {
		return Receipt{}, err
	}
	hashes := leaves(x.Entries)
	j := &job{ctx: ctx, done: make(chan struct{}), run: func(w *writer) (Receipt, error) { return w.extend(x, c, hashes) }}
	return r.submit(ctx, j)
}

// check reads the checkpoint and refuses what no honest hub sends, before the writer is troubled.
func (x Extension) check() (Checkpoint, error) {
	c, err := OpenCheckpoint(x.Note, x.Verifier)
	if err != nil || c.Origin != x.Origin {
		return c, fault.New(fault.Invalid, "record.bad-checkpoint").Because(fmt.Errorf("%s: %v", x.Origin, err))
	}
	if len(x.Entries) > bundleSize || x.Start+uint64(len(x.Entries)) > c.Size {
		return c, fault.New(fault.Invalid, "record.entry-size")
	}
	for _, e := range x.Entries {
		if len(e) > MaxEntry {
			return c, fault.New(fault.Invalid, "record.entry-size")
		}
	}
	return c, nil
}

// extend checks and applies an extension inside the writer's transaction.
func (w *writer) extend(x Extension, c Checkpoint, hashes []Hash) (Receipt, error) {
	grown, err := w.prove(x, c, hashes)
	if err != nil {
		return Receipt{}, err
	}
	l, err := makeLog(w.tx, x.Origin)
	if err != nil {
		return Receipt{}, spoiled{err}
	}
	var receipt Receipt
	for i, raw := range x.Entries {
		entry := newEntry(x.Origin, x.Start+uint64(i), raw)
		if err := w.appendForeign(l, entry); err != nil {
			return Receipt{}, spoiled{err}
		}
		receipt.Events = append(receipt.Events, entry.Ref)
	}
	if grown.size == c.Size {
		err = l.hot.Put(checkpointKey, c.Note)
		w.changed = true
	}
	if err != nil {
		return Receipt{}, spoiled{err}
	}
	return receipt, nil
}

// prove compares the root that the entries lead to with the signed one. It reads and writes nothing else.
func (w *writer) prove(x Extension, c Checkpoint, hashes []Hash) (*tree, error) {
	held := &tree{}
	if l, err := openLog(w.tx, x.Origin); err == nil {
		held = &l.tree
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if held.size != x.Start {
		return nil, fault.New(fault.Conflict, "record.not-next").Because(fmt.Errorf("held %d, offered from %d", held.size, x.Start))
	}
	grown := held.clone()
	for _, h := range hashes {
		grown.append(h)
	}
	if err := grown.prefixOf(c, x.Proof); err != nil {
		return nil, fault.New(fault.Conflict, "record.other-root").Because(err)
	}
	return grown, nil
}

// prefixOf checks that the tree is the checkpoint's, or by a consistency proof that it is how that one began.
func (t *tree) prefixOf(c Checkpoint, proof tlog.TreeProof) error {
	switch {
	case t.size == c.Size && t.root() != c.Root:
		return errors.New("the root is another")
	case t.size == c.Size || t.size == 0:
		return nil
	case t.size > c.Size:
		return errors.New("the checkpoint is shorter")
	}
	return tlog.CheckTree(proof, int64(c.Size), c.Root, int64(t.size), t.root())
}

// appendForeign adds a proved entry of another origin. Its body is promised if it may travel at all.
func (w *writer) appendForeign(l *log, e Entry) error {
	if err := l.append(e.Raw, e.Leaf); err != nil {
		return err
	}
	w.bytes += len(e.Raw)
	if e.Body != "" && e.Reach.Travels() {
		if err := body.Promise(w.tx, body.KeyOf(string(e.Origin), e.Leaf), e.Reach, e.Index); err != nil {
			return err
		}
	}
	return w.apply(e)
}

// Shelve takes in the body of a mirrored event, if it is what the event committed to; fault record.other-body if not.
func (r *Record) Shelve(ctx context.Context, e Entry, salt [body.SaltSize]byte, bytes []byte) error {
	if len(bytes) > body.MaxSize || !body.Opens(e.Event.Body, salt, bytes) {
		return fault.New(fault.Invalid, "record.other-body")
	}
	s := &body.Sealed{Commitment: e.Event.Body, Salt: salt, Bytes: bytes, Reach: e.Reach}
	return r.change(ctx, func(w *writer) error {
		if w.view().Body(e.Origin, e.Leaf).State != body.NotFetched {
			return nil // erased meanwhile, or here already
		}
		w.bytes += len(bytes)
		return w.shelve(e, s)
	})
}

// Lose notes that a body can be had no more, for another reason than an erasure.
func (r *Record) Lose(ctx context.Context, e Entry) error {
	return r.change(ctx, func(w *writer) error {
		return w.drop(body.KeyOf(string(e.Origin), e.Leaf), e.Origin, body.Lost)
	})
}

func (r *Record) change(ctx context.Context, f func(w *writer) error) error {
	j := &job{ctx: ctx, done: make(chan struct{}), run: func(w *writer) (Receipt, error) {
		if err := f(w); err != nil {
			return Receipt{}, spoiled{err}
		}
		return Receipt{}, nil
	}}
	_, err := r.submit(ctx, j)
	return err
}
