package hubtest

import (
	"strings"
	"testing"
	"time"
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

	StaysHome(t, ana, b, c)
}
