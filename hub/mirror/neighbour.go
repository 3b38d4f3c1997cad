package mirror

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Prefix of our events and name of our view: `pinned` (id -> pin).
const service = "neighbour"

// State of a hub in the eyes of ours.
type State string

const (
	Seen     State = "seen"
	Accepted State = "accepted"
	Blocked  State = "blocked"
	// Forked was accepted, and then seen to sign two records. It is not read until a steward accepts, releases or blocks it.
	Forked State = "forked"
)

// Kinds of event by which stewards decide about neighbours. Their data is a pin.
const (
	acceptedKind = "neighbour.accepted"
	blockedKind  = "neighbour.blocked"
	releasedKind = "neighbour.released" // neither accepted nor blocked any more
)

// pin is what our record says of another hub.
type pin struct {
	ID    string `json:"id"`
	Key   string `json:"key,omitempty"` // vkey, for an acceptance
	State State  `json:"state,omitempty"`
}

// View derives who is accepted and who is blocked, from our own record only: whom others accept is their affair. Of every record it notes
// which keys may sign for it.
type View struct{}

func (View) Name() string       { return service }
func (View) Prefixes() []string { return []string{service, "key"} }
func (View) Version() int       { return 3 }

func (View) Apply(e record.Edit, entry record.Entry) error {
	if entry.Prefix() == "key" {
		return applyKey(e, entry)
	}
	if entry.Kind == succeedsKind || entry.Kind == vouchedKind {
		return applySuccession(e, entry)
	}
	if entry.Origin != e.Self() {
		return nil
	}
	switch entry.Kind {
	case forkedKind:
		return applyForked(e, entry)
	case mendedKind:
		return applyMended(e, entry)
	case quotaKind:
		return applyQuota(e, entry)
	case tierKind:
		return applyTier(e, entry)
	case quorumKind:
		return applyQuorum(e, entry)
	}
	return applyPin(e, entry)
}

// applyPin notes who is accepted, blocked, or neither.
func applyPin(e record.Edit, entry record.Entry) error {
	p, ok := record.Decode[pin](entry.Event)
	if !ok || !record.ValidID(p.ID) {
		return nil
	}
	switch entry.Kind {
	case acceptedKind:
		if _, err := record.ParseKey(record.OriginFor(p.ID), p.Key); err != nil { // that it is that hub's was proved before it was pinned
			return nil
		}
		p.State = Accepted
	case blockedKind:
		p.State = Blocked
	case releasedKind:
		return e.Own("pinned").Delete([]byte(p.ID))
	default:
		return nil
	}
	return record.Save(e.Own("pinned"), []byte(p.ID), p)
}

func (View) Words(record.Edit, record.Entry, body.Body) error { return nil }
func (View) Due(v record.View) *record.Decision               { return v.Decide() }

func pinned(v record.View, id string) pin {
	p, ok := record.Load[pin](v.Table(service, "pinned"), []byte(id))
	if !ok {
		return pin{ID: id, State: Seen}
	}
	return p
}

// keyOf reads a vkey and checks that it is the birth key, from which the id follows.
func keyOf(id, vkey string) (ed25519.PublicKey, error) {
	key, err := record.ParseKey(record.OriginFor(id), vkey)
	if err != nil {
		return nil, err
	}
	if o := record.OriginOf(key); o.ID() != id {
		return nil, fmt.Errorf("the key does not make the id %s", id)
	}
	return key, nil
}

// SafetyNumber is six groups of five digits that follow from a hub's key: what two people read to each other before one
// accepts the other's hub. The same in every language.
func SafetyNumber(key ed25519.PublicKey) string {
	h := sha256.Sum256(append([]byte("commonhub safety number\n"), key...))
	groups := make([]string, 6)
	for i := range groups {
		var wide [8]byte
		copy(wide[3:], h[i*5:i*5+5])
		groups[i] = fmt.Sprintf("%05d", binary.BigEndian.Uint64(wide[:])%100000)
	}
	return strings.Join(groups, " ")
}
