package mesh

import (
	"cmp"
	"crypto/ed25519"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// book remembers where hubs can be looked at. It keeps two lists that never push each other out:
// kept holds hubs whose self description we fetched ourselves, maybe holds addresses that some
// stranger named. Only kept is written to disk, so strangers cannot wear out the flash.
type book struct {
	mu    sync.Mutex // guards all below
	kept  map[claim]*entry
	maybe map[netip.AddrPort]*entry

	dirty   bool // a hub came, went or moved
	touched bool // a hub was heard of
	saved   time.Time
	path    string
	now     func() time.Time
	log     *slog.Logger
}

const (
	keptCap     = 300 // more hubs than any district has; a bound on memory, not on people
	maybeCap    = 100
	perAddress  = 8 // entries of one IP address, in each list
	keptFor     = 90 * 24 * time.Hour
	maybeFor    = 24 * time.Hour
	againKept   = 5 * time.Minute  // until a hub without gossip is looked at again
	againLost   = 30 * time.Second // the same for one that gossip should have, and lacks
	silentFor   = time.Hour        // until a hub is looked at although gossip has it
	shortestNap = 2 * time.Second
	longestNap  = 5 * time.Minute
	manualNap   = 30 * time.Second
	lonelyNap   = 10 * time.Second // while gossip has nobody at all
)

// entry is one hub in kept, or one address in maybe.
type entry struct {
	candidate
	heard time.Time
	tried time.Time
	next  time.Time // not to be looked at before
	fails int
	busy  bool // a look is under way
}

// candidate is an address to look at, with what was said of it.
type candidate struct {
	spot   netip.AddrPort // HTTP listener
	id     string         // "" when unknown
	key    []byte         // nil when unknown
	manual bool
	signed bool // the key's owner signed this address
	kept   bool // from the verified list
}

func (c candidate) url() string  { return "http://" + c.spot.String() }
func (c candidate) claim() claim { return newClaim(c.id, c.key) }

// hearsay tells whether only a stranger has named the address.
func (c candidate) hearsay() bool { return !c.kept && !c.manual }

// note takes down what a stranger, or the operator, said. It tells whether that is news.
func (b *book) note(c candidate) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.holds(c) {
		return false
	}
	if old := b.maybe[c.spot]; old != nil {
		if old.manual || old.signed && !c.signed {
			return false // the operator's word and a signature outweigh hearsay
		}
		old.candidate = c
		return false
	}
	if !c.manual && !b.room(c.spot.Addr()) {
		return false
	}
	b.maybe[c.spot] = &entry{candidate: c, heard: b.now()}
	return true
}

// holds tells whether a verified hub of that name is known at that address. If it was lost, this
// is the time to try again.
func (b *book) holds(c candidate) bool {
	for who, e := range b.kept {
		if e.spot == c.spot && who.id == c.id && (c.key == nil || who == c.claim()) {
			if e.fails > 0 {
				e.next = b.now()
			}
			return true
		}
	}
	return false
}

// holdsAt tells whether a verified hub is known at an address, and may still live there.
func (b *book) holdsAt(spot netip.AddrPort) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.kept {
		if e.spot == spot && e.fails == 0 {
			return true
		}
	}
	return false
}

// room makes place for one more unverified address, at the cost of the oldest one.
func (b *book) room(ip netip.Addr) bool {
	same, oldest := 0, (*entry)(nil)
	for _, e := range b.maybe {
		if e.spot.Addr() == ip {
			same++
		}
		if !e.manual && !e.busy && (oldest == nil || e.heard.Before(oldest.heard)) {
			oldest = e
		}
	}
	if same >= perAddress && !ip.IsLoopback() {
		return false
	}
	if len(b.maybe) >= maybeCap && oldest != nil {
		delete(b.maybe, oldest.spot)
	}
	return len(b.maybe) < maybeCap
}

// spare tells whether there is room for an unverified address that pushes out no other.
func (b *book) spare() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.maybe) < maybeCap
}

// heard notes a sign of life that the key's owner signed.
func (b *book) heard(who claim) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.kept[who]; e != nil {
		e.heard, e.fails, b.touched = b.now(), 0, true
	}
}

// url gives the address of a verified hub, "" for others.
func (b *book) url(who claim) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.kept[who]; e != nil {
		return e.url()
	}
	return ""
}

func (b *book) has(who claim) bool { return b.url(who) != "" }

// sweep forgets what was not heard of for long. A clock that was set back makes nothing older.
func (b *book) sweep() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for who, e := range b.kept {
		if !e.manual && now.Sub(e.heard) > keptFor {
			delete(b.kept, who)
			b.dirty = true
		}
	}
	for spot, e := range b.maybe {
		if !e.manual && !e.busy && now.Sub(e.heard) > maybeFor {
			delete(b.maybe, spot)
		}
	}
}

// hubs lists both, sorted by id, and within one id the verified ones first.
func (b *book) hubs() []Hub {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Hub
	for who, e := range b.kept {
		list = append(list, Hub{ID: who.id, URL: e.url(), Key: who.public(), Verified: true, Heard: e.heard, Manual: e.manual})
	}
	for _, e := range b.maybe {
		if e.id != "" {
			list = append(list, Hub{ID: e.id, URL: e.url(), Key: ed25519.PublicKey(slices.Clone(e.key)), Heard: e.heard, Manual: e.manual})
		}
	}
	slices.SortFunc(list, func(x, y Hub) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.doubt(), y.doubt()), slices.Compare(x.Key, y.Key), cmp.Compare(x.URL, y.URL))
	})
	return list
}

// doubt sorts verified hubs before others of their id.
func (h Hub) doubt() int {
	if h.Verified {
		return 0
	}
	return 1
}
