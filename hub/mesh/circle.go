package mesh

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// circle is one life of memberlist, under one member name and one address. When either must
// change, the whole circle is replaced: memberlist can change neither.
type circle struct {
	list     *memberlist.Memberlist
	guard    *guard
	delegate *delegate
	roster   *roster
	book     *book
	epoch    uint64
	born     time.Time
	stop     context.CancelFunc
	tasks    sync.WaitGroup
}

const (
	retransmit    = 5
	probeInterval = 5 * time.Second
	leaveWithin   = time.Second
)

// open starts a circle on addr.
func (m *Mesh) open(addr netip.AddrPort) (*circle, error) {
	epoch, err := m.epochs.next(m.checker.overtaken.Load())
	if err != nil {
		return nil, err
	}
	g, err := openGuard(addr, m.o.sockets, packetRules{allow: m.allow, member: m.roster.at, own: m.checker.isOwn})
	if err != nil {
		return nil, err
	}
	me := card{claim: m.self, epoch: epoch, gossip: g.addr, port: uint16(m.o.Port)}
	name := me.name()
	m.checker.own.Store(&name)
	m.roster.clear()
	m.checker.turnAway() // so that we ask for all members a few times: of those whom a new circle misses it would hear minutes later
	c := &circle{guard: g, roster: m.roster, book: m.book, epoch: epoch, born: time.Now()}
	c.delegate = newDelegate(m, me.meta(m.o.Key))
	if c.list, err = memberlist.Create(m.config(c, name)); err != nil {
		g.Shutdown() // closing once more than memberlist did costs nothing
		return nil, fmt.Errorf("mesh: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.tasks.Go(func() { m.listenTo(ctx, c) })
	c.tasks.Go(func() { m.catchUp(ctx, c) })
	c.tasks.Go(func() { m.overhear(ctx, c) })
	return c, nil
}

// config is tuned for a mesh of radios: long suspicion, because a false alarm costs more there
// than a late one.
func (m *Mesh) config(c *circle, name string) *memberlist.Config {
	f := memberlist.DefaultLANConfig()
	f.Name, f.Label, f.Transport = name, label, c.guard
	f.BindAddr, f.BindPort = c.guard.addr.Addr().String(), int(c.guard.addr.Port())
	f.AdvertiseAddr, f.AdvertisePort = f.BindAddr, f.BindPort
	f.EnableCompression = false // the guard refuses it, and it costs 78 kB of garbage per packet
	f.UDPBufferSize = 1200
	f.ProbeInterval, f.ProbeTimeout = probeInterval, 2*time.Second
	f.SuspicionMult, f.AwarenessMaxMultiplier, f.IndirectChecks = 5, 4, 3
	f.GossipInterval, f.GossipNodes, f.RetransmitMult = 250*time.Millisecond, 4, retransmit
	f.PushPullInterval, f.GossipToTheDeadTime = time.Minute, time.Minute
	f.DeadNodeReclaimTime, f.HandoffQueueDepth = 30*time.Second, 128
	f.CIDRsAllowed = m.allow.nets()
	f.DNSConfigPath = os.DevNull // it must never ask a resolver
	f.Logger = newLibraryLog(m.o.Log)
	f.Delegate, f.Events, f.Alive = c.delegate, c.delegate, m.checker
	return f
}

// close says good-bye and ends the circle.
func (c *circle) close() {
	_ = c.list.Leave(leaveWithin) // who does not hear it finds out by probing
	_ = c.list.Shutdown()         // it only ever reports what the guard does on closing twice
	c.stop()
	c.tasks.Wait()
}

// supervise keeps a circle running on a good address.
func (m *Mesh) supervise(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			m.tend(ctx)
			m.book.tidy()
		case <-ctx.Done():
			return
		}
	}
}

const (
	checkEvery  = 10 * time.Second
	silence     = 12 * probeInterval // without a ping, among members that are alive: we were evicted
	shortestAge = 2 * time.Minute    // of a circle before it is given up: whoever buries us again and again costs a small write each time
)

// tend opens a circle where there is none, and a new one where the address has gone, where the
// others have buried us for good, or where our epoch counter was set back.
func (m *Mesh) tend(ctx context.Context) {
	c := m.current()
	now := netip.Addr{}
	if c != nil {
		now = c.guard.addr.Addr()
	}
	ip, ok := pick(m.listen.Addr(), now, m.allow, links)
	if !ok || c != nil && ip == now && !m.spent(c) {
		return
	}
	port := m.listen.Port()
	if c != nil {
		port = c.guard.addr.Port()
		m.replace(nil)
	}
	fresh, err := m.open(netip.AddrPortFrom(ip, port))
	if err != nil {
		m.o.Log.Warn("mesh: cannot gossip, will try again", "err", err)
		return
	}
	m.replace(fresh)
	if ctx.Err() != nil { // Close has come in between, and saw the old circle
		m.replace(nil)
		return
	}
	m.o.Log.Info("mesh: gossip", "address", fresh.guard.addr.String(), "epoch", fresh.epoch)
	m.tell(fresh)
	m.book.hurry()
	m.poke()
}

func (m *Mesh) spent(c *circle) bool {
	if m.checker.overtaken.Load() > c.epoch {
		return true
	}
	if time.Since(c.born) < shortestAge {
		return false
	}
	// A hub that one half of the mesh has buried is still pinged by the other: silence alone would not show it, and each half
	// would go on persuading the other.
	quiet := time.Since(time.Unix(c.guard.pinged.Load(), 0))
	return c.guard.buried.Load() || quiet > silence && m.roster.count() > 0
}

// replace puts another circle in place of the present one, which it closes; nil is none.
func (m *Mesh) replace(c *circle) {
	m.mu.Lock()
	old := m.circle
	m.circle = c
	m.mu.Unlock()
	if old != nil {
		old.close()
	}
}
