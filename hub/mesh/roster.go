package mesh

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"

	"github.com/hashicorp/memberlist"
)

// roster is our own copy of who gossip thinks is alive. memberlist's Members hands out pointers
// into its live state, which is a data race, and must not be called from its delegates.
type roster struct {
	mu    sync.Mutex // guards all below; the book's lock may be taken under it, memberlist's never
	alive map[string]member
	gone  map[claim]member // who was alive and is not, as last seen: gossip may be wrong about that
	floor map[claim]uint64 // highest epoch seen
}

type member struct {
	card
	node memberlist.Node
}

const (
	memberCap   = 300
	strangerCap = 100 // of which the book does not know
	floorCap    = 1024
)

func newRoster() *roster {
	return &roster{alive: map[string]member{}, gone: map[claim]member{}, floor: map[claim]uint64{}}
}

func (r *roster) add(m member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.alive[m.node.Name] = m
	delete(r.gone, m.claim)
}

func (r *roster) remove(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.miss(name)
}

// miss takes a member for gone; the lock is held.
func (r *roster) miss(name string) {
	m, ok := r.alive[name]
	if !ok {
		return
	}
	delete(r.alive, name)
	if len(r.gone) >= memberCap {
		clear(r.gone) // a help against lies, which gossip and the scout do without
	}
	r.gone[m.claim] = m
}

// clear empties the roster for a memberlist that starts anew. Epochs stay known.
func (r *roster) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.alive {
		r.miss(name)
	}
}

func (r *roster) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.alive)
}

// present is who gossip thinks is alive.
func (r *roster) present() map[claim]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make(map[claim]bool, len(r.alive))
	for _, m := range r.alive {
		list[m.claim] = true
	}
	return list
}

func (r *roster) has(who claim) bool { return r.url(who) != "" }

func (r *roster) url(who claim) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.alive {
		if m.claim == who {
			return m.url()
		}
	}
	return ""
}

func (r *roster) at(spot netip.AddrPort) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.alive {
		if m.gossip == spot {
			return true
		}
	}
	return false
}

// fits tells whether there is room for c, and that c is not older than what we saw of that hub.
// One address has few places, and so have all those that the book does not know.
func (r *roster) fits(c card, known func(claim) bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.epoch < r.floor[c.claim] {
		return false
	}
	if _, ok := r.alive[c.name()]; ok {
		return true
	}
	same, strangers := 0, 0
	for _, m := range r.alive {
		if m.gossip.Addr() == c.gossip.Addr() {
			same++
		}
		if !known(m.claim) {
			strangers++
		}
	}
	if same >= perAddress && !c.gossip.Addr().IsLoopback() {
		return false
	}
	return len(r.alive) < memberCap && (strangers < strangerCap || known(c.claim))
}

// strangers are the members that the book does not know.
func (r *roster) strangers(known func(claim) bool) (list []card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.alive {
		if !known(m.claim) {
			list = append(list, m.card)
		}
	}
	return list
}

// raise remembers the epoch of a card whose signature is good.
func (r *roster) raise(c card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.floor) >= floorCap {
		clear(r.floor) // costs no more than believing an old card once
	}
	r.floor[c.claim] = max(r.floor[c.claim], c.epoch)
}

// some gives up to n members at random, sure of them known to the book where there are such: an
// attacker can fill the roster with names, but the book only with hubs that answered. Besides it
// gives up to sure of those that the book knows and gossip takes for dead, which anyone can say of
// anybody.
func (r *roster) some(n, sure int, known func(claim) bool) []member {
	r.mu.Lock()
	defer r.mu.Unlock()
	var old, all, gone []member
	for _, m := range r.alive {
		if known(m.claim) {
			old = append(old, m)
		} else {
			all = append(all, m)
		}
	}
	for who, m := range r.gone {
		if known(who) {
			gone = append(gone, m)
		}
	}
	shuffle(old)
	shuffle(gone)
	gone = gone[:min(sure, len(gone))]
	sure = min(sure, len(old))
	all = append(all, old[sure:]...)
	shuffle(all)
	return slices.Concat(old[:sure], all[:min(n-sure, len(all))], gone)
}

func shuffle(list []member) {
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}
