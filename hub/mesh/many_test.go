package mesh

import (
	"flag"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// The simulation takes its size from the command line:
//
//	go test -run TestManyHubs -v ./hub/mesh -hubs 300 -idle 60s
var (
	manyHubs = flag.Int("hubs", 50, "hubs in TestManyHubs")
	idleTime = flag.Duration("idle", 15*time.Second, "how long TestManyHubs counts the bytes of an idle mesh")
)

// TestManyHubs prints what a district costs, and fails only if somebody never sees all, or misses an announcement.
func TestManyHubs(t *testing.T) {
	n, before := *manyHubs, liveMemory()
	d := newDistrict(t)
	d.start(n, func(i int) []string { return []string{door(address((i + 1) % n)), door(address(rand.IntN(n)))} })
	d.meet("strangers")
	most, all := d.until("everyone has looked at everyone", 0.99, func(m *Mesh) bool { return len(m.book.hubs()) >= n-1 && verified(m) >= n-1 })
	hubtest.Report(t, "%d hubs: 99 %% have all in the book, verified, after another %v, everyone after %v", n, most, all)
	d.announce(1, 5, "while all are still telling of each other")
	d.calm()
	d.announce(6, 10, "in a calm mesh")
	d.calm()
	d.idle()
	hubtest.Report(t, "%d hubs: %d kB of heap and stacks per hub", n, (liveMemory()-before)/int64(n)>>10)
	d.close()
	d.start(n, func(int) []string { return nil })
	d.meet("hubs with books, as after a power cut,")
}

// announce has random hubs say one after the other that their records have grown, to sizes that nobody has told before.
func (d *district) announce(first, last uint64, when string) {
	d.t.Helper()
	for size := first; size <= last; size++ {
		teller := d.hubs[rand.IntN(len(d.hubs))]
		teller.Announce(size)
		most, all := d.until("an announcement reaches everyone", 0.99, func(m *Mesh) bool {
			return m == teller || m.rumours.size(teller.self) == size
		})
		hubtest.Report(d.t, "%d hubs, %s: announcement %d reached 99 %% after %v, 100 %% after %v", len(d.hubs), when, size, most, all)
	}
}

// meet waits until all hubs that have just started see each other.
func (d *district) meet(who string) {
	d.t.Helper()
	n, sent, busy := len(d.hubs), d.sent(), processorTime(d.t)
	most, all := d.until("everyone sees everyone", 0.99, func(m *Mesh) bool { return m.roster.count() >= n-1 })
	hubtest.Report(d.t, "%d %s started at once: 99 %% see all after %v, everyone after %v, %d kB sent per hub, %.0f ms of processor per hub",
		n, who, most, all, (d.sent()-sent)/int64(n)>>10, float64((processorTime(d.t)-busy).Milliseconds())/float64(n))
}

// processorTime is what this process has used of all processors.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func verified(m *Mesh) (n int) {
	for _, h := range m.book.hubs() {
		if h.Verified {
			n++
		}
	}
	return n
}

// liveMemory is the live heap with the stacks of goroutines.
func liveMemory() int64 {
	heap := liveHeap()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return heap + int64(m.StackInuse)
}

func (d *district) sent() int64 { return d.net.datagramBytes.Load() + d.net.streamBytes.Load() }

// idle counts what goes over the links while nobody has anything to say.
func (d *district) idle() {
	d.t.Helper()
	packets, datagrams, streams := d.net.datagrams.Load(), d.net.datagramBytes.Load(), d.net.streamBytes.Load()
	busy := processorTime(d.t)
	<-time.After(*idleTime)
	per := func(now, then int64) float64 { return float64(now-then) / idleTime.Seconds() / float64(len(d.hubs)) }
	hubtest.Report(d.t, "%d hubs: idle, each sends %.1f packets and %.0f B/s by UDP with headers, and moves %.0f B/s by push/pull; %.2f ms of processor a second",
		len(d.hubs), per(d.net.datagrams.Load(), packets), per(d.net.datagramBytes.Load(), datagrams), per(d.net.streamBytes.Load(), streams),
		(processorTime(d.t)-busy).Seconds()*1000/idleTime.Seconds()/float64(len(d.hubs)))
}
