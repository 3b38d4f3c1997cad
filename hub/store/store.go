// Package store opens the one database that a hub keeps, a bbolt file in its data folder, with a short journal in front of it.
//
// It knows what can be wrong with a folder (no memory mapping, somebody else's lock, a newer format, no room) and says so
// in sentences that tell what to do. What is inside the file belongs to the packages that write it.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"commonhub/hub/fault"
)

// FileName is the database inside the data folder.
const FileName = "hub.db"

// format is the layout of the top-level buckets. A file with a higher number was written by a newer program.
// 2 has a journal: a program that does not know it would write behind its back.
const format = 2

// pageSize is that of a new database in bytes.
const pageSize = 4096

// lockWait is how long a second process waits for the first before it gives up.
const lockWait = time.Second

// Options are choices that only some stores make.
type Options struct {
	// Volatile leaves out every fsync. Such a store survives the end of the process and no power cut: right for a
	// demonstration that is deleted at its end, wrong for a block.
	Volatile bool
}

// DB is the open file. Close it before the folder is used by anybody else.
//
// Read transactions are bbolt's own (View). For writing use Write and Commit, or Update: bbolt's Begin and Batch go past the journal.
type DB struct {
	*bbolt.DB
	dir string

	// All below is the one writer's.
	journal *journal  // nil: every commit syncs by itself, or (Volatile) none does
	pin     *bbolt.Tx // keeps the pages of the settled state from being written over; nil = nothing may go by the journal
	redos   [][]byte  // in the journal and not in the file
	ahead   bool      // the file has commits that are in no settled state
	broken  error     // the file and the journal may differ
}

// Open opens or makes the file in dir, which is made too. Its faults have the keys store.in-use, store.no-mmap,
// store.newer and store.broken, with the folder as their argument.
func Open(dir string, o Options) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Internal, "store.folder", dir).Because(err)
	}
	path := filepath.Join(dir, FileName)
	_, absent := os.Stat(path)
	if absent != nil {
		// A file that is there was mapped before; and on a full disk there is no room to try.
		if err := probe(dir); err != nil {
			return nil, err
		}
	}
	db := &DB{dir: dir}
	err := db.openJournal(path, o)
	if err == nil {
		err = db.openFile(path, o)
	}
	if err == nil {
		err = db.checkFormat()
	}
	if err == nil && absent != nil {
		err = syncFolder(dir) // the name of a new file must survive a power cut, too
	}
	if err == nil && !db.Unfinished() {
		err = db.settle(true)
	}
	if err != nil {
		db.abandon()
		return nil, explain(dir, err)
	}
	return db, nil
}

// openJournal comes before the file is opened: it locks both, and puts the file into the last settled state. Where no journal can be made,
// on a full disk, the hub does without.
func (db *DB) openJournal(path string, o Options) (err error) {
	db.journal, err = openJournal(db.dir, o.Volatile)
	if errors.Is(err, fs.ErrNotExist) || Full(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := db.journal.restore(path); err != nil {
		return err
	}
	db.ahead = db.journal.empty()
	db.redos, err = db.journal.redos()
	return err
}

func (db *DB) openFile(path string, o Options) error {
	b, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockWait, NoSync: o.Volatile || db.journal != nil, NoGrowSync: o.Volatile, InitialMmapSize: firstMap,
		PageSize: pageSize, // of a new file, whatever the machine's own: 64 kB pages would make each commit sixteen times as long
		// The free list stays in the file: rebuilding it reads every page, 1.3 s at 100,000 events.
		NoFreelistSync: false, FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return err
	}
	// bbolt grows by 16 MiB by default, which is all the flash that some routers have.
	b.AllocSize = 256 << 10
	db.DB = b
	return nil
}

// abandon lets go of what a failed opening had opened.
func (db *DB) abandon() {
	db.unpin()
	if db.DB != nil {
		db.DB.Close()
	}
	if db.journal != nil {
		db.journal.f.Close()
	}
}

// Discard removes the files of a store that is closed and was never used.
func Discard(dir string) {
	os.Remove(filepath.Join(dir, FileName))
	os.Remove(filepath.Join(dir, JournalName))
}

// Size is that of the file in bytes, 0 if it cannot be told.
func (db *DB) Size() int64 {
	info, err := os.Stat(db.Path())
	if err != nil {
		return 0
	}
	return info.Size()
}

// Dir is the data folder.
func (db *DB) Dir() string { return db.dir }

func (db *DB) checkFormat() error {
	meta, key := []byte("meta"), []byte("format")
	var found []byte
	err := db.View(func(tx *bbolt.Tx) error {
		if b := tx.Bucket(meta); b != nil {
			found = append(found, b.Get(key)...)
		}
		return nil
	})
	if err != nil {
		return explain(db.dir, err)
	}
	if len(found) == 1 && found[0] > format {
		return fault.New(fault.Internal, "store.newer", db.dir)
	}
	if len(found) == 1 && found[0] == format || db.Unfinished() {
		return nil
	}
	return db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(meta)
		if err != nil {
			return err
		}
		return b.Put(key, []byte{format})
	})
}

// probe maps a small shared file as bbolt will, because bbolt's own error on jffs2 is a bare "invalid argument".
func probe(dir string) error {
	f, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return explain(dir, err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(make([]byte, os.Getpagesize())); err != nil {
		return explain(dir, err)
	}
	mapped, err := syscall.Mmap(int(f.Fd()), 0, os.Getpagesize(), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return fault.New(fault.Internal, "store.no-mmap", dir).Because(err)
	}
	return syscall.Munmap(mapped)
}

// explain turns what bbolt or the system says into a fault that tells a person what to do; a fault stays as it is.
func explain(dir string, err error) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	switch {
	case errors.Is(err, berrors.ErrTimeout), errors.Is(err, errLocked):
		return fault.New(fault.Conflict, "store.in-use", dir).Because(err)
	case Full(err):
		return fault.New(fault.Full, "store.full").Because(err)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Internal, "store.folder", dir).Because(err)
	}
	return fault.New(fault.Internal, "store.broken", dir).Because(err)
}

// Full tells whether err means that the disk has no room.
func Full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, berrors.ErrMaxSizeReached)
}

// Free is the room in bytes that the data folder's file system still has for us.
func Free(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("statfs %s: %w", dir, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
