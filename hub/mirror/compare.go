package mirror

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/record"
)

// compare holds what a neighbour mirrors against what we hold: a hub that shows one record to it and another one to us is found out by
// the two of us. It costs one request while all agree, and happens at most once in pollEvery for each neighbour; in between only what it
// offered is looked at. What fails here says nothing about the neighbour that we asked, and is only logged.
func (s *source) compare(ctx context.Context) {
	mirrors := s.m.takeOffers(s.id)
	if s.m.due(s.id) {
		d, err := s.m.describe(ctx, s.url)
		if err != nil || d.ID != s.id {
			return
		}
		s.m.noteWitness(d)
		mirrors = d.Mirrors
	}
	for _, theirs := range mirrors[:min(len(mirrors), maxSeen)] {
		err := s.compareOne(ctx, theirs)
		s.m.noteRation(theirs.ID, err)
		if err != nil {
			s.m.o.Log.Info("compared with a neighbour", "hub", s.id, "record", theirs.ID, "error", err)
		}
	}
}

// due tells whether a neighbour has not been compared with for a while, and notes that it is now.
func (m *Mirror) due(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[id]
	if h == nil || time.Since(h.compared) < pollEvery && !h.compared.IsZero() {
		return false
	}
	h.compared = time.Now()
	return true
}

// noteWitness learns a witness key from a description, if a key that we trust stands for it.
func (m *Mirror) noteWitness(d Description) {
	o := record.OriginFor(d.ID)
	for _, key := range m.AcceptedKeys(o) {
		if witness := d.Witness.provedBy(o, key); witness != "" {
			m.update(d.ID, func(n *memory) { n.Witness = witness })
		}
	}
}

// compareOne reads the checkpoint that the neighbour keeps of another hub, unless it says that it is one that we know. What it says is
// not believed: a lie costs a request, and only what the pinned key of that other hub signed counts.
func (s *source) compareOne(ctx context.Context, theirs MirrorDesc) error {
	o := record.OriginFor(theirs.ID)
	if o.ID() == "" {
		return nil
	}
	if o == s.m.o.Record.Self() {
		if theirs.Size > 0 && !s.m.agrees(o, theirs) {
			s.m.doubt() // it keeps of us what this machine never signed, or says so
		}
		return nil
	}
	known, accepted := s.m.pinnedKeys(o)
	if !accepted {
		return s.far(ctx, theirs)
	}
	if s.m.agrees(o, theirs) {
		return nil
	}
	c, err := s.m.fetchCheckpoint(ctx, s.url+"/mirror/"+o.Hex()+"/", o, known, nil)
	if err != nil {
		return err
	}
	if err := s.m.expose(ctx, c); err != nil {
		return err
	}
	return s.ahead(ctx, o, known, c)
}

// agrees tells whether we hold the root that a neighbour says it holds.
func (m *Mirror) agrees(o record.Origin, theirs MirrorDesc) (same bool) {
	m.o.Record.Read(func(v record.View) error {
		root, err := v.RootAt(o, theirs.Size)
		same = err == nil && theirs.Size > 0 && root.String() == theirs.Root
		return nil
	})
	return same
}

// ahead deals with a neighbour that holds more of a record than we do: what it holds has to continue ours.
func (s *source) ahead(ctx context.Context, o record.Origin, known note.Verifiers, c record.Checkpoint) error {
	there := &source{m: s.m, id: o.ID(), base: s.url + "/mirror/" + o.Hex() + "/", url: s.url, origin: o, known: known}
	if err := there.unmask(ctx, c, nil); err != nil {
		return err
	}
	s.m.Hint(o.ID(), "", c.Size)
	return nil
}
