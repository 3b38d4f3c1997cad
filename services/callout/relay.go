package callout

import (
	"slices"
	"sync"
	"time"

	"commonhub/hub/record"
)

// relay holds what came by message and may not be in the record yet, in memory alone.
type relay struct {
	mu   sync.Mutex // guards held
	held map[ID]message
}

const (
	relayCap  = 512                                           // messages
	relayHub  = 2 * (hubDaily + exerciseDays) * (maxTold + 1) // messages of one hub: all that the limits let it send in relayTime
	relayTime = 2 * longest                                   // from the event on: as long as it is listed
)

func newRelay() *relay { return &relay{held: map[ID]message{}} }

// keep stores a message that was checked; false if there is no room for it.
func (r *relay) keep(m message, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, old := range r.held {
		if now.Sub(old.At) > relayTime {
			delete(r.held, id)
		}
	}
	if len(r.held) >= relayCap || r.from(m.Origin) >= relayHub {
		return false
	}
	r.held[idOf(m.Origin, m.Leaf)] = m
	return true
}

// from counts the messages of a hub. The caller holds mu.
func (r *relay) from(o record.Origin) (n int) {
	for _, m := range r.held {
		if m.Origin == o {
			n++
		}
	}
	return n
}

func (r *relay) get(id ID) (message, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.held[id]
	return m, ok
}

// subjects lists the call-outs that messages are about.
func (r *relay) subjects() []ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []ID
	for id, m := range r.held {
		if m.Kind != raised {
			id, _ = about(m.Entry) // checked when it came
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// of lists the call-outs of one hub that came by message.
func (r *relay) of(o record.Origin) []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []message
	for _, m := range r.held {
		if m.Kind == raised && m.Origin == o {
			list = append(list, m)
		}
	}
	return list
}

// about lists what came by message about a call-out, in the order of law 3.
func (r *relay) about(id ID) []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []message
	for _, m := range r.held {
		if m.Kind == raised {
			continue
		}
		if same, ok := about(m.Entry); ok && same == id {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b message) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return slices.Compare(a.Leaf[:], b.Leaf[:])
	})
	return list
}

// Heard takes a message that came from somewhere. If it is news, signed by the key that we pinned for its hub, and breaks no rule, it is
// kept, shown and told on; anything else is dropped. It never tells who sent it which of these happened.
func (s *Service) Heard(raw []byte) {
	m, ok := parse(raw)
	if !ok {
		return
	}
	s.hearing.Lock()
	defer s.hearing.Unlock()
	until, fits := time.Time{}, false
	err := s.record.Read(func(v record.View) error {
		until, fits = s.worthy(v, m)
		if fits {
			fits = s.relay.keep(m, v.Now())
		}
		return nil
	})
	if err != nil || !fits {
		return
	}
	s.touch()
	s.o.Spread(relayPath, raw, until)
}

// worthy asks what is cheap before what is dear: the signature comes after all that a copy of an old message would fail, and before
// anything that depends on what the message says of others.
func (s *Service) worthy(v record.View, m message) (until time.Time, ok bool) {
	keys := s.o.Hubs.AcceptedKeys(m.Origin)
	if len(keys) == 0 || m.Origin == v.Self() || isBlocked(v, m.Origin, m.By) || s.known(v, m) {
		return until, false
	}
	if m.At.After(v.Now().Add(ahead)) || v.Now().Sub(m.At) > longest {
		return until, false
	}
	until = m.At.Add(longest)
	if m.Kind == raised {
		c, ok := begin(m.Entry)
		if !ok || !c.live(v.Now()) || tallyOf(v, m.Origin, m.At, s.unrecorded(v, m.Origin)).refuses(c) != "" {
			return until, false
		}
		until = at(c.now().Ends)
	}
	return until, slices.ContainsFunc(keys, m.verify)
}

// known tells whether the record or an earlier message has told us.
func (s *Service) known(v record.View, m message) bool {
	id := idOf(m.Origin, m.Leaf)
	if _, ok := s.relay.get(id); ok {
		return true
	}
	if m.Kind == raised {
		_, ok := load(v, id)
		return ok
	}
	of, ok := about(m.Entry)
	return !ok || v.Table(service, "follow").Get(under(string(of), string(id))) != nil
}

// unrecorded lists the call-outs of a hub that came by message and are not in the record.
func (s *Service) unrecorded(v record.View, o record.Origin) []call {
	var list []call
	for _, m := range s.relay.of(o) {
		if _, held := load(v, idOf(m.Origin, m.Leaf)); held {
			continue
		}
		if c, ok := begin(m.Entry); ok {
			list = append(list, c)
		}
	}
	return list
}

// find reads a call-out as far as we know it: from the record, and from messages that are ahead of it. recorded tells whether
// the record has all of it.
func (s *Service) find(v record.View, id ID) (c call, recorded, ok bool) {
	c, recorded = load(v, id)
	if !recorded {
		m, came := s.relay.get(id)
		if !came || m.Kind != raised {
			return c, false, false
		}
		c, _ = begin(m.Entry) // checked when it came
	}
	for _, m := range s.relay.about(id) {
		if v.Table(service, "follow").Get(under(string(id), string(idOf(m.Origin, m.Leaf)))) == nil && c.follow(m.Entry) {
			recorded = false
		}
	}
	return c, recorded, true
}
