package mesh

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const patience = 60 * time.Second

// eventually polls until ok, and fails the test after patience.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience; time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited %v for: %s", patience, what)
}

// keyOf makes a key and the id of a hub that was born with it.
func keyOf(seed string) (string, ed25519.PrivateKey) {
	sum := sha256.Sum256([]byte(seed))
	key := ed25519.NewKeyFromSeed(sum[:])
	hash := sha256.Sum256(key.Public().(ed25519.PublicKey))
	return strings.ToLower(base32.StdEncoding.EncodeToString(hash[:10])), key
}

// node is a mesh with the one HTTP page that it needs.
type node struct {
	*Mesh
	id  string
	url string
}

func look(ctx context.Context, url string) (Self, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Self{}, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return Self{}, err
	}
	defer res.Body.Close()
	var self Self
	err = json.NewDecoder(io.LimitReader(res.Body, 4096)).Decode(&self)
	return self, err
}

func startNode(t *testing.T, seed string, change func(*Options)) *node {
	t.Helper()
	id, key := keyOf(seed)
	var m *Mesh
	ready := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-ready
		json.NewEncoder(w).Encode(Self{ID: id, Key: key.Public().(ed25519.PublicKey), Gossip: m.Gossip()})
	}))
	t.Cleanup(web.Close)
	o := Options{
		Dir: t.TempDir(), ID: id, Key: key, Listen: "127.0.0.1:0", Look: look,
		Port: web.Listener.Addr().(*net.TCPAddr).Port, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if change != nil {
		change(&o)
	}
	var err error
	if m, err = Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	close(ready)
	t.Cleanup(func() { m.Close() })
	return &node{Mesh: m, id: id, url: fmt.Sprintf("http://127.0.0.1:%d", o.Port)}
}

func (n *node) sees(others ...*node) bool {
	known := map[string]Hub{}
	for _, h := range n.Seen() {
		known[h.ID] = h
	}
	for _, other := range others {
		h := known[other.id]
		if !h.Verified || !h.Alive || h.URL != other.url {
			return false
		}
	}
	return true
}

// hinted drains hints until one says that hub has that size.
func (n *node) hinted(hub *node, size uint64) bool {
	for {
		select {
		case h := <-n.Hints():
			if h.ID == hub.id && h.Size == size && h.URL == hub.url {
				return true
			}
		default:
			return false
		}
	}
}

func TestThreeHubsFindEachOtherByJoin(t *testing.T) {
	start := time.Now()
	a := startNode(t, "a", nil)
	b := startNode(t, "b", func(o *Options) { o.Join = []string{a.url} })
	c := startNode(t, "c", func(o *Options) { o.Join = []string{strings.TrimPrefix(b.url, "http://")} })
	eventually(t, "all see all", func() bool { return a.sees(b, c) && b.sees(a, c) && c.sees(a, b) })
	t.Logf("all see all after %v", time.Since(start))

	for round := uint64(1); round <= 3; round++ {
		start = time.Now()
		a.Announce(round)
		eventually(t, "b has the hint", func() bool { return b.hinted(a, round) })
		eventually(t, "c has the hint", func() bool { return c.hinted(a, round) })
		t.Logf("announcement %d reached both after %v", round, time.Since(start))
	}
}
