package mesh

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

const (
	quiet     = time.Second // between two announcements of our own
	fanOut    = 6           // members that a new rumour is sent to at once
	fanSure   = 4           // of them known to the book: with two, among a hundred invented members, 3 % of rumours missed somebody
	freshRate = 30          // signatures checked per second for gossip, from all sources
	staleRate = 20          // the same for push/pull
)

// Announce tells neighbours that our record holds size events. The first announcement goes out
// at once; after that there is at most one a second, with the latest size. It never blocks.
func (m *Mesh) Announce(size uint64) {
	m.size.Store(size)
	select {
	case m.grown <- struct{}{}:
	default:
	}
}

// herald sends our own announcements.
func (m *Mesh) herald(ctx context.Context) {
	for {
		select {
		case <-m.grown:
		case <-ctx.Done():
			return
		}
		if c := m.current(); c != nil {
			m.tell(c)
		}
		select {
		case <-time.After(quiet):
		case <-ctx.Done():
			return
		}
	}
}

// tell signs our present size under the circle's epoch and spreads it.
func (m *Mesh) tell(c *circle) {
	if size := m.size.Load(); size > 0 {
		r := signRumour(m.self, m.o.Key, c.epoch, size)
		m.rumours.keep(r)
		c.spread(r)
	}
}

// spread sends a rumour to a few members itself, and leaves the rest to gossip. It does not rely
// on gossip alone: memberlist's queue can be starved by whoever pings us often enough.
func (c *circle) spread(r rumour) {
	for _, to := range c.roster.some(fanOut, fanSure, c.book.has) {
		// Best effort: who misses it gets it from another member, or by push/pull.
		_ = c.list.SendBestEffort(&to.node, r.bytes)
	}
	c.delegate.queue.QueueBroadcast(whisper(r))
}

// listenTo takes in what gossip brings, until ctx ends. What is too much is dropped: it comes
// again from another member.
func (m *Mesh) listenTo(ctx context.Context, c *circle) {
	pace := rate.NewLimiter(freshRate, 4*freshRate)
	for {
		select {
		case b := <-c.delegate.gossip:
			m.heard(c, b, pace.Allow)
		case <-ctx.Done():
			return
		}
	}
}

// catchUp takes in what push/pull brings. It has a goroutine of its own and takes its time, so
// that hundreds of signatures do not hold up a rumour that is new.
func (m *Mesh) catchUp(ctx context.Context, c *circle) {
	pace := rate.NewLimiter(staleRate, staleRate)
	wait := func() bool { return pace.Wait(ctx) == nil }
	for {
		select {
		case rumours := <-c.delegate.states:
			for _, b := range rumours {
				m.heard(c, b, wait)
			}
		case <-ctx.Done():
			return
		}
	}
}

// heard checks one rumour, passes it on and makes it a hint. A signature is only checked for news
// about a hub that the book or the roster knows, and when afford allows it.
func (m *Mesh) heard(c *circle, b []byte, afford func() bool) {
	r, ok := parseRumour(b)
	if !ok || r.claim == m.self || !m.rumours.news(r) {
		return
	}
	url := m.book.url(r.claim)
	if url == "" {
		url = m.roster.url(r.claim)
	}
	if url == "" || !afford() || !r.verify() || !m.rumours.keep(r) {
		return
	}
	m.book.heard(r.claim)
	m.hint(Hint{ID: r.id, URL: url, Size: r.size})
	c.spread(r)
}
