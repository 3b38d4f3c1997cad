package mesh

import (
	"crypto/sha256"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
	"golang.org/x/time/rate"
)

// checker decides which members memberlist may know. memberlist calls it under its own lock and
// again for every copy of every message, so what was verified once is remembered.
type checker struct {
	self   claim
	allow  allowed
	book   *book
	roster *roster
	own    atomic.Pointer[string] // our member name at present
	// overtaken is the highest epoch in a card of ours that is newer than we are: proof, signed
	// with our key, that our counter was set back.
	overtaken atomic.Uint64
	// turnedAway is when a member was last refused for want of room or time; nil is never. memberlist
	// would offer it again minutes later, at a push/pull.
	turnedAway atomic.Pointer[time.Time]

	mu        sync.Mutex // guards good
	good      map[[sha256.Size]byte]struct{}
	strangers *rate.Limiter // signature checks for hubs that the book does not know
	friends   *rate.Limiter
}

const goodCap = 1024

var (
	errVersions = errors.New("mesh: member speaks other versions than this build")
	errFull     = errors.New("mesh: no room for this member, or its card is older than one that we saw")
	errBusy     = errors.New("mesh: too many cards to check at present")
	errForged   = errors.New("mesh: signature of the card is wrong")
	errAway     = errors.New("mesh: no peer can live at this address")
)

func newChecker(self claim, allow allowed, b *book, r *roster) *checker {
	return &checker{
		self: self, allow: allow, book: b, roster: r, good: map[[sha256.Size]byte]struct{}{},
		strangers: rate.NewLimiter(10, 60), friends: rate.NewLimiter(50, memberCap),
	}
}

// NotifyAlive implements memberlist.AliveDelegate. Our own name always passes, so that memberlist
// can refute what others say of it.
func (k *checker) NotifyAlive(n *memberlist.Node) error {
	if k.isOwn([]byte(n.Name)) {
		return nil
	}
	c, err := cardOf(n)
	if err != nil {
		return err
	}
	if !k.allow.has(c.gossip.Addr()) {
		return errAway
	}
	if c.claim != k.self && !k.roster.fits(c, k.book.has) {
		k.turnAway()
		return errFull
	}
	if err := k.verify(c, n); err != nil {
		return err
	}
	if c.claim == k.self {
		k.noteSelf(c)
		return errFull
	}
	k.roster.raise(c)
	return nil
}

func (k *checker) turnAway() {
	now := time.Now()
	k.turnedAway.Store(&now)
}

// isOwn tells whether this is our member name at present.
func (k *checker) isOwn(name []byte) bool {
	own := k.own.Load()
	return own != nil && *own == string(name)
}

// cardOf reads a node's card. The versions must be exactly those of our build: a single member
// with others makes memberlist refuse every join and every push/pull.
func cardOf(n *memberlist.Node) (card, error) {
	if n.PMin != memberlist.ProtocolVersionMin || n.PMax != memberlist.ProtocolVersionMax ||
		n.PCur != memberlist.ProtocolVersion2Compatible || n.DMin != 0 || n.DMax != 0 || n.DCur != 0 {
		return card{}, errVersions
	}
	ip, ok := netip.AddrFromSlice(n.Addr)
	if !ok || n.Port == 0 {
		return card{}, errAway
	}
	return readCard(n.Name, netip.AddrPortFrom(ip.Unmap(), n.Port), n.Meta)
}

func (k *checker) verify(c card, n *memberlist.Node) error {
	sum := sha256.Sum256(append(c.signed(), n.Meta...))
	if k.seen(sum) {
		return nil
	}
	limit := k.strangers
	if k.book.has(c.claim) {
		limit = k.friends
	}
	if !limit.Allow() {
		k.turnAway()
		return errBusy
	}
	if !c.verify(n.Meta) {
		return errForged
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.good) >= goodCap {
		clear(k.good)
	}
	k.good[sum] = struct{}{}
	return nil
}

func (k *checker) seen(sum [sha256.Size]byte) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.good[sum]
	return ok
}

// noteSelf takes a card of our own key under another name than our present one. Older ones are
// what is left of our earlier starts.
func (k *checker) noteSelf(c card) {
	for {
		last := k.overtaken.Load()
		if c.epoch <= last || k.overtaken.CompareAndSwap(last, c.epoch) {
			return
		}
	}
}
