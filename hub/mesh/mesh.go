package mesh

import (
	"context"
	"crypto/ed25519"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Mesh is the running search for neighbours. All its methods may be called at any time, from
// anywhere, until Close.
type Mesh struct {
	o       Options
	self    claim
	listen  netip.AddrPort
	allow   allowed
	book    *book
	roster  *roster
	rumours *rumours
	cries   *cries
	checker *checker
	epochs  *epochs

	hints    chan Hint
	callOuts chan []byte
	called   chan struct{} // pokes the crier: there is something to tell
	wake     chan struct{} // pokes the scout: the book has something to look at
	grown    chan struct{} // pokes the herald: size has changed
	size     atomic.Uint64
	looks    chan struct{} // one token per look under way
	visits   *rate.Limiter // looks at addresses that strangers gave us, which found nobody new
	guesses  atomic.Int32  // such looks under way, which may have to be paid for

	mu     sync.Mutex // guards circle
	circle *circle    // nil while there is no address to gossip on

	stop  context.CancelFunc
	tasks sync.WaitGroup
}

const (
	hintBuffer    = 256
	callOutBuffer = 16
	parallelLooks = 4
	closeWithin   = 2500 * time.Millisecond
)

// Start begins to look for neighbours and returns at once. Missing network is no error: the mesh
// then waits for an address. Errors mean that the options or the book's folder are unusable. The
// caller must Close the mesh, even when ctx has ended.
func Start(ctx context.Context, o Options) (*Mesh, error) {
	m, err := build(o)
	if err != nil {
		return nil, err
	}
	ctx, m.stop = context.WithCancel(ctx)
	m.tend(ctx) // at once, so that Gossip is known when Start returns
	m.run(ctx, m.supervise, m.scout, m.herald, m.crier)
	if o.MDNS && !m.listen.Addr().IsLoopback() { // who is on the link could not be a peer
		m.run(ctx, m.find)
	}
	return m, nil
}

func build(o Options) (*Mesh, error) {
	listen, err := o.check()
	if err != nil {
		return nil, err
	}
	spots, err := parseJoins(o.Join)
	if err != nil {
		return nil, err
	}
	allow := allowedFor(listen, spots)
	if err := allow.all(spots); err != nil {
		return nil, err
	}
	m := &Mesh{
		o: o, listen: listen, allow: allow,
		self:  newClaim(o.ID, o.Key.Public().(ed25519.PublicKey)),
		hints: make(chan Hint, hintBuffer), wake: make(chan struct{}, 1),
		grown: make(chan struct{}, 1), looks: make(chan struct{}, parallelLooks),
		visits: rate.NewLimiter(2, 8), rumours: newRumours(o.Now), cries: newCries(o.Now),
		callOuts: make(chan []byte, callOutBuffer), called: make(chan struct{}, 1),
	}
	if m.epochs, err = openEpochs(o.Dir, o.Now); err != nil {
		return nil, err
	}
	m.book = openBook(o.Dir, o.Now, o.Log)
	m.roster = newRoster()
	m.checker = newChecker(m.self, m.allow, m.book, m.roster)
	for _, spot := range spots {
		m.book.note(candidate{spot: spot, manual: true})
	}
	return m, nil
}

// run starts tasks that end when ctx does; Close waits for them.
func (m *Mesh) run(ctx context.Context, tasks ...func(context.Context)) {
	for _, task := range tasks {
		m.tasks.Go(func() { task(ctx) })
	}
}

// Hints is where hints come out. They are dropped while the buffer is full, so whoever reads
// must also poll the hubs that matter, now and then.
func (m *Mesh) Hints() <-chan Hint { return m.hints }

func (m *Mesh) hint(h Hint) {
	select {
	case m.hints <- h:
	default:
	}
}

// Seen lists the hubs that we know of, sorted by id, without those whose id is still unknown.
func (m *Mesh) Seen() []Hub {
	hubs := m.book.hubs()
	for i := range hubs {
		if hubs[i].Key != nil {
			hubs[i].Alive = m.roster.has(newClaim(hubs[i].ID, hubs[i].Key))
		}
	}
	return hubs
}

// Peers gives the addresses of a few hubs that we have looked at ourselves, never the same few, for others to look at: a hub that moved while
// somebody was away is found again by asking those who saw it since.
func (m *Mesh) Peers() []string {
	var peers []string
	for _, h := range m.book.hubs() {
		if h.Verified {
			peers = append(peers, h.URL)
		}
	}
	rand.Shuffle(len(peers), func(i, j int) { peers[i], peers[j] = peers[j], peers[i] })
	return peers[:min(len(peers), maxPeers)]
}

// Gossip is the address that we gossip on, "ip:port", or "" while there is none.
func (m *Mesh) Gossip() string {
	if c := m.current(); c != nil {
		return c.guard.addr.String()
	}
	return ""
}

func (m *Mesh) current() *circle {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.circle
}

// Close says good-bye to the others, saves the book and ends all that Start began, within three
// seconds. The error tells that the book could not be saved.
func (m *Mesh) Close() error {
	m.stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.replace(nil)
		m.tasks.Wait()
	}()
	select {
	case <-done:
	case <-time.After(closeWithin):
		// A dial or a multicast query that cannot be cancelled may outlive us by a second.
	}
	return m.book.save()
}
