package mesh

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"commonhub/hub/hubtest"
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
