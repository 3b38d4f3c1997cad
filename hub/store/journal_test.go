package store

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

var bucket = []byte("test")

func open(t *testing.T, dir string) *DB {
	t.Helper()
	db, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// put commits one key through the journal; the key is its own redo.
func put(t *testing.T, db *DB, key, value []byte) {
	t.Helper()
	tx, err := db.Write()
	if err != nil {
		t.Fatal(err)
	}
	if err := set(tx, key, value); err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(tx, key); err != nil {
		t.Fatal(err)
	}
}

func set(tx *bbolt.Tx, key, value []byte) error {
	b, err := tx.CreateBucketIfNotExists(bucket)
	if err != nil {
		return err
	}
	return b.Put(key, value)
}

func num(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func count(t *testing.T, db *DB) (n int) {
	t.Helper()
	db.View(func(tx *bbolt.Tx) error {
		if b := tx.Bucket(bucket); b != nil {
			n = b.Stats().KeyN
		}
		return nil
	})
	return n
}

// crash copies the folder as it is while the database is open: what a killed process leaves.
func crash(t *testing.T, dir string) string {
	t.Helper()
	left := t.TempDir()
	for _, name := range []string{FileName, JournalName} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(left, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return left
}

// TestJournalBringsBack: after a crash the file is as it was when it was last settled, and the journal has all that came since.
func TestJournalBringsBack(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	for i := range 3000 {
		put(t, db, num(i), bytes.Repeat([]byte{1}, 300))
	}
	left := crash(t, dir)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	after := open(t, left)
	defer after.Close()
	settled := count(t, after)
	if !after.Unfinished() || settled == 0 || settled == 3000 {
		t.Fatalf("%d keys in the settled file, unfinished: %v; the journal was never full, or never used", settled, after.Unfinished())
	}
	if _, err := after.Write(); err == nil {
		t.Error("something could be written before the journal was carried out")
	}
	err := after.Redo(func(tx *bbolt.Tx, redo []byte) error { return set(tx, redo, bytes.Repeat([]byte{1}, 300)) })
	if err != nil || count(t, after) != 3000 || after.Unfinished() {
		t.Errorf("%d of 3000 keys came back: %v", count(t, after), err)
	}
	put(t, after, num(3000), nil)
}

// TestTornEndIsNotBelieved: the last redo of a power cut may be half written; nobody was told that it is done.
func TestTornEndIsNotBelieved(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	defer db.Close()
	put(t, db, num(1), nil)
	put(t, db, num(2), nil)
	left := crash(t, dir)
	f, err := os.OpenFile(filepath.Join(left, JournalName), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteAt([]byte{0xff}, db.journal.last+redoHead)
	f.Close()
	after := open(t, left)
	defer after.Close()
	if len(after.redos) != 1 || !bytes.Equal(after.redos[0], num(1)) {
		t.Errorf("the journal tells %x", after.redos)
	}
}

// TestForeignJournalIsRefused: an older copy of the database that somebody puts under the journal would be torn apart by it.
func TestForeignJournalIsRefused(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	put(t, db, num(1), nil)
	db.Close()
	older, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	db = open(t, dir)
	for i := range 50 {
		put(t, db, num(i), nil)
	}
	db.Close()
	if err := os.WriteFile(filepath.Join(dir, FileName), older, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); key(err) != "store.broken" {
		t.Errorf("an older database under a newer journal: %v", err)
	}
}

// TestWideTransactionsNeedNoPin: a transaction that changes pages all over the file is synced with it.
func TestWideTransactionsNeedNoPin(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	defer db.Close()
	tx, err := db.Write()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 400_000 {
		if err := set(tx, num(i), make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Commit(tx, nil); err != nil {
		t.Fatal(err)
	}
	if tx, err = db.Write(); err != nil {
		t.Fatal(err)
	}
	for i := range 400_000 {
		if i%20 == 0 {
			if err := set(tx, num(i), make([]byte, 200)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if small(tx) {
		t.Error("a transaction over the whole file counts as small")
	}
	if err := db.Commit(tx, []byte("redo")); err != nil {
		t.Fatal(err)
	}
	left := crash(t, dir)
	after := open(t, left)
	defer after.Close()
	if after.Unfinished() {
		t.Error("it went by the journal")
	}
}

// TestGrowsPastTheMapping: a writer that pins a state must never wait for itself when the file outgrows what is mapped.
func TestGrowsPastTheMapping(t *testing.T) {
	db := open(t, t.TempDir())
	defer db.Close()
	for i := 0; db.Size() < firstMap+growth; i++ {
		put(t, db, num(i), make([]byte, 200<<10))
	}
	if db.pin == nil {
		t.Error("past the mapping nothing goes by the journal any more")
	}
}

// TestCompactionLeavesTheJournalBehind: its meta pages lead nowhere in the new file.
func TestCompactionLeavesTheJournalBehind(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	for i := range 200 {
		put(t, db, num(i), make([]byte, 1000))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Compact(dir); err != nil {
		t.Fatal(err)
	}
	db = open(t, dir)
	defer db.Close()
	if n := count(t, db); n != 200 {
		t.Errorf("%d of 200 keys are left", n)
	}
}
