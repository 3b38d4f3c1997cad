package record

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"

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

// Rotate announces a fresh key, with which we sign beside the present one until Retire. It returns the new key's vkey. Fault
// record.key-overlap while an earlier rotation is not over, record.keys-spent after MaxHandovers.
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
		if len(w.view().Handovers()) == MaxHandovers {
			return Handover{}, fault.New(fault.Conflict, "record.keys-spent")
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
		w.rekeyed = true
		return receipt, nil
	}}
	_, err := r.submit(ctx, j)
	return err
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

// Supersede notes that our record went on under a key that this folder does not have, as it does behind a backup from before a rotation:
// we append nothing any more, and say so. It is kept.
func (r *Record) Supersede(ctx context.Context, vkey string) error {
	j := &job{ctx: ctx, done: make(chan struct{}), run: func(w *writer) (Receipt, error) {
		err := w.writePrivate(privateWrite{service: "record", table: "key", key: []byte(passedItem), value: []byte(vkey)})
		if err != nil {
			return Receipt{}, spoiled{err}
		}
		w.changed, w.rekeyed = true, true
		return Receipt{}, nil
	}}
	_, err := r.submit(ctx, j)
	return err
}

// Superseded is the key that took our record over, "" of a hub in order.
func (r *Record) Superseded() string { return r.ring.Load().passed }
