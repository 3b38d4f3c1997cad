package mirror

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"commonhub/hub/record"
)

// Pulls of one hub are paced: a burst of ten, then one in ten seconds. Without any hint each is asked every few minutes.
const (
	pullBurst = 10
	pullEvery = 10 * time.Second
	pollEvery = 3 * time.Minute
	retryMin  = 5 * time.Second
)

// maxSeen bounds the table of hubs that were merely found, which strangers can fill.
const maxSeen = 300

// Looking at addresses that strangers name is paced for all of them together.
const (
	lookRate  = rate.Limit(2)
	lookBurst = 20
)

// Requests to cosign, from all hubs together.
const (
	additionRate  = rate.Limit(10)
	additionBurst = 100
)

// maxPulls is how many hubs are pulled at one time.
const maxPulls = 4

// Options are what a mirror needs from its hub.
type Options struct {
	Record   *record.Record
	Name     func() string    // our name, for the self-description
	Gossip   func() string    // address of the mesh listener, "" without one
	Peers    func() []string  // addresses of other hubs, for whoever looks for one; nil tells none
	Services []string         // names of what we serve
	Port     func() string    // of our own server, for neighbours who are asked about us; "" and nil say nothing
	Loopback bool             // peers on loopback addresses are allowed: hubs of one machine
	Reserve  func() (ok bool) // whether the disk has room for others' bodies
	// Stale lists bodies of others that need not be kept any longer, a few at a time; nil keeps all.
	Stale func(v record.View) []record.Ref
	// Whole tells whether a service needs every entry of an origin, whatever a steward chose; nil needs none.
	Whole func(v record.View, o record.Origin) bool
	Log   *slog.Logger
}

// Mirror keeps what we know of other hubs. Its methods are safe for concurrent use.
type Mirror struct {
	o      Options
	client *http.Client
	nonces *nonces
	slots  chan struct{}
	// bundles has an element for every bundle of others that is under way or in memory, in all pulls together.
	bundles chan struct{}
	looks   *rate.Limiter
	// additions paces requests to cosign, which each cost a signature check and perhaps a commit.
	additions *rate.Limiter
	witness   cosigner      // without a time
	recollect chan struct{} // a neighbour may cosign for us now
	offers    chan struct{} // fresh has something to tell
	doubts    chan struct{} // somebody says that our own record is another than we know
	instance  string        // random word of this running program
	ctx       context.Context
	stop      context.CancelFunc
	tasks     sync.WaitGroup
	lived     lifetime
	settling  sync.Mutex // held while neighbours are asked about our own record and it is put right

	mu      sync.Mutex // owns hubs and what the entries point to, and all below
	hubs    map[string]*hub
	fresh   map[record.Origin]string // records that we hold more of than we have offered, and the hub that it came from
	reading map[record.Origin]bool   // records that are being read over others
	torn    bool                     // neighbours keep histories under our key that cannot be brought together
}

// hub is what we know of another hub right now. Only what our record says of it (its pin) survives a restart as truth; the rest is
// kept as a note so that pages are not empty before it is heard again.
type hub struct {
	note     memory
	state    State
	key      string // pinned vkey, "" unless accepted
	asked    asked
	compared time.Time             // when its mirrors were last compared with ours
	offered  map[string]MirrorDesc // what it says that it has more of, by id
	deaf     time.Time             // until when it gets no offers
	cleared  bool                  // it was asked since our start, and keeps nothing of us that we never signed
	doubted  time.Time             // when it first said that it holds another record of ours
	trials   trials
	pacer    *rate.Limiter
	wake     chan struct{}
	cancel   context.CancelFunc // of its puller, nil if there is none
}

// memory is the private note of a hub: table neighbour/seen, by id.
type memory struct {
	Name     string    `json:"name"`
	URL      string    `json:"url"`
	Key      string    `json:"key"`  // vkey as it described itself
	Size     uint64    `json:"size"` // largest size that a checkpoint signed by its key told us
	Heard    time.Time `json:"heard"`
	Synced   uint64    `json:"synced"`
	SyncedAt time.Time `json:"syncedAt"`
	Waiting  int       `json:"waiting"` // bodies that its hub has not given us yet
	Problem  string    `json:"problem"` // message key, "" when all is well
	Services []string  `json:"services"`
	Protocol int       `json:"protocol"`
	Via      string    `json:"via,omitempty"`     // neighbour through which we read it, as long as it is merely seen
	Hops     int       `json:"hops,omitempty"`    // from it to us
	Witness  string    `json:"witness,omitempty"` // vkey of its cosignatures, as the key of its record stands for it
	Day      *day      `json:"day,omitempty"`     // nil while nothing of it was read
	Twin     string    `json:"twin,omitempty"`    // where another machine answered under its key, which is not read
	TwinSeen time.Time `json:"twinSeen,omitzero"`
	Arrivals []Arrival `json:"arrivals,omitempty"`
}

