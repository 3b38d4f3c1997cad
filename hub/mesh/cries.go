package mesh

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

const (
	criesCap   = 64 // call-outs that are told, and kept for those who come late
	criesState = 12 // of them in one push/pull: with localState this stays below stateSize
	heardCap   = 1024
)

// cry is a call-out that we tell.
type cry struct {
	bytes []byte
	until time.Time // it is over, by m.o.Now
	begun time.Time // by the machine's own clock, like next
	next  time.Time // zero when it has been told often enough
}

// cries are the call-outs that we tell, and what we remember so that nothing is looked at twice.
type cries struct {
	mu    sync.Mutex // guards all below
	told  []cry      // oldest first
	heard map[[sha256.Size]byte]bool
	past  map[[sha256.Size]byte]bool // those heard before the last heardCap
	now   func() time.Time
}

func newCries(now func() time.Time) *cries {
	if now == nil {
		now = time.Now
	}
	return &cries{heard: map[[sha256.Size]byte]bool{}, now: now}
}

// news tells whether this message comes for the first time, good or bad, and remembers it. The caller holds mu.
func (s *cries) news(b []byte) bool {
	sum := sha256.Sum256(b)
	if s.heard[sum] || s.past[sum] {
		return false
	}
	if len(s.heard) >= heardCap {
		s.heard, s.past = map[[sha256.Size]byte]bool{}, s.heard
	}
	s.heard[sum] = true
	return true
}

// forget lets a message be news again: it could not be handed on.
func (s *cries) forget(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.heard, sha256.Sum256(b))
}

func (s *cries) first(b []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.news(b)
}

// tell begins to tell a message, once. The oldest makes room.
func (s *cries) tell(b []byte, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news(b)
	for _, c := range s.told {
		if bytes.Equal(c.bytes, b) {
			return
		}
	}
	s.sweep()
	if len(s.told) >= criesCap {
		s.told = s.told[1:]
	}
	now := time.Now()
	s.told = append(s.told, cry{bytes: bytes.Clone(b), until: until, begun: now, next: now})
}

// sweep drops what is over. The caller holds mu.
func (s *cries) sweep() {
	var kept []cry
	for _, c := range s.told {
		if s.now().Before(c.until) {
			kept = append(kept, c)
		}
	}
	s.told = kept
}

// due gives what is to be told now, and when to ask again: never by itself if that is zero.
func (s *cries) due(now time.Time) (list [][]byte, again time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.told {
		c := &s.told[i]
		if c.next.IsZero() {
			continue
		}
		if !c.next.After(now) {
			list = append(list, c.bytes)
			c.next = c.after(now)
		}
		if !c.next.IsZero() && (again.IsZero() || c.next.Before(again)) {
			again = c.next
		}
	}
	return list, again
}

func (c *cry) after(now time.Time) time.Time {
	switch age := now.Sub(c.begun); {
	case age < loudFor:
		return now.Add(loudEvery)
	case age < softFor:
		return now.Add(softEvery)
	}
	return time.Time{}
}

// state joins the newest call-outs that are not over, for those who missed them: CallOutKind, length(2, big endian), message.
func (s *cries) state() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	var b []byte
	for _, c := range s.told[max(0, len(s.told)-criesState):] {
		b = append(b, CallOutKind)
		b = binary.BigEndian.AppendUint16(b, uint16(len(c.bytes)))
		b = append(b, c.bytes...)
	}
	return b
}

// splitState takes a LocalState apart, each part by its kind; false if it is not one.
func splitState(b []byte) (rumours, callOuts [][]byte, ok bool) {
	for len(b) > 0 {
		n := rumourLength
		if b[0] == CallOutKind {
			if len(b) < 3 {
				return nil, nil, false
			}
			n = 3 + int(binary.BigEndian.Uint16(b[1:]))
		}
		if n > len(b) || b[0] != CallOutKind && b[0] != kindSize {
			return nil, nil, false
		}
		if b[0] == CallOutKind {
			callOuts = append(callOuts, b[3:n:n])
		} else {
			rumours = append(rumours, b[:n:n])
		}
		b = b[n:]
	}
	return rumours, callOuts, true
}
