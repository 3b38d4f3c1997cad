package mesh

import (
	"testing"
	"time"
)

func (n *node) aliveAt(hub *node) string {
	for _, h := range n.Seen() {
		if h.ID == hub.id && h.Alive {
			return h.URL
		}
	}
	return ""
}

func TestHubComesBackFromItsBook(t *testing.T) {
	a := startNode(t, "a", nil)
	dir := t.TempDir()
	b := startNode(t, "b", func(o *Options) { o.Dir, o.Join = dir, []string{a.url} })
	eventually(t, "both see each other", func() bool { return a.sees(b) && b.sees(a) })
	start := time.Now()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("Close took %v", took)
	}
	eventually(t, "a has heard that b left", func() bool { return a.aliveAt(b) == "" })
	if !a.sees() || len(a.Seen()) != 1 {
		t.Errorf("a forgot b: %+v", a.Seen())
	}
	again := startNode(t, "b", func(o *Options) { o.Dir = dir })
	eventually(t, "b is back at its new address, without --join", func() bool { return a.sees(again) && again.sees(a) })
}

// TestForgedDeathIsOvercome has a stranger say that a hub is dead, with an incarnation number that
// memberlist itself can never top.
func TestForgedDeathIsOvercome(t *testing.T) {
	a := startNode(t, "a", nil)
	b := startNode(t, "b", func(o *Options) { o.Join = []string{a.url} })
	eventually(t, "both see each other", func() bool { return a.sees(b) && b.sees(a) })
	name := *a.checker.own.Load()
	fire(t, "udp", b.Gossip(), labelled(message(typeDead, "Incarnation", uint32(1<<32-1), "Node", name, "From", name)))
	eventually(t, "b believes that a is dead", func() bool { return b.aliveAt(a) == "" })
	if len(b.Seen()) != 1 {
		t.Errorf("b forgot a: %+v", b.Seen())
	}

	// As if a had not been pinged for long; in truth that takes minutes.
	c := a.current()
	c.born = time.Now().Add(-time.Hour)
	c.guard.pinged.Store(0)
	a.tend(t.Context())
	if fresh := a.current(); fresh == c || fresh.epoch <= c.epoch {
		t.Fatal("a has not noticed that it was buried")
	}
	eventually(t, "b sees a again, under its new epoch", func() bool { return b.sees(a) && a.sees(b) })
}

// TestHubHearsOfItsOwnDeath has a death that cannot be answered come back to its victim, told by the liar or by those who believe it.
// Others may go on pinging the victim, so silence does not show it.
func TestHubHearsOfItsOwnDeath(t *testing.T) {
	for teller, tell := range map[string]func(a, b *node, lie []byte){
		"the liar": func(a, _ *node, lie []byte) { fire(t, "udp", a.Gossip(), lie) },
		"a believer": func(a, b *node, lie []byte) {
			fire(t, "udp", b.Gossip(), lie)
			eventually(t, "b believes that a is dead", func() bool { return b.aliveAt(a) == "" })
			if _, err := a.current().list.Join([]string{b.id + "/" + b.Gossip()}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(teller, func(t *testing.T) {
			a := startNode(t, "a", nil)
			b := startNode(t, "b", func(o *Options) { o.Join = []string{a.url} })
			eventually(t, "both see each other", func() bool { return a.sees(b) && b.sees(a) })
			name := *a.checker.own.Load()
			tell(a, b, labelled(message(typeDead, "Incarnation", uint32(untoppable), "Node", name, "From", name)))
			eventually(t, "a has heard of it", a.current().guard.buried.Load)

			c := a.current()
			if a.tend(t.Context()); a.current() != c {
				t.Error("a begins anew although it has just begun: a liar could keep it at that")
			}
			c.born = time.Now().Add(-time.Hour)
			if a.tend(t.Context()); a.current().epoch <= c.epoch {
				t.Fatal("a goes on under a name that is dead to others")
			}
			eventually(t, "b sees a again, under its new epoch", func() bool { return b.sees(a) && a.sees(b) })
		})
	}
}

func TestHubThatLivesElsewhereIsStillFound(t *testing.T) {
	a := startNode(t, "a", nil)
	b := startNode(t, "b", nil)
	liar, _ := keyOf("liar")
	spots, err := parseJoins([]string{b.url})
	if err != nil {
		t.Fatal(err)
	}
	a.book.note(candidate{spot: spots[0], id: liar})
	eventually(t, "a finds b where another was named", func() bool { return a.sees(b) })
	for _, h := range a.Seen() {
		if h.ID == liar {
			t.Errorf("the liar is listed: %+v", h)
		}
	}
}

func TestHubThatJoinsItself(t *testing.T) {
	a := startNode(t, "a", nil)
	spots, _ := parseJoins([]string{a.url})
	a.book.note(candidate{spot: spots[0], manual: true})
	a.poke()
	eventually(t, "the address is dropped", func() bool {
		a.book.mu.Lock()
		defer a.book.mu.Unlock()
		return len(a.book.maybe) == 0
	})
	if len(a.Seen()) != 0 {
		t.Errorf("a sees %+v", a.Seen())
	}
}
