package mesh

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// verified takes down what a look at c has told. It refuses a hub for which there is no room:
// what was verified before is never pushed out.
func (b *book) verified(c candidate, self Self) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	who, now := newClaim(self.ID, self.Key), b.now()
	delete(b.maybe, c.spot)
	e := b.kept[who]
	if e == nil {
		if !c.manual && !b.keeps(c.spot.Addr()) {
			return false
		}
		e = &entry{candidate: candidate{spot: c.spot}}
		b.kept[who], b.dirty = e, true
	}
	// Whoever copies a hub's description can be looked at in its place. The old address stays
	// while it answers, unless the hub itself has signed the new one.
	if e.fails > 0 || c.signed || c.manual {
		b.dirty = b.dirty || e.spot != c.spot
		e.spot = c.spot
	}
	again := againLost
	if self.Gossip == "" {
		again = againKept
	}
	e.id, e.key, e.kept = self.ID, who.key[:], true
	e.manual = e.manual || c.manual
	e.heard, e.next, e.fails, e.busy = now, now.Add(again), 0, false
	b.touched = true
	return true
}

func (b *book) keeps(ip netip.Addr) bool {
	same := 0
	for _, e := range b.kept {
		if e.spot.Addr() == ip {
			same++
		}
	}
	return len(b.kept) < keptCap && (same < perAddress || ip.IsLoopback())
}

// failed puts off the next look, longer each time.
func (b *book) failed(c candidate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.find(c)
	if e == nil {
		return
	}
	nap := min(shortestNap<<min(e.fails, 10), longestNap)
	if e.manual {
		nap = min(nap, manualNap)
	}
	e.fails++
	e.next, e.busy = b.now().Add(nap), false
}

func (b *book) find(c candidate) *entry {
	if c.kept {
		return b.kept[c.claim()]
	}
	return b.maybe[c.spot]
}

// due gives up to n addresses to look at now and marks them as busy: verified hubs that gossip
// lacks or that were silent for long, longest unheard first, and then those named by the
// operator, and then the others. Every
// one must be answered with verified, failed or later.
func (b *book) due(n int, present map[claim]bool) []candidate {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	var ripe []*entry
	lonely := len(present) == 0
	for who, e := range b.kept {
		lost := !present[who] || now.Sub(e.heard).Abs() > silentFor
		if lost && e.ripe(now, lonely) {
			ripe = append(ripe, e)
		}
	}
	for _, e := range b.maybe {
		if e.ripe(now, false) {
			ripe = append(ripe, e)
		}
	}
	slices.SortFunc(ripe, func(x, y *entry) int {
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), x.heard.Compare(y.heard))
	})
	ripe = ripe[:min(n, len(ripe))]
	list := make([]candidate, len(ripe))
	for i, e := range ripe {
		e.busy, e.tried = true, now
		list[i] = e.candidate
	}
	return list
}

func (e *entry) ripe(now time.Time, lonely bool) bool {
	if e.busy {
		return false
	}
	return !now.Before(e.next) || lonely && now.Sub(e.tried).Abs() > lonelyNap
}

// later gives back a candidate that due has given, without a look.
func (b *book) later(c candidate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.find(c); e != nil {
		e.busy = false
	}
}

func (e *entry) rank() int {
	switch {
	case e.kept:
		return 0
	case e.manual:
		return 1
	}
	return 2
}

// drop forgets an unverified address for good, until somebody names it again.
func (b *book) drop(c candidate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.maybe, c.spot)
}

// hurry makes all verified hubs due, for a mesh that starts anew.
func (b *book) hurry() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.kept {
		e.next = b.now()
	}
}
