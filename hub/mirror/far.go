package mirror

import (
	"context"
	"errors"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Records travel over hubs that never meet their author: what an accepted neighbour mirrors may be read from it. The author's key is not
// pinned by anybody here, but the id follows from it, so whoever tells us the key cannot tell a wrong one. Such a hub stays merely seen:
// it gets none of our words for neighbours, we do not cosign for it, and of its own words only far-reaching ones can come.
const (
	maxHops    = 4              // from the author to us; a hub that its author meets is at one
	maxFar     = 64             // hubs that we read over others, all together
	farEntries = 20_000         // of one such record, for good
	farPass    = 4 * bundleSize // of one such record in one pass, so that a long one does not keep the others waiting
)

// far reads a record of a hub that we have not accepted from a neighbour that mirrors it. It goes there only when the neighbour holds more
// than we do: two hubs that read each other's mirrors have nothing to fetch in circles.
func (s *source) far(ctx context.Context, theirs MirrorDesc) error {
	o := record.OriginFor(theirs.ID)
	if _, err := record.ParseKey(o, theirs.VKey); err != nil || theirs.Hops < 1 || theirs.Hops >= maxHops {
		return nil
	}
	if s.m.farFull(theirs.ID) { // before anything of a stranger is kept
		return nil
	}
	known, err := s.farKeys(ctx, theirs)
	if err != nil || !s.m.noteFar(s.id, theirs) {
		return err
	}
	there := &source{m: s.m, id: s.id, base: s.url + "/mirror/" + o.Hex() + "/", url: s.url, origin: o, known: known}
	if !s.m.begin(o) {
		s.m.noteOffers(s.id, false, theirs) // another neighbour is just being asked for it, and may fail
		return nil
	}
	defer s.m.done(o)
	return there.readFar(ctx, theirs)
}

// readFar fetches what the neighbour holds more than we do, and offers on what came.
func (s *source) readFar(ctx context.Context, theirs MirrorDesc) error {
	before, err := s.held()
	if err != nil {
		return err
	}
	if before.Size < theirs.Size || before.Note == nil {
		if err := s.followFar(ctx, before); err != nil {
			return err
		}
	}
	_, got, err := s.fetchBodies(ctx, before.Size)
	now, bad := s.held()
	if got > 0 || bad == nil && now.Size > before.Size {
		s.m.offer(s.origin, s.id)
	}
	if err == errHurry || bad == nil && now.Size > before.Size && now.Size < theirs.Size {
		s.m.noteOffers(s.id, true, theirs) // there is more
		return nil
	}
	return errors.Join(err, bad)
}

// followFar extends our copy towards the checkpoint that the neighbour holds, one pass of it.
func (s *source) followFar(ctx context.Context, held record.Checkpoint) error {
	c, err := s.m.fetchCheckpoint(ctx, s.base, s.origin, s.known, nil)
	if err != nil || c.Size < held.Size || c.Size == held.Size && held.Note != nil {
		return err
	}
	if c.Size > farEntries {
		return fault.New(fault.TooMany, "mirror.too-large")
	}
	upto := min(c.Size, held.Size-held.Size%bundleSize+farPass)
	return s.fill(ctx, c, held.Size, upto, func(pieces []record.Extension) error {
		err := s.m.o.Record.ExtendAll(ctx, pieces)
		if err == nil {
			end := reached(pieces)
			s.m.update(s.origin.ID(), func(n *memory) { n.Size, n.Synced, n.SyncedAt = max(n.Size, c.Size), end, time.Now() })
		}
		return err
	})
}

// farFull tells whether a hub is not read over others yet, and too many are already.
func (m *Mirror) farFull(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.hubs[id]; h != nil && h.note.Via != "" {
		return false
	}
	count := 0
	for _, other := range m.hubs {
		if other.note.Via != "" {
			count++
		}
	}
	return count >= maxFar
}

// noteFar lists a hub as seen through a neighbour, by the shortest way that we know. False if it must not be read: it is ours to follow
// directly, or people have blocked it.
func (m *Mirror) noteFar(via string, theirs MirrorDesc) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.entry(theirs.ID)
	if h == nil || h.state != Seen {
		return false
	}
	n := &h.note
	if n.Via == "" || n.Via == via || theirs.Hops+1 < n.Hops {
		n.Via, n.Hops = via, theirs.Hops+1
	}
	n.Key, n.Heard = theirs.VKey, time.Now()
	if n.Name == "" {
		n.Name = firstRunes(theirs.Name, 60)
	}
	return true
}

// way fills in how we come by a record that we mirror: the author's key, its name, and how many hops it is away from us. Hops is 0 for one that
// is not to be read from us: its hub was blocked, released, or seen to fork.
func (m *Mirror) way(d MirrorDesc) MirrorDesc {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[d.ID]
	if h == nil {
		return d
	}
	switch {
	case h.state == Accepted:
		d.VKey, d.Hops = h.key, 1
	case h.state == Seen && h.note.Via != "":
		d.VKey, d.Hops = h.note.Key, h.note.Hops
	}
	d.Name = h.note.Name
	return d
}
