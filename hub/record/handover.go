package record

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Handover proves to whoever knows the old key that the record goes on under the new one. It needs no entries beside it.
type Handover struct {
	Old       string  `json:"old"` // vkeys
	New       string  `json:"new"`
	Announced Proven  `json:"announced"`
	Retired   *Proven `json:"retired,omitempty"` // nil while both sign
}

// Proven is an event with its receipt (tlog-proof) under the old key.
type Proven struct {
	Entry   string `json:"entry"` // its bytes
	Receipt string `json:"receipt"`
}

// MaxHandovers bounds how often a record changes its key, for good: who meets it later reads them all.
const MaxHandovers = 32

// handoverTable is private: handovers by number, as JSON.
const handoverTable = "handover"

// Handovers are those of our own record, from the first key on.
func (v View) Handovers() (list []Handover) {
	for key := range v.Private("record", handoverTable).From(nil) {
		if h, ok := Load[Handover](v.Private("record", handoverTable), key); ok {
			list = append(list, h)
		}
	}
	return list
}

// Keys are what a chain of handovers shows of an origin: which keys may sign for it now, the oldest first, and which no longer may.
type Keys struct {
	Live, Retired []string // vkeys
}

// CheckChain follows handovers from the birth key of an origin to its present keys. Every link has to be signed by the key before it.
func CheckChain(o Origin, chain []Handover) (k Keys, err error) {
	for i, h := range chain {
		old, err := ParseKey(o, h.Old)
		if err == nil && i == 0 && OriginOf(old) != o {
			err = fmt.Errorf("the first key of the chain is not the one of %s", o)
		}
		if err == nil && i > 0 && (chain[i-1].New != h.Old || chain[i-1].Retired == nil) {
			err = fmt.Errorf("link %d hangs on nothing", i)
		}
		if err == nil {
			err = h.check(o)
		}
		if err != nil {
			return Keys{}, err
		}
		if h.Retired != nil {
			k.Retired = append(k.Retired, h.Old)
		} else {
			k.Live = append(k.Live, h.Old)
		}
	}
	if len(chain) > 0 {
		k.Live = append(k.Live, chain[len(chain)-1].New)
	}
	return k, nil
}

// check proves one link under its old key.
func (h Handover) check(o Origin) error {
	old, err := note.NewVerifier(h.Old)
	if err != nil {
		return err
	}
	announced, err := h.Announced.open(o, old, KeyAnnounced)
	if err != nil {
		return err
	}
	next, err := ParseKey(o, h.New)
	if err != nil {
		return err
	}
	if announced.Key != h.New || !announced.fits(o, next) {
		return fmt.Errorf("another key was announced")
	}
	if h.Retired == nil {
		return nil
	}
	retired, err := h.Retired.open(o, old, KeyRetired)
	if err == nil && retired.Key != h.Old {
		err = fmt.Errorf("another key was retired")
	}
	return err
}

func (c KeyChange) fits(o Origin, key ed25519.PublicKey) bool {
	sig, err := base64.StdEncoding.DecodeString(c.Proof)
	return err == nil && ed25519.Verify(key, keyStatement(o, c.Key), sig)
}

// Announces reads a KeyAnnounced event of an origin; false if it is void: no key of this origin, or announced by somebody who lacks it.
func Announces(e Entry) (vkey string, ok bool) {
	c, ok := Decode[KeyChange](e.Event)
	key, err := ParseKey(e.Origin, c.Key)
	return c.Key, ok && e.Kind == KeyAnnounced && err == nil && c.fits(e.Origin, key)
}

func (p Proven) open(o Origin, under note.Verifier, kind string) (KeyChange, error) {
	c, _, err := CheckReceipt([]byte(p.Receipt), []byte(p.Entry), note.VerifierList(under))
	if err != nil {
		return KeyChange{}, err
	}
	e, err := ParseEvent([]byte(p.Entry))
	change, ok := Decode[KeyChange](e)
	if err != nil || !ok || e.Kind != kind || c.Origin != o {
		return change, fmt.Errorf("not a %s of %s: %v", kind, o, err)
	}
	return change, nil
}

// ParseKey reads a vkey of an origin's record. That the key is really that hub's follows from OriginOf, for its first one, or from a chain.
func ParseKey(o Origin, vkey string) (ed25519.PublicKey, error) {
	if _, err := note.NewVerifier(vkey); err != nil {
		return nil, err
	}
	name, rest, _ := strings.Cut(vkey, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algEd25519 {
		return nil, fmt.Errorf("%q is not an Ed25519 key", firstBytes(vkey, 40))
	}
	if Origin(name) != o {
		return nil, fmt.Errorf("a key of %s, not of %s", name, o)
	}
	return ed25519.PublicKey(bytes.Clone(raw[1:])), nil
}

func firstBytes(s string, n int) string { return s[:min(len(s), n)] }
