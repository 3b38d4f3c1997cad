package record

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// Kinds of event by which a hub passes its record on to another key. Both lie under the old key: whoever trusted it can follow.
const (
	KeyAnnounced = "key.announced" // the new key signs beside the old one from here on
	KeyRetired   = "key.retired"   // the old one signs nothing after this
)

// KeyChange is the data of both kinds.
type KeyChange struct {
	Key   string `json:"key"`             // vkey: the new one of an announcement, the old one of a retirement
	Proof string `json:"proof,omitempty"` // base64: the new key's signature of keyStatement, so that nobody announces another hub's key
}

func keyStatement(o Origin, vkey string) []byte {
	return fmt.Appendf(nil, "commonhub next key v1\n%s\n%s\n", o, vkey)
}

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

// handoverTable is private: handovers by number, as JSON.
const handoverTable = "handover"

// Rotate announces a fresh key, with which we sign beside the present one until Retire. It returns the new key's vkey. Fault
// record.key-overlap while an earlier rotation is not over.
func (r *Record) Rotate(ctx context.Context, by string) (vkey string, err error) {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed)
	next := ed25519.NewKeyFromSeed(seed)
	vkey = VerifierKey(string(r.self), next.Public().(ed25519.PublicKey))
	signed := ed25519.Sign(next, keyStatement(r.self, vkey))
	change := KeyChange{vkey, base64.StdEncoding.EncodeToString(signed)}
	return vkey, r.rekey(ctx, func(w *writer, d *Decision, now *ring) (Handover, error) {
		if now.next != nil {
			return Handover{}, fault.New(fault.Conflict, "record.key-overlap")
		}
		d.Append(Event{Kind: KeyAnnounced, By: by, Data: Data(change)})
		d.Keep("record", "key", []byte(nextItem), seed)
		d.Keep("record", "key", []byte(originItem), []byte(r.self))
		return Handover{Old: now.vkey(), New: vkey}, nil
	})
}

// Retire ends the overlap: the announced key signs alone from here on, and the old one is taken from the disk. Fault record.no-overlap
// where none was announced.
func (r *Record) Retire(ctx context.Context, by string) error {
	return r.rekey(ctx, func(w *writer, d *Decision, now *ring) (Handover, error) {
		held := w.view().Handovers()
		if now.next == nil || len(held) == 0 {
			return Handover{}, fault.New(fault.Conflict, "record.no-overlap")
		}
		d.Append(Event{Kind: KeyRetired, By: by, Data: Data(KeyChange{Key: now.vkey()})})
		d.Keep("record", "key", []byte(seedItem), now.next.Seed())
		d.Forget("record", "key", []byte(nextItem))
		return held[len(held)-1], store.WantCompaction(w.tx)
	})
}

// rekey changes our keys and keeps the proof of it, in one transaction, which the keys of before still sign.
func (r *Record) rekey(ctx context.Context, change func(w *writer, d *Decision, now *ring) (Handover, error)) error {
	j := &job{ctx: ctx, done: make(chan struct{}), run: func(w *writer) (Receipt, error) {
		if err := w.r.barred(); err != nil {
			return Receipt{}, err
		}
		d := w.view().Decide()
		h, err := change(w, d, w.r.ring.Load())
		if err != nil {
			return Receipt{}, err
		}
		receipt, err := w.carryOut(d)
		if err == nil {
			err = w.keepHandover(h, receipt)
		}
		if err != nil {
			return Receipt{}, spoiled{err}
		}
		return receipt, nil
	}}
	if _, err := r.submit(ctx, j); err != nil {
		return err
	}
	return r.loadKey()
}

// keepHandover adds the event that was just appended to a handover, with a receipt that the keys of before sign.
func (w *writer) keepHandover(h Handover, appended Receipt) error {
	c, err := w.r.sign(w.log)
	if err != nil {
		return err
	}
	entry, err := w.view().Entry(w.r.self, appended.First().Index)
	if err != nil {
		return err
	}
	receipt, err := w.view().ReceiptOn(c, entry.Index)
	if err != nil {
		return err
	}
	number := len(w.view().Handovers())
	proven := Proven{string(entry.Raw), string(receipt)}
	if entry.Kind == KeyAnnounced {
		h.Announced = proven
	} else {
		h.Retired = &proven
		number--
	}
	value, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return w.writePrivate(privateWrite{service: "record", table: handoverTable, key: Num(uint64(number)), value: value})
}

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

// Supersede notes that our record went on under a key that this folder does not have, as it does behind a backup from before a rotation:
// we append nothing any more, and say so. It is kept.
func (r *Record) Supersede(ctx context.Context, vkey string) error {
	j := &job{ctx: ctx, done: make(chan struct{}), run: func(w *writer) (Receipt, error) {
		err := w.writePrivate(privateWrite{service: "record", table: "key", key: []byte(passedItem), value: []byte(vkey)})
		if err != nil {
			return Receipt{}, spoiled{err}
		}
		w.changed = true
		return Receipt{}, nil
	}}
	if _, err := r.submit(ctx, j); err != nil {
		return err
	}
	return r.loadKey()
}

// Superseded is the key that took our record over, "" of a hub in order.
func (r *Record) Superseded() string { return r.ring.Load().passed }
