package record

import (
	"crypto/ed25519"
	"strings"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"
)

// Items of the private table record/key.
const (
	seedItem   = "seed"       // of the key that signs now
	nextItem   = "next"       // of the key that was announced and signs beside it; absent outside an overlap
	originItem = "origin"     // text of our origin, once the first key is gone; before, it follows from the key
	passedItem = "superseded" // vkey of a key that this folder does not have, and that took our record over
)

// ring is what we sign with. It is replaced whole, never changed.
type ring struct {
	self    Origin
	key     ed25519.PrivateKey
	next    ed25519.PrivateKey // nil outside an overlap
	signers []note.Signer      // the present key first
	known   note.Verifiers
	own     note.Verifier // of the present key
	passed  string        // see passedItem, "" of a hub in order
}

// loadRing reads the keys that a transaction holds.
func loadRing(tx *bbolt.Tx) (*ring, error) {
	held := table(tx, privateBucket, "record", "key")
	return newRing(held.Get([]byte(seedItem)), held.Get([]byte(nextItem)), string(held.Get([]byte(originItem))), string(held.Get([]byte(passedItem))))
}

func newRing(seed, next []byte, origin, passed string) (*ring, error) {
	r := &ring{passed: strings.Clone(passed)}
	for _, s := range [][]byte{seed, next} {
		if s == nil {
			continue
		}
		if len(s) != ed25519.SeedSize {
			return nil, broken("key seed has %d bytes", len(s))
		}
		key := ed25519.NewKeyFromSeed(s)
		if r.key == nil {
			r.key = key
			r.self = OriginOf(key.Public().(ed25519.PublicKey))
		} else {
			r.next = key
		}
	}
	if r.key == nil {
		return nil, broken("there is no key")
	}
	if origin != "" {
		r.self = Origin(strings.Clone(origin))
	}
	return r, r.arm()
}

// arm makes signers and verifiers of the keys.
func (r *ring) arm() error {
	var verifiers []note.Verifier
	for _, key := range []ed25519.PrivateKey{r.key, r.next} {
		if key == nil {
			continue
		}
		s, v, err := noteKeys(string(r.self), key)
		if err != nil {
			return err
		}
		r.signers, verifiers = append(r.signers, s), append(verifiers, v)
	}
	r.own, r.known = verifiers[0], note.VerifierList(verifiers...)
	return nil
}

func (r *ring) vkey() string { return VerifierKey(string(r.self), r.key.Public().(ed25519.PublicKey)) }
