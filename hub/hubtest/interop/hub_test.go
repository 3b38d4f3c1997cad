package interop

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for a state that must come.
const patience = 60 * time.Second

// hub is the real program as a process. This module does not import commonhub, whose modules shall not meet those that judge it.
type hub struct {
	t            testing.TB
	program, dir string
	url          string
	claim        string
}

func build(t testing.TB) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "commonhub")
	if said, err := exec.Command("go", "build", "-C", "../../..", "-o", program, "./cmd/commonhub").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	return program
}

// start runs a hub that keeps to loopback, on a fresh folder. It ends with the test.
func start(t testing.TB, program string, flags ...string) *hub {
	t.Helper()
	h := &hub{t: t, program: program, dir: t.TempDir()}
	args := append([]string{"--data", h.dir, "--listen", "127.0.0.1:0", "--mdns=false", "--mesh-listen", "127.0.0.1:0"}, flags...)
	cmd := exec.Command(program, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s logged:\n%s", h.url, &log)
		}
	})
	for lines := bufio.NewScanner(out); h.claim == "" && lines.Scan(); {
		kind, address, _ := strings.Cut(lines.Text(), " ")
		switch kind {
		case "listening":
			h.url = strings.TrimPrefix(address, "on ")
		case "claim":
			h.claim = address
		}
	}
	go io.Copy(io.Discard, out)
	return h
}

func (h *hub) console(words ...string) string {
	h.t.Helper()
	said, err := exec.Command(h.program, append(words, "--data", h.dir)...).Output()
	if err != nil {
		h.t.Fatalf("commonhub %v: %v", words, err)
	}
	return strings.TrimSpace(string(said))
}

// post sends a form as a script does and returns the id in its answer.
func (h *hub) post(address, token string, form map[string]string) (id string) {
	h.t.Helper()
	sent, err := json.Marshal(form)
	if err != nil {
		h.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(sent))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	var a struct{ ID string }
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil || res.StatusCode != http.StatusCreated {
		h.t.Fatalf("POST %s answered %s: %v", address, res.Status, err)
	}
	return a.ID
}

// board is a claimed hub with a notice that takes any number of comments, each of which is an event.
type board struct {
	*hub
	token, notice string
}

func newBoard(t testing.TB, h *hub) board {
	t.Helper()
	member := h.post(h.claim, "", map[string]string{"household": "Ana", "name": "ana", "secret": "long enough to pass", "language": "en"})
	token := h.console("token", "--member", member)
	notice := h.post(h.url+"/notices", token, map[string]string{"kind": "news", "title": "Street feast", "text": "Say what you bring", "reach": "far"})
	return board{h, token, notice}
}

// grow appends n events, from several sides at once.
func (b board) grow(n int) {
	b.t.Helper()
	var wg sync.WaitGroup
	for side := range 8 {
		wg.Go(func() {
			for i := side; i < n; i += 8 {
				b.post(b.url+"/notices/"+b.notice+"/comments", b.token, map[string]string{"text": fmt.Sprint("cake number ", i)})
			}
		})
	}
	wg.Wait()
}

// size is how many events the hub has.
func (h *hub) size() uint64 {
	h.t.Helper()
	var s struct{ Size uint64 }
	h.read("status", &s)
	return s.Size
}

func (h *hub) id() string {
	h.t.Helper()
	var s struct{ ID string }
	h.read("status", &s)
	return s.ID
}

func (h *hub) read(command string, into any) {
	h.t.Helper()
	if err := json.Unmarshal([]byte(h.console(command, "--json")), into); err != nil {
		h.t.Fatal(err)
	}
}

// mirrors accepts another hub and waits until all of its record is here.
func (h *hub) mirrors(other *hub) {
	h.t.Helper()
	id, size, accepted := other.id(), other.size(), false
	for start := time.Now(); time.Since(start) < patience; time.Sleep(20 * time.Millisecond) {
		var all []struct {
			ID, Words string
			Synced    uint64
		}
		h.read("neighbours", &all)
		for _, n := range all {
			switch {
			case n.ID == id && accepted && n.Synced >= size:
				return
			case n.ID == id && !accepted && n.Words != "":
				h.console("neighbours", "accept", id)
				accepted = true
			}
		}
	}
	h.t.Fatalf("hub %s was not mirrored within %v", id, patience)
}

// records are the addresses of a record at its own hub and at a mirror.
func records(own, mirror *hub) map[string]string {
	digest := sha256.Sum256([]byte("commonhub/" + own.id()))
	return map[string]string{
		"ours":       own.url + "/record/",
		"the mirror": fmt.Sprintf("%s/mirror/%x/", mirror.url, digest),
	}
}
