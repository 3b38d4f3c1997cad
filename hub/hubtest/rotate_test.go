package hubtest

import (
	"encoding/json"
	"net"
	"strconv"
	"strings"
	"testing"
)

// Three hubs by their programs: one changes its key while a neighbour is away; all goes on, also gossip, and a trace shows how a notice went.
func TestKeyChangeAndTrace(t *testing.T) {
	program := Program(t)
	a := Start(t, Options{Program: program, Args: append([]string{"--name", "Olive Street"}, onLoopback...)})
	ana := a.Settle("ana")
	next := func(name string, join *Hub) *Hub {
		return Start(t, Options{Program: program, Args: append([]string{"--name", name, "--join", join.URL}, onLoopback...)})
	}
	b := Start(t, Options{Program: program, Args: append([]string{"--name", "Mill Lane", "--join", a.URL, "--listen", address(t)}, onLoopback...)})
	c := next("Quay", b)
	for _, pair := range [][2]*Hub{{a, b}, {b, a}, {c, b}, {b, c}} {
		pair[0].Accept(pair[1])
	}
	ana.Post(Notice{Kind: "offer", Title: "Plums", Text: "Many.", Reach: "far"})
	Until(t, "the quay reads the plums over the mill", func() bool { return c.Shows("/notices", "Plums") })
	old := a.Console("key")
	b.Stop()
	fresh := a.Console("key", "rotate")
	if kept := a.Console("key"); kept != old || fresh == old {
		t.Errorf("during the overlap the key is %s", kept)
	}
	if kept := a.Console("key", "retire"); kept != fresh {
		t.Errorf("after it the key is %s, want %s", kept, fresh)
	}
	a.Console("record", "verify", a.URL, "--key", fresh)
	last := ana.Post(Notice{Kind: "offer", Title: "Cherries", Text: "Few.", Reach: "far"})
	b.Start()
	Until(t, "the mill follows, and the quay over it", func() bool {
		return b.Shows("/notices", "Cherries") && c.Shows("/notices", "Cherries")
	})
	Until(t, "the mill's word makes it final under the new key", func() bool {
		return strings.Contains(string(a.JSON("/events/"+strconv.FormatUint(last.Index, 10))), `"standing":"final"`)
	})
	traced(t, a, b, c, last)
}

// address is one of this machine that was free a moment ago: a hub that is found where it was need not be looked for.
func address(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// traced asks for the way of a notice at the hub that is furthest away.
func traced(t *testing.T, a, b, c *Hub, n Posted) {
	t.Helper()
	var trace struct {
		Origin string
		Hubs   []struct {
			ID, Presence, Via string
			Hops              int
			Cosigned          bool
		}
	}
	Until(t, "the trace shows all three", func() bool {
		if err := json.Unmarshal([]byte(c.Console("mesh", "trace", n.URL, "--json")), &trace); err != nil {
			t.Fatal(err)
		}
		return len(trace.Hubs) == 3 && trace.Hubs[1].Cosigned && trace.Hubs[2].Presence == "mirrors"
	})
	want := []string{a.ID() + " author ", b.ID() + " mirrors " + a.ID(), c.ID() + " mirrors " + b.ID()}
	for i, h := range trace.Hubs {
		if got := h.ID + " " + h.Presence + " " + h.Via; got != want[i] || h.Hops != i {
			t.Errorf("line %d is %q over %d hops, want %q", i, got, h.Hops, want[i])
		}
	}
	said := c.Console("mesh", "trace", n.URL)
	for _, words := range []string{"of Olive Street", "from Olive Street, 1 hop, cosigned", "from Mill Lane, 2 hops"} {
		if !strings.Contains(said, words) {
			t.Errorf("the trace does not say %q:\n%s", words, said)
		}
	}
	Report(t, "a notice after a change of keys:\n%s", said)
}
