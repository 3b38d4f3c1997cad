package mesh

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// liveHeap is what is in use after a collection. What finalizers free is gone only after a second one.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

const heapGrowth = 1 << 20 // bytes that an attack may leave behind

// TestAttacksLeaveNothingBehind has all hubs in this process, where the heap can be read, so other tests must not run beside it.
func TestAttacksLeaveNothingBehind(t *testing.T) {
	hubs := startFive(t)
	a := &attacker{t: t, ip: netip.MustParseAddr("127.0.0.1"), third: netip.MustParseAddr("127.0.0.1"), hubs: []string{hubs[0].Gossip(), hubs[1].Gossip()}}
	for i, each := range slices.Concat(attacks, floods) {
		before := liveHeap()
		each.do(a)
		grown := liveHeap() - before
		for start := time.Now(); grown > heapGrowth && time.Since(start) < patience; grown = liveHeap() - before {
			time.Sleep(100 * time.Millisecond) // a stream may live for ten seconds
		}
		hubtest.Report(t, "live heap of five hubs after %q: %+d kB", each.name, grown>>10)
		if grown > heapGrowth {
			t.Errorf("%s: the live heap grew by %d kB", each.name, grown>>10)
		}
		announcementArrives(t, hubs, uint64(i+1))
	}
}

// startFive starts five hubs in this process that know each other.
func startFive(t *testing.T) []*node {
	t.Helper()
	var hubs []*node
	for i := range 5 {
		hubs = append(hubs, startNode(t, fmt.Sprint("attacked ", t.Name(), i), func(o *Options) {
			for _, h := range hubs {
				o.Join = append(o.Join, h.url)
			}
		}))
	}
	for _, h := range hubs {
		eventually(t, "all see all", func() bool { return h.knows(hubs) && h.roster.count() >= 4 })
	}
	return hubs
}

// knows tells whether all others are in the book, verified.
func (n *node) knows(hubs []*node) bool {
	for _, other := range hubs {
		if other != n && !n.book.has(other.self) {
			return false
		}
	}
	return true
}

// announcementArrives has the first hub say that its record grew, and all others hear it, without having lost each other.
func announcementArrives(t *testing.T, hubs []*node, size uint64) {
	t.Helper()
	hubs[0].Announce(size)
	for i, h := range hubs[1:] {
		eventually(t, fmt.Sprintf("hub %d hears announcement %d", i+1, size), func() bool { return h.rumours.size(hubs[0].self) == size })
	}
	for i, h := range hubs {
		if !h.knows(hubs) {
			t.Errorf("hub %d has lost another from its book", i)
		}
	}
}

// TestAnnouncementsUnderPings: memberlist's own queue gave 0 of 80 at 50 pings a second.
func TestAnnouncementsUnderPings(t *testing.T) {
	for _, rate := range []int{50, 1000} {
		t.Run(fmt.Sprint(rate, " a second"), func(t *testing.T) {
			t.Parallel()
			hubs := startFive(t)
			a := &attacker{t: t, hubs: []string{hubs[0].Gossip()}}
			ended := make(chan struct{})
			go func() { // longer than 20 announcements need, one a second
				defer close(ended)
				a.packets(25*rate, rate, labelled(message(typePing, "SeqNo", 1)))
			}()
			start, arrived := time.Now(), 0
			for size := uint64(1); size <= 20; size++ {
				announcementArrives(t, hubs, size)
				arrived += len(hubs) - 1
			}
			hubtest.Report(t, "%d of 80 announcements arrived in %v under %d pings a second", arrived, time.Since(start).Round(time.Millisecond), rate)
			<-ended
		})
	}
}
