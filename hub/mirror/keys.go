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

// A hub's id follows from the key that it was born with, and outlives it. Which keys may sign for it now we learn from its record: a key that
// we trust announces the next one, and is retired by an event that it still signs. Who was away in between asks for the chain of handovers,
// which proves itself without the entries.
const (
	keysPath   = "keys"    // below a record's prefix: a JSON list of record.Handover
	maxChain   = 256 << 10 // bytes of it
	maxKeys    = 64        // of one origin, for good
	chainTable = "chain"   // private: chains of others that we have proved, by id
)

// changes are the key events of one origin, in our view: every one lies in a record that a trusted key signed.
type changes struct {
	Announced []string `json:"announced"` // vkeys
	Retired   []string `json:"retired"`
}

// chain is a proved chain and what it shows.
type chain struct {
	Links []record.Handover `json:"links"`
	record.Keys
}

// applyKey notes that an origin passed its record on. A key that was retired never comes back, and the last one cannot be retired.
func applyKey(e record.Edit, entry record.Entry) error {
	id := entry.Origin.ID()
	now, _ := record.Load[changes](e.Table(service, "keys"), []byte(id))
	switch entry.Kind {
	case record.KeyAnnounced:
		key, ok := record.Announces(entry)
		if !ok || len(now.Announced) == maxKeys || slices.Contains(now.Announced, key) || slices.Contains(now.Retired, key) {
			return nil
		}
		now.Announced = append(now.Announced, key)
	case record.KeyRetired:
		c, ok := record.Decode[record.KeyChange](entry.Event)
		if !ok || len(now.Retired) == len(now.Announced) || slices.Contains(now.Retired, c.Key) || !heir(now, c.Key) {
			return nil
		}
		now.Retired = append(now.Retired, c.Key)
	default:
		return nil
	}
	if id == "" {
		return nil
	}
	return record.Save(e.Own("keys"), []byte(id), now)
}

// heir tells whether somebody signs on when a key goes.
func heir(c changes, without string) bool {
	return slices.ContainsFunc(c.Announced, func(k string) bool { return k != without && !slices.Contains(c.Retired, k) })
}

// keysOf are the keys that may sign for an origin, the one that it shows itself first, and those that no longer may. base is the key that
// people pinned, or that the id follows from.
func keysOf(v record.View, id, base string) (live, gone []string) {
	c, _ := record.Load[changes](v.Table(service, "keys"), []byte(id))
	held := heldChain(v, id)
	gone = slices.Concat(c.Retired, held.Retired)
	for _, key := range slices.Concat([]string{base}, held.Live, c.Announced) {
		if key != "" && !slices.Contains(gone, key) && !slices.Contains(live, key) {
			live = append(live, key)
		}
	}
	return live, gone
}

func heldChain(v record.View, id string) chain {
	c, _ := record.Load[chain](v.Private(service, chainTable), []byte(id))
	return c
}

// verifiersOf leaves out what is no key: nothing can be signed by that.
func verifiersOf(vkeys []string) note.Verifiers {
	var list []note.Verifier
	for _, k := range vkeys {
		if v, err := note.NewVerifier(k); err == nil {
			list = append(list, v)
		}
	}
	return note.VerifierList(list...)
}

func publicKeys(o record.Origin, vkeys []string) (keys []ed25519.PublicKey) {
	for _, k := range vkeys {
		if key, err := record.ParseKey(o, k); err == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// signedBy tells whether one of the keys made a signature.
func signedBy(keys []ed25519.PublicKey, text, sig []byte) bool {
	return slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return ed25519.Verify(k, text, sig) })
}

// trust is what we know of an origin's keys: live and gone ones, and whether we accepted the hub.
func (m *Mirror) trust(o record.Origin) (live, gone []string, accepted bool) {
	m.o.Record.Read(func(v record.View) error {
		p := pinned(v, o.ID())
		accepted = p.State == Accepted && o.ID() != ""
		live, gone = keysOf(v, o.ID(), p.Key)
		return nil
	})
	return live, gone, accepted
}

// pinnedKeys are the keys that may sign for an origin; false unless we accepted that hub.
func (m *Mirror) pinnedKeys(o record.Origin) (known note.Verifiers, accepted bool) {
	live, _, accepted := m.trust(o)
	return verifiersOf(live), accepted
}

// AcceptedKeys are the keys that may sign for a hub that we accepted, none for any other.
func (m *Mirror) AcceptedKeys(o record.Origin) []ed25519.PublicKey {
	live, _, accepted := m.trust(o)
	if !accepted {
		return nil
	}
	return publicKeys(o, live)
}

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
