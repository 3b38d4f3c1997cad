package hubtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commonhub/hub/store"
)

// Three blocks on one link without any internet: the hubs find each other by multicast alone.
func TestThreeHubsOnABridge(t *testing.T) {
	link, program := NewBridge(t), Program(t)
	hubs := map[string]*Hub{}
	for _, name := range []string{"a", "b", "c"} {
		hubs[name] = Start(t, Options{Program: program, Namespace: link.Host(name), Args: []string{"--name", "Block " + strings.ToUpper(name)}})
	}
	a, b, c := hubs["a"], hubs["b"], hubs["c"]
	start := time.Now()
	for _, h := range hubs {
		for _, other := range hubs {
			if h != other {
				h.Accept(other)
			}
		}
	}
	Report(t, "three hubs found each other by mDNS and were accepted in %v", time.Since(start).Round(time.Millisecond))
	ana := a.Settle("ana")

	start = time.Now()
	ana.Post(Notice{Kind: "offer", Title: "A drill to lend", Text: "Ring at number four.", Reach: "neighbours"})
	for name, h := range map[string]*Hub{"b": b, "c": c} {
		Until(t, "the notice is on the page of "+name, func() bool { return h.Shows("/notices", "A drill to lend") })
		Report(t, "a notice posted on a was on the page of %s after %v", name, time.Since(start).Round(time.Millisecond))
	}

	b.Kill()
	ana.Post(Notice{Kind: "need", Title: "A cot for a week", Text: "Our niece comes.", Reach: "neighbours"})
	Until(t, "c has the notice that b sleeps through", func() bool { return c.Shows("/notices", "A cot for a week") })
	start = time.Now()
	b.Start()
	Until(t, "b has what it missed", func() bool { return b.Shows("/notices", "A cot for a week") })
	Report(t, "b, killed and started again, had what it missed after %v", time.Since(start).Round(time.Millisecond))

	staysHome(t, a, b, ana)
}

// staysHome: the entry of a this-hub notice travels, its words never do. The notice after it shows that there was time to.
func staysHome(t *testing.T, a, b *Hub, ana *Member) {
	t.Helper()
	const secretTitle, secretText = "Zwetschgenkompott", "Quittengelee"
	secret := ana.Post(Notice{Kind: "news", Title: secretTitle, Text: secretText, Reach: "hub"})
	last := ana.Post(Notice{Kind: "news", Title: "After the secret", Text: "said to all", Reach: "neighbours"})
	Until(t, "b has a later notice", func() bool { return b.Shows("/notices", "After the secret") })
	Until(t, "b has the entry after the secret", func() bool {
		n, _ := b.Neighbour(a.ID())
		return n.Synced > last.Index
	})
	if _, page := ana.Get("/notices"); !bytes.Contains(page, []byte(secretTitle)) {
		t.Error("a's own member does not see the notice")
	}
	for _, word := range []string{secretTitle, secretText} {
		for _, path := range publicPaths(a, secret) {
			if _, page := a.Get(path); bytes.Contains(page, []byte(word)) {
				t.Errorf("%s of a gives %q to strangers", path, word)
			}
		}
		if said := b.everything(t); strings.Contains(said, word) {
			t.Errorf("b holds or shows %q", word)
		}
	}
	if held, err := os.ReadFile(filepath.Join(a.Dir, store.FileName)); err != nil || !bytes.Contains(held, []byte(secretText)) {
		t.Error("a's own file does not hold the words in clear, so looking for them in b's file proves nothing")
	}
}

// publicPaths are all that a neighbour or a guest can ask a hub for about one event.
func publicPaths(h *Hub, p Posted) []string {
	origin := sha256.Sum256([]byte("commonhub/" + h.ID()))
	return []string{
		"/", "/notices", "/notices/" + p.ID, "/notices.atom", "/record/checkpoint", "/record/tile/entries/000",
		"/body/" + hex.EncodeToString(origin[:]) + "/" + p.Leaf, "/.well-known/commonhub",
	}
}

// everything is the text of a hub's file and of its pages.
func (h *Hub) everything(t *testing.T) string {
	t.Helper()
	held, err := os.ReadFile(filepath.Join(h.Dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	_, list := h.Get("/notices")
	_, home := h.Get("/")
	return string(held) + string(list) + string(home)
}
