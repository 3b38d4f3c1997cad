package hub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"

	"commonhub/hub/hubtest"
)

// TestFullDisk: on a full disk writing is refused with a sentence, reading goes on, and all is well when there is room again.
func TestFullDisk(t *testing.T) {
	hubtest.NeedRoot(t)
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	h := hubtest.Start(t, hubtest.Options{Dir: filepath.Join(dir, "data"), Args: []string{"--mesh=false"}})
	ana := h.Settle("ana")
	first := ana.Post(hubtest.Notice{Kind: "news", Title: "Before the flood", Text: "Dry", Reach: "neighbours"})

	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	status, said := http.StatusCreated, ""
	for i := 0; i < 400 && status == http.StatusCreated; i++ {
		status, said = comment(t, first, ana.Token, fmt.Sprint("Wet ", i))
	}
	if status != http.StatusInsufficientStorage || !strings.Contains(said, "disk is full") {
		t.Errorf("a full disk answers %d: %s", status, said)
	}
	if status, page := h.Get("/notices"); status != http.StatusOK || !bytes.Contains(page, []byte("Before the flood")) {
		t.Errorf("a full disk keeps people from reading: %d", status)
	}
	h.Stop()
	h.Start() // a hub whose disk is full starts again
	if status, page := h.Get("/notices"); status != http.StatusOK || !bytes.Contains(page, []byte("Before the flood")) {
		t.Errorf("after a restart: %d", status)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	ana.Post(hubtest.Notice{Kind: "news", Title: "After the flood", Text: "Dry again", Reach: "neighbours"})
	h.Stop()
	if said := h.Console("record", "verify", h.Dir); !strings.Contains(said, "verified") {
		t.Error(said)
	}
}

// fill takes all room that is left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

// comment posts one and gives the answer, whatever it is.
func comment(t *testing.T, about hubtest.Posted, token, text string) (int, string) {
	t.Helper()
	form, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, about.URL+"/comments", bytes.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var said bytes.Buffer
	said.ReadFrom(res.Body)
	return res.StatusCode, said.String()
}

// unmappable is a folder whose files cannot be mapped for sharing, as on jffs2.
type unmappable struct{ fs.LoopbackNode }

func (n *unmappable) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	inode, h, f, errno := n.LoopbackNode.Create(ctx, name, flags, mode, out)
	if errno != 0 {
		return inode, h, f, errno
	}
	return inode, unmappableFile{h.(openFile)}, f | fuse.FOPEN_DIRECT_IO, errno
}

// unmappableFile hides that the kernel could reach the file behind it directly, which would let it be mapped after all.
type unmappableFile struct{ openFile }

type openFile interface {
	fs.FileReader
	fs.FileWriter
	fs.FileGetattrer
	fs.FileSetattrer
	fs.FileFsyncer
	fs.FileFlusher
	fs.FileReleaser
}

// TestFolderWithoutMapping: the program refuses with a sentence that says what to do. It runs as a process of its own, because one that
// maps files of a folder that it serves itself waits for itself.
func TestFolderWithoutMapping(t *testing.T) {
	hubtest.NeedRoot(t)
	hubtest.NeedFile(t, "/dev/fuse")
	root := &fs.LoopbackRoot{Path: t.TempDir()}
	dir := t.TempDir()
	server, err := fs.Mount(dir, &unmappable{fs.LoopbackNode{RootData: root}}, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Unmount()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	said, err := exec.CommandContext(ctx, hubtest.Program(t), "serve", "--data", dir, "--listen", "127.0.0.1:0", "--mesh=false").CombinedOutput()
	if err == nil || !strings.Contains(string(said), "cannot map files into memory") {
		t.Errorf("a folder that cannot map files: %v, %s", err, said)
	}
}
