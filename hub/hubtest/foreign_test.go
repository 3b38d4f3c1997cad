package hubtest

import (
	"testing"
	"time"
)

// routers are the machines with the least in common with ours: 32 bits, no floating point unit, and one of them big-endian.
var routers = []struct{ arch, emulator string }{{"mips", "qemu-mips"}, {"mipsle", "qemu-mipsel"}}

// onLoopback lets hubs be neighbours within one machine, and sends nothing to its links.
var onLoopback = []string{"--mdns=false", "--mesh-listen", "127.0.0.1:0"}

func TestRouterBinaries(t *testing.T) {
	for _, r := range routers {
		t.Run(r.arch, func(t *testing.T) {
			t.Parallel()
			Need(t, r.emulator)
			program := Program(t, "GOARCH="+r.arch, "GOMIPS=softfloat")
			h := Start(t, Options{Program: program, Emulator: r.emulator, Args: onLoopback})
			ana := h.Settle("ana")
			ben := h.Join("The Bakers", "ben")
			ana.Post(Notice{Kind: "offer", Title: "Plum trees", Text: "Come with a ladder.", Reach: "far"})
			ben.Post(Notice{Kind: "need", Title: "A ladder", Text: "For plums.", Reach: "far"})
			h.Stop()
			start := time.Now()
			h.Start()
			Report(t, "restart under %s took %v", r.emulator, time.Since(start).Round(time.Millisecond))
			for _, title := range []string{"Plum trees", "A ladder"} {
				if !h.Shows("/notices", title) {
					t.Errorf("after a restart %q is not on the page", title)
				}
			}
			mirrored(t, h)
		})
	}
}

// mirrored: a hub of this machine's architecture keeps a proved copy of the router's record, and shows its notices.
func mirrored(t *testing.T, router *Hub) {
	t.Helper()
	here := Start(t, Options{Args: append([]string{"--join", router.URL}, onLoopback...)})
	start := time.Now()
	here.Accept(router)
	Until(t, "the router's notices are on our page", func() bool {
		return here.Shows("/notices", "Plum trees") && here.Shows("/notices", "A ladder")
	})
	Report(t, "seen, accepted and mirrored after %v", time.Since(start).Round(time.Millisecond))
	if n, _ := here.Neighbour(router.ID()); n.Behind != 0 || n.Synced != n.Size {
		t.Errorf("the mirror has %d of %d", n.Synced, n.Size)
	}
}
