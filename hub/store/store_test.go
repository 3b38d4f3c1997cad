package store

import (
	"context"
	"os"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"go.etcd.io/bbolt"

	"commonhub/hub/fault"
	"commonhub/hub/hubtest"
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
	write(func(b *bbolt.Bucket) error { return b.Delete([]byte("k")) })
	db.Update(WantCompaction)
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

// unmappable is a folder whose files cannot be mapped for sharing, as on jffs2.
type unmappable struct{ fs.LoopbackNode }

func (n *unmappable) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	inode, h, f, errno := n.LoopbackNode.Create(ctx, name, flags, mode, out)
	return inode, h, f | fuse.FOPEN_DIRECT_IO, errno
}

func TestFolderWithoutMappingIsRefused(t *testing.T) {
	hubtest.NeedRoot(t)
	hubtest.NeedFile(t, "/dev/fuse")
	root := &fs.LoopbackRoot{Path: t.TempDir()}
	root.NewNode = func(data *fs.LoopbackRoot, _ *fs.Inode, _ string, _ *syscall.Stat_t) fs.InodeEmbedder {
		return &unmappable{fs.LoopbackNode{RootData: data}}
	}
	dir := t.TempDir()
	server, err := fs.Mount(dir, &unmappable{fs.LoopbackNode{RootData: root}}, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Unmount()
	if _, err := Open(dir, Options{}); key(err) != "store.no-mmap" {
		t.Errorf("a folder that cannot map files: %v", err)
	}
}
