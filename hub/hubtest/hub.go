package hubtest

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"commonhub/hub/store"
)

// stopTime is how long a hub may take to end after SIGTERM.
const stopTime = 5 * time.Second

// Options say where and how a hub runs.
type Options struct {
	Program   string   // path; "" builds one for this machine
	Namespace string   // network namespace; "" is the machine's own, where a hub must keep to loopback
	Emulator  string   // such as "qemu-mips"; "" runs the program itself
	Args      []string // further flags of serve
	Dir       string   // data folder, perhaps of a hub that was; "" is a fresh one
}

// Hub is the program running as a process on a data folder of its own. One test goroutine drives it.
type Hub struct {
	URL   string // where its portal listens, as it said itself; another one after every start
	Claim string // the address that makes the first steward, "" after the first start
	Dir   string // data folder, which outlives the process

	t      testing.TB
	o      Options
	cmd    *exec.Cmd
	stderr *lockedBuffer
	ended  chan struct{}
}

// Start runs a hub on a fresh data folder and returns when it answers. It ends with the test.
func Start(t testing.TB, o Options) *Hub {
	t.Helper()
	if o.Program == "" {
		o.Program = Program(t)
	}
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	h := &Hub{t: t, o: o, Dir: o.Dir, stderr: &lockedBuffer{}}
	t.Cleanup(func() {
		h.Kill()
		if t.Failed() {
			t.Logf("the hub at %s logged:\n%s", h.URL, h.stderr)
		}
	})
	h.Start()
	return h
}

// command makes a command of the program, where and how this hub runs.
func (h *Hub) command(words ...string) *exec.Cmd {
	line := append([]string{h.o.Program}, words...)
	if h.o.Emulator != "" {
		line = append([]string{h.o.Emulator}, line...)
	}
	if h.o.Namespace != "" {
		line = append([]string{"ip", "netns", "exec", h.o.Namespace}, line...)
	}
	return exec.Command(line[0], line[1:]...)
}

// Start runs the hub again on its folder, after Stop or Kill.
func (h *Hub) Start() {
	h.t.Helper()
	listen := "127.0.0.1:0"
	if h.o.Namespace != "" {
		listen = ":8080"
	}
	_, missing := os.Stat(filepath.Join(h.Dir, store.FileName))
	h.cmd = h.command(slices.Concat([]string{"serve", "--data", h.Dir, "--listen", listen}, h.o.Args)...)
	h.cmd.Stderr = h.stderr
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	lines, ended := make(chan string, 16), make(chan struct{})
	h.ended = ended
	go func() {
		defer close(ended)
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	h.hear(lines, os.IsNotExist(missing))
}

// hear waits for what a hub says when it is ready: its address, and on a fresh folder the claim.
func (h *Hub) hear(lines <-chan string, fresh bool) {
	h.t.Helper()
	h.URL, h.Claim = "", ""
	for deadline := time.After(Patience); h.URL == "" || fresh && h.Claim == ""; {
		select {
		case line, more := <-lines:
			if !more {
				h.t.Fatalf("the hub ended before it was ready:\n%s", h.stderr)
			}
			if url, ok := strings.CutPrefix(line, "listening on "); ok {
				h.URL = url
			}
			if url, ok := strings.CutPrefix(line, "claim "); ok {
				h.Claim = url
			}
		case <-deadline:
			h.t.Fatalf("the hub was not ready within %v:\n%s", Patience, h.stderr)
		}
	}
}

// Stop ends the hub with SIGTERM, and fails the test if it does not end cleanly in time.
func (h *Hub) Stop() {
	h.t.Helper()
	h.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-h.ended:
	case <-time.After(stopTime):
		h.t.Errorf("the hub did not end within %v after SIGTERM", stopTime)
		h.cmd.Process.Kill()
		<-h.ended
	}
	if err := h.cmd.Wait(); err != nil {
		h.t.Errorf("the hub ended with %v", err)
	}
}

// Kill ends the hub with SIGKILL. Killing one that has ended does nothing.
func (h *Hub) Kill() {
	if h.ended == nil {
		return
	}
	h.cmd.Process.Kill()
	<-h.ended
	h.cmd.Wait()
}

// lockedBuffer takes a process's words while the test reads them.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
