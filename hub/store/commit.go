package store

import (
	"errors"
	"fmt"
	"math/bits"
	"os"

	"go.etcd.io/bbolt"

	"commonhub/hub/fault"
)

// firstMap is how much of the file is mapped from the start, in bytes of addresses and not of memory: see roomy.
const firstMap = 128 << 20

// growth is how much a transaction that goes by the journal may add to the file; see small. All others do without a pin.
const growth = 32 << 20

// maxPending bounds the pages that wait for the next settled state before they can be used again. bbolt gives pages back under a pin only if
// they came from its free list, so that without a bound the file would grow by every page that a commit writes. What is settled once is
// room enough for the commits after it.
const maxPending = 512

// Write begins the write transaction; the caller commits it with Commit or rolls it back. There is one at a time.
func (db *DB) Write() (*bbolt.Tx, error) {
	if err := db.usable(); err != nil {
		return nil, err
	}
	if db.pin != nil && !db.roomy() {
		if err := db.settle(false); err != nil {
			return nil, err
		}
	}
	return db.Begin(true)
}

// Commit makes a transaction durable before it returns: by its redo if it has one and the journal has room, else by syncing the file.
// A redo entry says everything that the transaction did, for Redo to do again.
func (db *DB) Commit(tx *bbolt.Tx, redo []byte) error {
	if db.pin == nil || len(redo) == 0 || !db.journal.fits(len(redo)) || !small(tx) {
		// A transaction uses no page of the state that it began with, so that the pin can go before it is written.
		db.unpin()
		err := tx.Commit()
		db.ahead = true
		return errors.Join(err, db.settle(true))
	}
	if err := db.both(tx, redo); err != nil {
		return err
	}
	db.ahead = true
	if db.Stats().PendingPageN > maxPending {
		return db.settle(true)
	}
	return nil
}

// small tells whether the pages of a transaction are surely within growth: those that it changed, each perhaps split in three.
func small(tx *bbolt.Tx) bool {
	stats := tx.Stats()
	return 3*stats.GetNodeCount()*int64(tx.DB().Info().PageSize) < growth
}

// both syncs the journal while the pages are written, which need no sync. A reader may see a change a moment before it is durable, but nobody is
// told that it is, and no checkpoint that covers it is given out.
func (db *DB) both(tx *bbolt.Tx, redo []byte) error {
	noted := make(chan error, 1)
	go func() { noted <- db.journal.append(redo) }()
	defer func() {
		if p := recover(); p != nil { // of bbolt's own checks; what is in the journal now, nobody was told
			<-noted
			db.fail(fmt.Errorf("a commit panicked: %v", p))
			panic(p)
		}
	}()
	committed, note := tx.Commit(), <-noted
	switch {
	case committed == nil && note == nil:
		return nil
	case committed == nil:
		return db.fail(note) // seen, and not durable: only opening again can take it back
	}
	return errors.Join(committed, note, db.fail(db.journal.retract()))
}

// Update runs fn in a write transaction of any size, which is in the synced file when Update returns.
func (db *DB) Update(fn func(tx *bbolt.Tx) error) error {
	if err := db.usable(); err != nil {
		return err
	}
	if db.journal != nil && db.journal.empty() {
		// The first change of all, which says what format this is: no state is kept yet that a power cut could go back to.
		db.NoSync = db.journal.quiet
		defer func() { db.NoSync = true }()
	} else if err := db.settle(false); err != nil {
		return err
	}
	err := db.DB.Update(fn)
	db.ahead = db.ahead || err == nil
	return errors.Join(err, db.settle(true))
}

// Settled tells whether all that was committed is in the synced file. Only the writer may ask.
func (db *DB) Settled() bool { return db.journal == nil || !db.ahead }

// Unfinished tells whether the journal holds redos that are not in the file: the hub did not end by itself. Nothing can be written before Redo.
func (db *DB) Unfinished() bool { return len(db.redos) > 0 }

// Redo carries out what the journal holds beyond the file, in order and in one transaction.
func (db *DB) Redo(fn func(tx *bbolt.Tx, redo []byte) error) error {
	redos := db.redos
	if len(redos) == 0 {
		return nil
	}
	err := db.DB.Update(func(tx *bbolt.Tx) error {
		for _, redo := range redos {
			if err := fn(tx, redo); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return explain(db.dir, err)
	}
	db.redos, db.ahead = nil, true
	return db.settle(true)
}

// Close settles the file and closes it. Redos that wait for Redo stay in the journal.
func (db *DB) Close() error {
	var settled error
	if db.broken == nil && !db.Unfinished() {
		settled = db.settle(false)
	}
	db.unpin()
	err := errors.Join(settled, db.DB.Close())
	if db.journal != nil {
		err = errors.Join(err, db.journal.f.Close())
	}
	return err
}

// settle syncs the file, lets the journal begin again behind it, and pins this state if asked to.
func (db *DB) settle(pinned bool) error {
	if db.journal == nil {
		return nil
	}
	if db.ahead {
		if err := db.catchUp(); err != nil {
			return db.fail(err)
		}
	}
	db.unpin()
	if !pinned || !db.roomy() {
		return nil
	}
	pin, err := db.Begin(false)
	db.pin = pin
	return err
}

// catchUp makes what is in the file the settled state.
func (db *DB) catchUp() error {
	if !db.journal.quiet {
		if err := db.Sync(); err != nil {
			return err
		}
	}
	m, err := db.metas()
	if err != nil {
		return err
	}
	if err := db.journal.restart(m); err != nil {
		return err
	}
	db.ahead = false
	return nil
}

// metas reads the meta pages as they are in the file, between two write transactions.
func (db *DB) metas() (metas, error) {
	f, err := os.Open(db.Path())
	if err != nil {
		return metas{}, err
	}
	defer f.Close()
	return readMetas(f, uint32(db.Info().PageSize))
}

func (db *DB) unpin() {
	if db.pin != nil {
		db.pin.Rollback()
		db.pin = nil
	}
}

// roomy tells whether the next transaction will fit into what is mapped. The pin is a read transaction, and bbolt waits for all of
// those before it maps more: a writer that holds one would wait for itself. Just below each doubling, transactions are synced one by one.
func (db *DB) roomy() bool {
	var used int64
	err := db.View(func(tx *bbolt.Tx) error {
		used = tx.Size()
		return nil
	})
	return err == nil && used+growth < max(firstMap, mapped(used))
}

// mapped is the least that bbolt maps of a file of so many bytes: the next power of two, from 1 GiB on the next GiB.
func mapped(used int64) int64 {
	const step = 1 << 30
	if used <= step {
		return 1 << bits.Len64(uint64(max(1, used)-1))
	}
	return (used + step - 1) / step * step
}

// fail makes the store refuse further changes after an error that left file and journal apart: opening it again brings both together.
func (db *DB) fail(err error) error {
	if err != nil && db.broken == nil {
		db.broken = err
	}
	return err
}

func (db *DB) usable() error {
	switch {
	case db.broken != nil:
		return fault.New(fault.Internal, "store.broken", db.dir).Because(db.broken)
	case db.Unfinished():
		return fault.New(fault.Internal, "store.broken", db.dir).Because(fmt.Errorf("%d redos of the journal wait", len(db.redos)))
	}
	return nil
}
