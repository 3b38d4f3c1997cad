package mesh

import (
	"context"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"runtime"
	"sync"
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

// district is many hubs in one process that all start at once.
type district struct {
	t    *testing.T
	dir  string
	net  *memoryNet
	hubs []*Mesh

	mu    sync.Mutex // guards doors
	doors map[string]*Mesh
}

// simPatience is how long a district of hundreds may take on a laden machine.
const simPatience = 10 * time.Minute

func newDistrict(t *testing.T) *district {
	d := &district{t: t, dir: t.TempDir(), net: newMemoryNet(), doors: map[string]*Mesh{}}
	t.Cleanup(d.close)
	return d
}

// start starts n hubs on the folders that they may have left. Each has been told of those that join names, as by --join or mDNS.
func (d *district) start(n int, join func(i int) []string) {
	d.t.Helper()
	for i := range n {
		seed := fmt.Sprint("district", i)
		id, key := keyOf(seed)
		m, err := Start(d.t.Context(), Options{
			Dir: filepath.Join(d.dir, seed), ID: id, Key: key, Listen: netip.AddrPortFrom(address(i), 7946).String(), Port: 8080,
			Join: join(i), Look: d.look, sockets: d.net,
		})
		if err != nil {
			d.t.Fatal(err)
		}
		d.hubs = append(d.hubs, m)
		d.open(door(address(i)), m)
	}
}

func address(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 50, byte(i >> 8), byte(i)}) }

func door(ip netip.Addr) string { return "http://" + netip.AddrPortFrom(ip, 8080).String() }

func (d *district) open(url string, m *Mesh) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.doors[url] = m
}

// look is the self description of a hub in the same process.
func (d *district) look(_ context.Context, url string) (Self, error) {
	d.mu.Lock()
	m := d.doors[url]
	d.mu.Unlock()
	if m == nil {
		return Self{}, errors.New("nobody there yet")
	}
	return Self{ID: m.self.id, Key: ed25519.PublicKey(m.self.key[:]), Gossip: m.Gossip()}, nil
}

func (d *district) close() {
	var closing sync.WaitGroup
	for _, m := range d.hubs {
		closing.Go(func() { m.Close() })
	}
	closing.Wait()
	d.hubs = nil
}

// until waits until ok holds for a share of the hubs, and for all, and returns both times.
func (d *district) until(what string, share float64, ok func(*Mesh) bool) (most, all time.Duration) {
	d.t.Helper()
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		n := 0
		for _, m := range d.hubs {
			if ok(m) {
				n++
			}
		}
		took := time.Since(start).Round(10 * time.Millisecond)
		if most == 0 && float64(n) >= share*float64(len(d.hubs)) {
			most = took
		}
		if n == len(d.hubs) {
			return most, took
		}
		if took > simPatience {
			d.t.Fatalf("waited %v for: %s; %d of %d have it", took, what, n, len(d.hubs))
		}
	}
}

// TestManyHubs prints what a district costs, and fails only if somebody never sees all, or misses an announcement.
func TestManyHubs(t *testing.T) {
	n, before := *manyHubs, liveMemory()
	d := newDistrict(t)
	d.start(n, func(i int) []string { return []string{door(address((i + 1) % n)), door(address(rand.IntN(n)))} })
	d.meet("strangers")
	most, all := d.until("everyone has looked at everyone", 0.99, func(m *Mesh) bool { return len(m.book.hubs()) >= n-1 && verified(m) >= n-1 })
	hubtest.Report(t, "%d hubs: 99 %% have all in the book, verified, after another %v, everyone after %v", n, most, all)
	for size := uint64(1); size <= 5; size++ {
		teller := d.hubs[rand.IntN(n)]
		teller.Announce(size)
		most, all := d.until("an announcement reaches everyone", 0.99, func(m *Mesh) bool {
			return m == teller || m.rumours.size(teller.self) == size
		})
		hubtest.Report(t, "%d hubs: announcement %d reached 99 %% after %v, 100 %% after %v", n, size, most, all)
	}
	d.calm()
	d.idle()
	hubtest.Report(t, "%d hubs: %d kB of heap and stacks per hub", n, (liveMemory()-before)/int64(n)>>10)
	d.close()
	d.start(n, func(int) []string { return nil })
	d.meet("hubs with books, as after a power cut,")
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

// calm waits until nobody asks for members any more, and what was new has been told often enough.
func (d *district) calm() {
	d.t.Helper()
	const noise = 150 // bytes per hub and second: an idle hub's probes are half of that
	d.until("nobody asks for members any more", 1, func(m *Mesh) bool { return !m.missesSome() })
	start, then := time.Now(), int64(0)
	for spent := int64(math.MaxInt64); spent > noise*int64(len(d.hubs)); spent = d.net.datagramBytes.Load() - then {
		if time.Since(start) > simPatience {
			d.t.Fatalf("%d bytes a second after %v, with nothing to say", spent, simPatience)
		}
		then = d.net.datagramBytes.Load()
		<-time.After(time.Second)
	}
	hubtest.Report(d.t, "%d hubs: calm %v after all this", len(d.hubs), time.Since(start).Round(time.Second))
}

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
