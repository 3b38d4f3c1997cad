package store

import (
	"os"
	"testing"

	"go.etcd.io/bbolt"

	"commonhub/hub/fault"
)

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Key
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := Open(dir, Options{}); key(err) != "store.in-use" {
		t.Errorf("a second opening: %v", err)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{format + 1}) })
	db.Close()
	if _, err := Open(dir, Options{}); key(err) != "store.newer" {
		t.Errorf("a file of a newer program: %v", err)
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/"+FileName, make([]byte, 32<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); key(err) != "store.broken" {
		t.Errorf("a file of zeros: %v", err)
	}
}

// TestCompactForgets: bytes that were deleted are in the file until it is compacted, and not afterwards.
func TestCompactForgets(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("words that somebody wants forgotten")
	write := func(f func(b *bbolt.Bucket) error) {
		t.Helper()
		err := db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("b"))
			if err != nil {
				return err
			}
			return f(b)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(func(b *bbolt.Bucket) error { return b.Put([]byte("k"), append(secret, make([]byte, 8000)...)) })
	write(func(b *bbolt.Bucket) error {
		if err := b.Delete([]byte("k")); err != nil {
			return err
		}
		return WantCompaction(b.Tx())
	})
	if !db.CompactionWanted() || !contains(t, dir, secret) {
		t.Fatal("nothing to compact: this test would prove nothing")
	}
	db.Close()
	if _, _, err := Compact(dir); err != nil {
		t.Fatal(err)
	}
	if contains(t, dir, secret) {
		t.Error("the words are still in the file")
	}
	if db, err = Open(dir, Options{}); err != nil || db.CompactionWanted() {
		t.Errorf("after compaction: %v", err)
	}
	db.Close()
}

func contains(t *testing.T, dir string, what []byte) bool {
	t.Helper()
	raw, err := os.ReadFile(dir + "/" + FileName)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+len(what) <= len(raw); i++ {
		if string(raw[i:i+len(what)]) == string(what) {
			return true
		}
	}
	return false
}
