package hubtest

import (
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"

	"commonhub/hub/store"
)

// sector is the unit that a disk writes whole or not at all.
const sector = 512

// disk is one folder whose files forget at a power cut what was not synced: of every sector written since the last fsync, old
// or new bytes may survive, each by itself. Names survive from their creation on, as ext4 keeps them once the file is synced.
//
// It is served over FUSE by the test's own process, so only other processes may use it: a Go program that maps a file of its
// own FUSE mount waits for itself.
type disk struct {
	fs.Inode

	mu     sync.Mutex // guards all below and the insides of every file
	random *rand.Rand
	files  map[string]*file
	wait   int    // writes until the next cut; 0 = no cut is wanted
	cut    func() // what happens then, in the middle of that write
}

// remains is what a disk may hold after a power cut.
type remains map[string][]byte

type file struct {
	fs.Inode
	disk    *disk
	now     []byte // what processes see
	durable []byte // what is certain to survive
	dirty   map[int]bool
}

var (
	_ fs.NodeCreater   = (*disk)(nil)
	_ fs.NodeUnlinker  = (*disk)(nil)
	_ fs.NodeOpener    = (*file)(nil)
	_ fs.NodeGetattrer = (*file)(nil)
	_ fs.NodeSetattrer = (*file)(nil)
	_ fs.NodeReader    = (*file)(nil)
	_ fs.NodeWriter    = (*file)(nil)
	_ fs.NodeFsyncer   = (*file)(nil)
)

// mountDisk serves a disk and returns it with its folder. It is gone when the test ends; users of the folder must be gone before.
func mountDisk(t *testing.T, random *rand.Rand) (*disk, string) {
	t.Helper()
	dir := t.TempDir()
	d := &disk{random: random, files: map[string]*file{}}
	server, err := fs.Mount(dir, d, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "forgetful"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Detached, because the system may count a killed process's mapping for a moment after its end.
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
		server.Wait()
	})
	keepFromChildren(t)
	return d, dir
}

// keepFromChildren marks our ends of FUSE mounts close-on-exec, which the library does not: a child that held one would keep
// the mount alive, and everybody who waits for it.
func keepFromChildren(t *testing.T) {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range open {
		if to, _ := os.Readlink("/proc/self/fd/" + e.Name()); to == "/dev/fuse" {
			fd, _ := strconv.Atoi(e.Name())
			syscall.CloseOnExec(fd)
		}
	}
}

// afterWrites calls cut in the middle of one of the next writes, which waits for it.
func (d *disk) afterWrites(within int, cut func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wait, d.cut = 1+d.random.IntN(within), cut
}

// wrote counts a write or sync down to the cut. The caller holds mu.
func (d *disk) wrote() {
	if d.wait == 0 {
		return
	}
	if d.wait--; d.wait == 0 {
		d.cut()
	}
}

// remains is what the disk may hold after a power cut now. The caller holds mu.
func (d *disk) remains() remains {
	left := remains{}
	for name, f := range d.files {
		left[name] = f.survivors(d.random)
	}
	return left
}

// survivors is what a file may hold after a cut: in a third of all cuts no unsynced sector survives, in a third about half
// of them, in a third all.
func (f *file) survivors(random *rand.Rand) []byte {
	b := append([]byte(nil), f.durable...)
	odds := random.IntN(3) // of two
	for i := range f.dirty {
		if random.IntN(2) < odds {
			b = f.copySector(b, i)
		}
	}
	return b
}

// copySector copies a sector as processes see it to b, which grows if need be.
func (f *file) copySector(b []byte, i int) []byte {
	start, end := i*sector, min((i+1)*sector, len(f.now))
	if start >= end {
		return b
	}
	if end > len(b) {
		b = append(b, make([]byte, end-len(b))...)
	}
	copy(b[start:end], f.now[start:end])
	return b
}

// lay writes them to a folder of the real disk.
func (r remains) lay(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if r[store.FileName] == nil {
		t.Fatalf("the disk has no %s, only %v", store.FileName, slices.Collect(maps.Keys(r)))
	}
	for name, b := range r {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (d *disk) Create(ctx context.Context, name string, _, _ uint32, _ *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	f := &file{disk: d, dirty: map[int]bool{}}
	inode := d.NewInode(ctx, f, fs.StableAttr{Mode: syscall.S_IFREG})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[name] = f
	return inode, nil, fuse.FOPEN_KEEP_CACHE, 0
}

func (d *disk) Unlink(_ context.Context, name string) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, name)
	return 0
}

func (f *file) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_KEEP_CACHE, 0
}

func (f *file) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	out.Size, out.Mode = uint64(len(f.now)), 0o600
	return 0
}

func (f *file) Setattr(ctx context.Context, h fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if size, ok := in.GetSize(); ok {
		f.truncate(int(size))
	}
	return f.Getattr(ctx, h, out)
}

func (f *file) truncate(size int) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if size <= len(f.now) {
		f.now = f.now[:size:size]
		return
	}
	for i := len(f.now) / sector; i*sector < size; i++ {
		f.dirty[i] = true
	}
	f.now = append(f.now, make([]byte, size-len(f.now))...)
}

func (f *file) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	n := copy(dest, f.now[min(int(off), len(f.now)):])
	return fuse.ReadResultData(dest[:n]), 0
}

func (f *file) Write(_ context.Context, _ fs.FileHandle, b []byte, off int64) (uint32, syscall.Errno) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	end := int(off) + len(b)
	if end > len(f.now) {
		f.now = append(f.now, make([]byte, end-len(f.now))...)
	}
	copy(f.now[off:], b)
	for i := int(off) / sector; i*sector < end; i++ {
		f.dirty[i] = true
	}
	f.disk.wrote()
	return uint32(len(b)), 0
}

func (f *file) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.wrote()
	f.durable = f.durable[:min(len(f.durable), len(f.now))]
	for i := range f.dirty {
		f.durable = f.copySector(f.durable, i)
	}
	clear(f.dirty)
	return 0
}
