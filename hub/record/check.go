package record

import (
	"bytes"
	"errors"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

// check compares what must agree in our own log before anything is appended: state, tail, last bundle, tiles and checkpoint.
// It costs one bundle, whatever the size; Verify reads everything.
func (r *Record) check() error {
	return r.db.View(func(tx *bbolt.Tx) error {
		l, err := openLog(tx, r.self)
		if err != nil {
			return err
		}
		c, err := OpenCheckpoint(bytes.Clone(l.hot.Get(checkpointKey)), r.Verifiers())
		if err != nil {
			return broken("our own checkpoint: %v", err)
		}
		if err := l.agrees(c); err != nil {
			return err
		}
		r.published.Store(&c)
		return nil
	})
}

// agrees compares a log's stack, its tiles and tail, and its last sealed bundle with a checkpoint.
func (l *log) agrees(c Checkpoint) error {
	if c.Size != l.tree.size || c.Root != l.tree.root() {
		return broken("checkpoint of size %d, state of size %d", c.Size, l.tree.size)
	}
	root, err := tlog.TreeHash(int64(l.tree.size), l)
	if err != nil {
		return err
	}
	if root != c.Root {
		return broken("tiles and tail lead to another root")
	}
	sealed := l.tree.size / bundleSize
	if sealed == 0 {
		return nil
	}
	entries, err := l.entries(sealed-1, bundleSize)
	if err != nil {
		return err
	}
	tile := splitHashes(l.upper.Get(upperKey(1, (sealed-1)/bundleSize)))
	if perfect(leaves(entries)) != tile[(sealed-1)%bundleSize] {
		return broken("the last bundle and its tile disagree")
	}
	return nil
}

// Verify reads every bundle of an origin's record and compares each with its tile, and the whole with its checkpoint.
func (v View) Verify(o Origin) (Checkpoint, error) {
	l, err := openLog(v.tx, o)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := l.checkpoint()
	if err != nil {
		return Checkpoint{}, err
	}
	var t tree
	for start := uint64(0); start < l.tree.size; start += bundleSize {
		entries, err := l.entries(start/bundleSize, int(min(bundleSize, l.tree.size-start)))
		if err != nil {
			return Checkpoint{}, err
		}
		for _, h := range leaves(entries) {
			t.append(h)
		}
	}
	if err := l.agrees(c); err != nil {
		return Checkpoint{}, err
	}
	if t.root() != c.Root {
		return Checkpoint{}, broken("the entries lead to another root")
	}
	return c, nil
}

// proofVersion is the first line of a receipt (C2SP tlog-proof).
const proofVersion = "c2sp.org/tlog-proof@v1"

// errUnpublished: an event can be proved only when a checkpoint covers it.
var errUnpublished = errors.New("no checkpoint covers this event yet")
