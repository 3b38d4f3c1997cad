package mirror

import (
	"crypto/ed25519"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/record"
)

// A hub's id follows from the key that it was born with, and outlives it. Which keys may sign for it now we learn from its record: a key that
// we trust announces the next one, and is retired by an event that it still signs. Who was away in between asks for the chain of handovers,
// which proves itself without the entries.
const (
	keysPath   = "keys"    // below a record's prefix: a JSON list of record.Handover
	maxChain   = 128 << 10 // bytes of it
	maxKeys    = record.MaxHandovers
	chainTable = "chain" // private: chains of others that we have proved, by id
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