// Open reads what is known and starts a puller for every accepted hub. Close stops them.
func Open(o Options) (*Mirror, error) {
	ctx, stop := context.WithCancel(context.Background())
	m := &Mirror{
		o: o, client: newClient(o.Loopback), nonces: newNonces(), slots: make(chan struct{}, maxPulls), ctx: ctx, stop: stop,
		bundles: make(chan struct{}, bundlesHeld),
		looks:   rate.NewLimiter(lookRate, lookBurst), additions: rate.NewLimiter(additionRate, additionBurst), hubs: map[string]*hub{},
		fresh: map[record.Origin]string{}, reading: map[record.Origin]bool{}, offers: make(chan struct{}, 1),
		doubts: make(chan struct{}, 1), instance: rand.Text(),
		recollect: make(chan struct{}, 1),
	}
	if err := m.loadWitness(); err != nil {
		stop()
		return nil, err
	}
	err := o.Record.Read(func(v record.View) error {
		m.lived = loadLifetime(v)
		for id := range v.Private(service, "seen").From(nil) {
			n, _ := record.Load[memory](v.Private(service, "seen"), id)
			m.hubs[string(id)] = &hub{note: n, state: Seen}
		}
		for id := range v.Table(service, "pinned").From(nil) {
			m.adopt(pinned(v, string(id)))
		}
		return nil
	})
	m.tasks.Go(m.collecting)
	m.tasks.Go(m.offering)
	m.tasks.Go(m.doubting)
	return m, err
}

// Close stops all pulling and notes what we know for the next start.
func (m *Mirror) Close() error {
	m.stop()
	m.tasks.Wait()
	m.mu.Lock()
	notes := map[string]memory{}
	for id, h := range m.hubs {
		notes[id] = h.copied()
	}
	m.mu.Unlock()
	return m.keep(context.Background(), notes)
}

// entry finds or makes the hub with this id; nil when the table of the merely seen is full. The caller holds mu.
func (m *Mirror) entry(id string) *hub {
	h := m.hubs[id]
	if h == nil {
		if len(m.hubs) >= maxSeen && !m.forgetOne() {
			return nil
		}
		h = &hub{state: Seen}
		m.hubs[id] = h
	}
	if h.wake == nil {
		h.wake = make(chan struct{}, 1)
		h.pacer = rate.NewLimiter(rate.Every(pullEvery), pullBurst)
	}
	return h
}

// forgetOne makes room by dropping the merely seen hub that was heard least recently. Accepted and blocked ones stay.
func (m *Mirror) forgetOne() bool {
	oldest := ""
	for id, h := range m.hubs {
		if h.state == Seen && (oldest == "" || h.note.Heard.Before(m.hubs[oldest].note.Heard)) {
			oldest = id
		}
	}
	delete(m.hubs, oldest)
	return oldest != ""
}

// adopt follows what our record says of a hub: it starts or stops the puller. Calling it again changes nothing.
func (m *Mirror) adopt(p pin) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.entry(p.ID)
	if h == nil {
		h = &hub{wake: make(chan struct{}, 1), pacer: rate.NewLimiter(rate.Every(pullEvery), pullBurst)}
		m.hubs[p.ID] = h
	}
	h.state, h.key = p.State, p.Key
	if h.state != Accepted && h.cancel != nil {
		h.cancel()
		h.cancel = nil
	}
	if h.state == Accepted && h.cancel == nil && m.ctx.Err() == nil {
		ctx, cancel := context.WithCancel(m.ctx)
		h.cancel = cancel
		m.tasks.Go(func() { m.follow(ctx, p.ID) })
	}
}

// Hint says that somebody claims to have found a hub at url ("http://ip:port"), perhaps with a record of a certain size. It never
// blocks, and it is never believed: it makes us look.
func (m *Mirror) Hint(id, url string, size uint64) {
	m.mu.Lock()
	h := m.hubs[id]
	known := h != nil && h.state != Seen
	if known {
		if url != "" && h.note.URL == "" {
			h.note.URL = url
		}
		if h.state == Accepted && (size == 0 || size > h.note.Synced) {
			h.nudge()
		}
	}
	moved := h == nil || h.note.URL != url
	m.mu.Unlock()
	if (!known || moved) && url != "" && m.ctx.Err() == nil && m.looks.Allow() {
		m.tasks.Go(func() { m.lookQuietly(url) })
	}
}

func (h *hub) nudge() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// update changes what is noted of a hub, if it is known.
func (m *Mirror) update(id string, f func(n *memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.hubs[id]; h != nil {
		f(&h.note)
	}
}

// follow pulls one accepted hub until its puller is cancelled: at once, at every hint, and every few minutes without any.
func (m *Mirror) follow(ctx context.Context, id string) {
	m.mu.Lock()
	h := m.hubs[id]
	wake, pacer := h.wake, h.pacer
	m.mu.Unlock()
	for ctx.Err() == nil {
		if pacer.Wait(ctx) != nil {
			return
		}
		wait := pollEvery
		err := m.pullOne(ctx, id)
		if isQuota(err) {
			err = m.keepDays(ctx)
		}
		if err != nil && ctx.Err() == nil {
			m.o.Log.Info("a neighbour could not be read", "hub", id, "error", err)
			wait = retryMin + pullEvery
		}
		select {
		case <-wake:
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// pullOne takes one of the few slots and pulls, and notes what came of it.
func (m *Mirror) pullOne(ctx context.Context, id string) error {
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	err := m.pull(ctx, id)
	m.update(id, func(n *memory) { n.Problem = problemOf(err) })
	return err
}
