package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"go.etcd.io/bbolt"
)

// compactStep bounds the bytes that one transaction of a compaction copies, and so its memory.
const compactStep = 1 << 20

var compactFlag = []byte("compact")

// WantCompaction notes in tx that erased bytes may still lie in free pages of the file; the next Compact removes them.
func WantCompaction(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put(compactFlag, []byte{1}) }

// CompactionWanted tells whether something was erased since the last compaction. After a power cut it waits for the next start: the journal
// comes first.
func (db *DB) CompactionWanted() bool {
	wanted := false
	if db.Unfinished() {
		return false
	}
	db.View(func(tx *bbolt.Tx) error {
		wanted = tx.Bucket([]byte("meta")).Get(compactFlag) != nil
		return nil
	})
	return wanted
}

// Compact rewrites the file in dir without its free pages, where erased words may still lie. The file must not be open.
// It needs as much room again while it works and tells the bytes before and after; when it fails the old file stays.
func Compact(dir string) (before, after int64, err error) {
	// Held until the new file is in its place: a second program waits for it, and then finds that it is not the journal any more.
	j, err := openJournal(dir, true)
	if err == nil {
		defer j.f.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, 0, explain(dir, err)
	}
	path, fresh := filepath.Join(dir, FileName), filepath.Join(dir, FileName+".compact")
	src, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: true})
	if err != nil {
		return 0, 0, explain(dir, err)
	}
	defer src.Close()
	defer os.Remove(fresh)
	if err := copyInto(fresh, src); err != nil {
		return 0, 0, explain(dir, err)
	}
	was, _ := os.Stat(path)
	is, err := os.Stat(fresh)
	if err != nil {
		return 0, 0, explain(dir, err)
	}
	// The journal knows where the pages of the old file lie. Without one, a file is taken as it is.
	if err := errors.Join(forget(filepath.Join(dir, JournalName)), syncFolder(dir)); err != nil {
		return 0, 0, explain(dir, err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return 0, 0, explain(dir, err)
	}
	return was.Size(), is.Size(), syncFolder(dir)
}

// forget removes a file that may be absent.
func forget(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func copyInto(path string, src *bbolt.DB) error {
	dst, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	dst.AllocSize = 256 << 10
	defer dst.Close()
	if err := bbolt.Compact(dst, src, compactStep); err != nil {
		return err
	}
	err = dst.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Delete(compactFlag) })
	if err != nil {
		return err
	}
	return dst.Sync()
}

// syncFolder makes a new or changed name in dir survive a power cut, on file systems that have such a thing.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); !errors.Is(err, syscall.ENOTSUP) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
