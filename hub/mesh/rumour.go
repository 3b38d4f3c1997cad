package mesh

import (
	"cmp"
	"crypto/ed25519"
	"encoding/binary"
	"slices"
	"sync"
	"time"
)

// rumour is a hub's signed word that its record has grown. The key in it is only consistent with
// itself: that it belongs to the id is for the reader of the hint to check against a pinned key.
//
//	kind(1) id(16) publicKey(32) epoch(8) size(8) signature(64)
//
// Numbers are big endian. Within one claim the higher (epoch, size) is the newer: a record that
// was restored from a backup is shorter, and says so under a new epoch.
type rumour struct {
	claim
	epoch uint64
	size  uint64
	bytes []byte // as signed, as sent
}

const (
	kindSize     = 1
	rumourBody   = 1 + idSize + ed25519.PublicKeySize + 8 + 8
	rumourLength = rumourBody + ed25519.SignatureSize
	rumourDomain = "commonhub/mesh size v1\n"
	rumourCap    = 1024
	freshFor     = time.Hour // how long a rumour goes into push/pull
	localState   = 48 << 10  // bytes
)

func signRumour(who claim, key ed25519.PrivateKey, epoch, size uint64) rumour {
	b := append([]byte{kindSize}, who.id...)
	b = append(b, who.key[:]...)
	b = binary.BigEndian.AppendUint64(b, epoch)
	b = binary.BigEndian.AppendUint64(b, size)
	b = append(b, ed25519.Sign(key, append([]byte(rumourDomain), b...))...)
	return rumour{claim: who, epoch: epoch, size: size, bytes: b}
}

// parseRumour reads a rumour without checking its signature. It keeps b.
func parseRumour(b []byte) (rumour, bool) {
	if len(b) != rumourLength || b[0] != kindSize || !validID(string(b[1:1+idSize])) {
		return rumour{}, false
	}
	key, rest := b[1+idSize:], b[1+idSize+ed25519.PublicKeySize:]
	return rumour{
		claim: newClaim(string(b[1:1+idSize]), key[:ed25519.PublicKeySize]),
		epoch: binary.BigEndian.Uint64(rest),
		size:  binary.BigEndian.Uint64(rest[8:]),
		bytes: b,
	}, true
}

func (r rumour) verify() bool {
	signed := append([]byte(rumourDomain), r.bytes[:rumourBody]...)
	return ed25519.Verify(r.key[:], signed, r.bytes[rumourBody:])
}

func (r rumour) newer(than rumour) bool {
	return cmp.Or(cmp.Compare(r.epoch, than.epoch), cmp.Compare(r.size, than.size)) > 0
}

// rumours holds the newest rumour of every hub.
type rumours struct {
	mu     sync.Mutex // guards newest
	newest map[claim]heardRumour
	now    func() time.Time
}

type heardRumour struct {
	rumour
	at time.Time
}

func newRumours(now func() time.Time) *rumours {
	if now == nil {
		now = time.Now
	}
	return &rumours{newest: map[claim]heardRumour{}, now: now}
}

// news tells whether r says more than we know. It is asked before the signature is checked,
// because gossip brings everything many times.
func (s *rumours) news(r rumour) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.newest[r.claim]
	return !ok || r.newer(old.rumour)
}

// keep stores a rumour whose signature is good, and tells whether it was news.
func (s *rumours) keep(r rumour) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.newest[r.claim]
	if ok && !r.newer(old.rumour) {
		return false
	}
	if !ok && len(s.newest) >= rumourCap {
		s.dropOldest()
	}
	s.newest[r.claim] = heardRumour{r, s.now()}
	return true
}

func (s *rumours) dropOldest() {
	var oldest claim
	var at time.Time
	for who, r := range s.newest {
		if at.IsZero() || r.at.Before(at) {
			oldest, at = who, r.at
		}
	}
	delete(s.newest, oldest)
}

// size is the newest size that a hub has told, 0 if none.
func (s *rumours) size(who claim) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest[who].size
}

// state joins the rumours of the last hour, newest first, up to localState bytes.
func (s *rumours) state() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var fresh []heardRumour
	for _, r := range s.newest {
		if s.now().Sub(r.at).Abs() < freshFor {
			fresh = append(fresh, r)
		}
	}
	slices.SortFunc(fresh, func(x, y heardRumour) int { return y.at.Compare(x.at) })
	var b []byte
	for _, r := range fresh[:min(len(fresh), localState/rumourLength)] {
		b = append(b, r.bytes...)
	}
	return b
}
