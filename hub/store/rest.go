package store

import (
	"os"
	"syscall"

	"go.etcd.io/bbolt"
)

// Rest unmaps what was read of the file from this process; it stays in the kernel's cache, which may now let go of it first, and
// comes back page by page when it is read. Without it a hub that has once walked through a large file keeps all of it resident.
func (db *DB) Rest() error {
	// A transaction holds bbolt's mapping where it is: the same addresses after a remapping could be anybody's.
	return db.View(func(tx *bbolt.Tx) error {
		return Unload(db.Info().Data, uintptr(tx.Size()))
	})
}

// Unload takes pages of a mapped file away from this process until it touches them again. The caller knows that nobody ever wrote to
// them in memory and that they stay mapped: on anything else this destroys what is there.
func Unload(start, length uintptr) error {
	page := uintptr(os.Getpagesize())
	_, _, failed := syscall.Syscall(syscall.SYS_MADVISE, start, (length+page-1)/page*page, syscall.MADV_DONTNEED)
	if failed != 0 {
		return failed
	}
	return nil
}
