package mirror

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// newest reads the checkpoint of a source. If no key that we know signed it, the hub may show how the one that we know handed over.
func (s *source) newest(ctx context.Context, claim http.Header) (record.Checkpoint, error) {
	c, err := s.m.fetchCheckpoint(ctx, s.base, s.origin, s.known, claim)
	if err == nil || fault.Of(err).Key != "record.bad-checkpoint" {
		return c, err
	}
	live, gone, _ := s.m.trust(s.origin)
	if _, old := s.m.fetchCheckpoint(ctx, s.base, s.origin, verifiersOf(gone), nil); old == nil {
		return c, fault.New(fault.Invalid, "mirror.retired-key").Because(err)
	}
	keys, why := s.m.learnKeys(ctx, s.base, s.origin, live, gone)
	if errors.Is(why, errNoLinks) {
		return c, err
	}
	if why != nil {
		return c, why
	}
	s.known = verifiersOf(keys)
	return s.m.fetchCheckpoint(ctx, s.base, s.origin, s.known, claim)
}

// learnKeys asks for the chain of handovers, keeps it if it goes on from what we know, and tells which keys may sign now.
func (m *Mirror) learnKeys(ctx context.Context, base string, o record.Origin, live, gone []string) ([]string, error) {
	c, err := m.fetchChain(ctx, base, o)
	if err != nil {
		return nil, err
	}
	if !c.continues(live, gone) {
		return nil, fault.New(fault.Invalid, "mirror.no-chain").Because(errors.New("the chain leaves out what we know"))
	}
	value, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	_, err = m.o.Record.Do(ctx, record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		if len(heldChain(v, o.ID()).Links) <= len(c.Links) {
			d.Keep(service, chainTable, []byte(o.ID()), value)
			d.Refresh()
		}
		return d, nil
	}})
	live, _, _ = m.trust(o)
	return live, err
}

// errNoLinks: the hub never changed its key.
var errNoLinks = errors.New("an empty chain")

// fetchChain reads and proves a chain, from the birth key on. Fault mirror.no-chain if there is none, or it proves nothing.
func (m *Mirror) fetchChain(ctx context.Context, base string, o record.Origin) (c chain, err error) {
	a, err := m.get(ctx, base+keysPath, maxChain, nil)
	if err != nil {
		if _, answered := statusOf(err); !answered {
			return c, err
		}
		return c, fault.New(fault.Invalid, "mirror.no-chain").Because(err)
	}
	err = json.Unmarshal(a.data, &c.Links)
	switch {
	case err == nil && len(c.Links) == 0:
		err = errNoLinks
	case err == nil && len(c.Links) > maxKeys:
		err = fmt.Errorf("a chain of %d", len(c.Links))
	case err == nil:
		c.Keys, err = record.CheckChain(o, c.Links)
	}
	if err != nil {
		return chain{}, fault.New(fault.Invalid, "mirror.no-chain").Because(err)
	}
	return c, nil
}

// continues tells whether a chain goes on from what we know: whoever holds an old key can make another one, but not one in which our newest
// key stands, or the old one is gone.
func (c chain) continues(live, gone []string) bool {
	every := slices.Concat(c.Live, c.Retired)
	for _, k := range live {
		if !slices.Contains(every, k) {
			return false
		}
	}
	return !slices.ContainsFunc(c.Live, func(k string) bool { return slices.Contains(gone, k) })
}

// keepChain fetches the chain of a hub in whose record a key changed: others will ask us for it who cannot reach the hub.
func (s *source) keepChain(ctx context.Context) {
	var behind bool
	s.m.o.Record.Read(func(v record.View) error {
		c, _ := record.Load[changes](v.Table(service, "keys"), []byte(s.origin.ID()))
		held := heldChain(v, s.origin.ID())
		behind = len(c.Announced) > len(held.Links) || len(c.Retired) > len(held.Retired)
		return nil
	})
	if !behind {
		return
	}
	live, gone, _ := s.m.trust(s.origin)
	if _, err := s.m.learnKeys(ctx, s.base, s.origin, live, gone); err != nil {
		s.m.o.Log.Info("a hub changed its key and does not show how", "hub", s.id, "error", err)
	}
}

// claimed checks the key that a hub shows of itself: it has to be one that may sign now.
func (m *Mirror) claimed(ctx context.Context, base string, d Description) (ed25519.PublicKey, error) {
	o := record.OriginFor(d.ID)
	key, err := record.ParseKey(o, d.VKey)
	if err != nil || o.ID() == "" {
		return nil, fault.New(fault.Invalid, "mirror.no-hub").Because(err)
	}
	live, gone, accepted := m.trust(o)
	switch {
	case slices.Contains(gone, d.VKey):
		return nil, fault.New(fault.Invalid, "mirror.retired-key")
	case slices.Contains(live, d.VKey), !accepted && record.OriginOf(key) == o, o == m.o.Record.Self():
		return key, nil
	}
	if !accepted { // of a stranger we keep nothing: flash wears
		c, err := m.fetchChain(ctx, base+recordPath(d.Record), o)
		if err == nil && !slices.Contains(c.Live, d.VKey) {
			err = fault.New(fault.Invalid, "mirror.no-chain")
		}
		return key, err
	}
	live, err = m.learnKeys(ctx, base+recordPath(d.Record), o, live, gone)
	if err == nil && !slices.Contains(live, d.VKey) {
		err = fault.New(fault.Invalid, "mirror.no-chain")
	}
	return key, err
}

// serveKeys gives the chain of handovers of our record, or of one that we mirror.
func (m *Mirror) serveKeys(w http.ResponseWriter, req *http.Request, o record.Origin) {
	links := []record.Handover{}
	m.o.Record.Read(func(v record.View) error {
		if o == v.Self() {
			links = append(links, v.Handovers()...)
			return nil
		}
		links = append(links, heldChain(v, o.ID()).Links...)
		return nil
	})
	data, err := json.Marshal(links)
	if err != nil {
		refuse(w, err)
		return
	}
	send(w, req, "application/json", askFirst, data)
}

// farKeys are the keys under which a record may be read over a neighbour that mirrors it: nobody here pinned one, so they follow from
// the id, by themselves or by a chain.
func (s *source) farKeys(ctx context.Context, theirs MirrorDesc) (note.Verifiers, error) {
	o := record.OriginFor(theirs.ID)
	live, gone, _ := s.m.trust(o)
	if slices.Contains(gone, theirs.VKey) {
		return nil, fault.New(fault.Invalid, "mirror.retired-key")
	}
	if _, err := keyOf(theirs.ID, theirs.VKey); err == nil {
		return verifiersOf(append(live, theirs.VKey)), nil
	}
	if slices.Contains(live, theirs.VKey) {
		return verifiersOf(live), nil
	}
	live, err := s.m.learnKeys(ctx, s.url+"/mirror/"+o.Hex()+"/", o, live, gone)
	if err == nil && !slices.Contains(live, theirs.VKey) {
		err = fault.New(fault.Invalid, "mirror.no-chain")
	}
	return verifiersOf(live), err
}

// passedOn is the key under which, as a neighbour proves, our record went on without us; "" if it did not.
func (s *source) passedOn(ctx context.Context) (vkey string) {
	c, err := s.m.fetchChain(ctx, s.base, s.origin)
	if err != nil {
		return ""
	}
	var ours int
	s.m.o.Record.Read(func(v record.View) error { ours = len(v.Handovers()); return nil })
	if len(c.Links) <= ours && !slices.Contains(c.Retired, s.m.o.Record.VerifierKey()) {
		return ""
	}
	return c.Links[len(c.Links)-1].New
}
