package mesh

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Self is what a hub says of itself at /.well-known/commonhub, as far as the mesh needs it.
type Self struct {
	ID     string            // 16 base32 characters
	Key    ed25519.PublicKey // current key
	Gossip string            // "ip:port" or ":port" of its gossip listener, "" when its mesh is off
}

// Options say who we are and where to look. ID, Key, Dir, Port and Look are required.
type Options struct {
	Dir    string             // book.json and the epoch counter live here
	ID     string             // own id
	Key    ed25519.PrivateKey // signs our card and our announcements
	Listen string             // "ip:port" or ":port"; port 0 takes a free one
	Port   int                // HTTP port that the hub serves on
	Join   []string           // "ip:port" or "http://ip:port" of neighbours' HTTP listeners
	MDNS   bool
	// Look fetches and checks the self description of the hub at url ("http://ip:port"). It must
	// bound the size of the answer, follow no redirect and honour ctx.
	Look func(ctx context.Context, url string) (Self, error)
	Log  *slog.Logger
	Now  func() time.Time
}

// Hint says that it may be worth looking at a hub. Size is what the signer of an announcement
// claims its record to hold; 0 means that the hub was merely seen.
type Hint struct {
	ID   string
	URL  string // "http://ip:port"
	Size uint64
}

// Hub is one line of what we know of other hubs. Two hubs may claim one id with different keys;
// both are listed, for only a pinned key can tell which of them is meant.
type Hub struct {
	ID       string
	URL      string            // "http://ip:port"
	Key      ed25519.PublicKey // nil while nobody has told it
	Verified bool              // its self description was fetched and carried this id and key
	Heard    time.Time
	Alive    bool // gossip thinks so: a hint
	Manual   bool // named by --join
}

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
	checker *checker
	epochs  *epochs

	hints  chan Hint
	wake   chan struct{} // pokes the scout: the book has something to look at
	grown  chan struct{} // pokes the herald: size has changed
	size   atomic.Uint64
	looks  chan struct{} // one token per look under way
	visits *rate.Limiter // looks at addresses that strangers gave us

	mu     sync.Mutex // guards circle
	circle *circle    // nil while there is no address to gossip on

	stop  context.CancelFunc
	tasks sync.WaitGroup
}

const (
	hintBuffer    = 256
	parallelLooks = 4
	closeWithin   = 2500 * time.Millisecond
)

// Start begins to look for neighbours and returns at once. Missing network is no error: the mesh
// then waits for an address. Errors mean that the options or the book's folder are unusable.
func Start(ctx context.Context, o Options) (*Mesh, error) {
	m, err := build(o)
	if err != nil {
		return nil, err
	}
	ctx, m.stop = context.WithCancel(ctx)
	m.tend(ctx) // at once, so that Gossip is known when Start returns
	m.run(ctx, m.supervise, m.scout, m.herald)
	if o.MDNS {
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
	m := &Mesh{
		o: o, listen: listen, allow: allowedFor(listen, spots),
		self:  newClaim(o.ID, o.Key.Public().(ed25519.PublicKey)),
		hints: make(chan Hint, hintBuffer), wake: make(chan struct{}, 1),
		grown: make(chan struct{}, 1), looks: make(chan struct{}, parallelLooks),
		visits: rate.NewLimiter(2, 8), rumours: newRumours(o.Now),
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

// check returns where to listen, and fills what may be left out.
func (o *Options) check() (netip.AddrPort, error) {
	if !validID(o.ID) || len(o.Key) != ed25519.PrivateKeySize || o.Look == nil {
		return netip.AddrPort{}, errors.New("mesh: id, key and look are required")
	}
	if o.Port < 1 || o.Port > 65535 {
		return netip.AddrPort{}, fmt.Errorf("mesh: HTTP port %d is out of range", o.Port)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return parseListen(o.Listen)
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
