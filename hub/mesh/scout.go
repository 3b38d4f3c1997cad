package mesh

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

const (
	scoutEvery  = time.Second
	startWithin = time.Second / 2
	lookWithin  = 5 * time.Second

	maxPeers = 8 // addresses that one hub may hint at, each time that it is looked at

	askAgainAfter = 10 * time.Second // between two requests for all members, 0.3 kB for each
	askAgainFor   = time.Minute      // after somebody was turned away, and after a start: whoever is asked may lack the same hub
)

var (
	errSelf    = errors.New("that is ourselves")
	errAnother = errors.New("another hub lives there")
	errNoRoom  = errors.New("the book is full")
)

// scout looks at what the book finds due: at hubs that gossip has lost, at addresses that the
// operator gave, and at what strangers named. This is also what joins two halves of a mesh again:
// memberlist itself never calls those that it has forgotten.
//
// It begins at a moment of its own: when the power comes back, all hubs of a district start at once.
func (m *Mesh) scout(ctx context.Context) {
	select {
	case <-time.After(rand.N(startWithin)):
	case <-ctx.Done():
		return
	}
	tick := time.NewTicker(scoutEvery)
	defer tick.Stop()
	var asked time.Time
	for {
		m.dispatch(ctx)
		if time.Since(asked) > askAgainAfter {
			asked = time.Now()
			m.recall()
			if m.missesSome() {
				m.run(ctx, m.askAgain)
			}
		}
		select {
		case <-tick.C:
		case <-m.wake:
		case <-ctx.Done():
			return
		}
	}
}

// missesSome tells whether members were turned away for whom there may be room now. While strangers
// fill half of what they may have, there is none: whoever invents members must not make us ask for them.
func (m *Mesh) missesSome() bool {
	last := m.checker.turnedAway.Load()
	return last != nil && time.Since(*last) < askAgainFor && len(m.roster.strangers(m.book.has)) < strangerCap/2
}

// askAgain has a hub that we know tell us of all members once more. It matters when a whole district
// starts at once, with more new hubs than can be checked in a second.
func (m *Mesh) askAgain(context.Context) {
	c := m.current()
	if c == nil {
		return
	}
	for _, to := range c.roster.some(1, 1, m.book.has) {
		if _, err := c.list.Join([]string{to.id + "/" + to.gossip.String()}); err != nil {
			m.o.Log.Debug("mesh: asked in vain for all members", "id", to.id, "err", err)
		}
	}
}

// recall takes down members again whose address was pushed out before somebody looked there: nobody else would name them once more,
// and strangers whom nobody looks at leave no room for others.
func (m *Mesh) recall() {
	for _, c := range m.roster.strangers(m.book.has) {
		if !m.book.spare() {
			return
		}
		m.book.note(c.candidate())
	}
}

func (m *Mesh) poke() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// dispatch starts looks at what is due, as many as there are free tokens.
func (m *Mesh) dispatch(ctx context.Context) {
	free := cap(m.looks) - len(m.looks) // only this goroutine takes tokens
	for _, c := range m.book.due(free, m.roster.present()) {
		if !m.allow.has(c.spot.Addr()) { // from a book that was written under another --mesh-listen
			m.book.failed(c)
			continue
		}
		if c.hearsay() && !m.guess() {
			m.book.later(c)
			continue
		}
		m.looks <- struct{}{}
		m.run(ctx, func(ctx context.Context) {
			defer func() { <-m.looks; m.poke() }()
			m.visit(ctx, c)
		})
	}
}

// guess begins a look at an address from a stranger, if all that are under way could be paid for. The caller owes a call of guessed.
func (m *Mesh) guess() bool {
	if m.visits.Tokens() < float64(m.guesses.Load()+1) {
		return false
	}
	m.guesses.Add(1) // only the scout adds
	return true
}

func (m *Mesh) guessed(right bool) {
	if !right {
		m.visits.Allow()
	}
	m.guesses.Add(-1)
}

// visit looks at one address, and joins the gossip of the hub that it finds. A hub that is new to us costs nothing, so that a district
// which starts at once is soon known; all other looks that a stranger made us take are few a second.
func (m *Mesh) visit(ctx context.Context, c candidate) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	found := false
	if c.hearsay() {
		defer func() { m.guessed(found) }()
	}
	self, err := m.o.Look(ctx, c.url())
	if err == nil {
		err = m.fits(c, self)
	}
	switch {
	case errors.Is(err, errSelf):
		m.book.drop(c)
		return
	case errors.Is(err, errAnother):
		// Whoever was expected is not there, but somebody is, and we have seen it ourselves. False
		// words about an address must not hide the hub that lives there.
		m.book.failed(c)
		c, err = candidate{spot: c.spot, manual: c.manual}, nil
	}
	who := newClaim(self.ID, self.Key)
	known := m.book.has(who)
	if err == nil && !m.book.verified(c, self) {
		err = errNoRoom
	}
	if err != nil {
		m.o.Log.Debug("mesh: looked in vain", "url", c.url(), "err", err)
		m.book.failed(c)
		return
	}
	found = !known
	m.hint(Hint{ID: self.ID, URL: c.url(), Size: m.rumours.size(who)})
	m.join(who, parseGossip(self.Gossip, c.spot.Addr()))
	m.consider(self.Peers)
}

// consider takes down addresses from the book of a hub that we looked at. They are hearsay as all else that others say: they push out
// no address that waits to be looked at.
func (m *Mesh) consider(peers []string) {
	for _, one := range peers[:min(len(peers), maxPeers)] {
		spots, err := parseJoins([]string{one})
		if err != nil || !m.allow.has(spots[0].Addr()) || m.book.holdsAt(spots[0]) || !m.book.spare() {
			continue
		}
		m.book.note(candidate{spot: spots[0]})
	}
}

// fits compares what a hub says of itself with what was said of it.
func (m *Mesh) fits(c candidate, self Self) error {
	if !validID(self.ID) || len(self.Key) != len(claim{}.key) {
		return fmt.Errorf("description is not whole: id %q", self.ID)
	}
	who := newClaim(self.ID, self.Key)
	switch {
	case who == m.self:
		return errSelf
	case c.id != "" && c.id != self.ID, c.key != nil && c.claim() != who:
		return errAnother
	}
	return nil
}

// join exchanges member lists with a hub, unless gossip has done so before us.
func (m *Mesh) join(who claim, at netip.AddrPort) {
	c := m.current()
	if c == nil || !at.IsValid() || m.roster.has(who) || !m.allow.has(at.Addr()) {
		return
	}
	if _, err := c.list.Join([]string{who.id + "/" + at.String()}); err != nil {
		m.o.Log.Debug("mesh: join failed", "id", who.id, "address", at.String(), "err", err)
	}
}

// met takes down where a member serves HTTP, so that the scout looks there. It is called on
// memberlist's goroutines.
func (m *Mesh) met(c card) {
	if m.book.note(c.candidate()) {
		m.poke()
	} else if url := m.book.url(c.claim); url != "" {
		m.hint(Hint{ID: c.id, URL: url, Size: m.rumours.size(c.claim)})
	}
}
