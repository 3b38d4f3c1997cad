package record

import (
	"context"
	"encoding/binary"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
)

// maxRedo is what a transaction may ask of the journal, in bytes. Photos are synced with the file: twice on the flash would be once too often.
const maxRedo = 64 << 10

// redo is what the decisions of one transaction wrote, for the store's journal: the events' bytes, the bodies and the private writes. All else
// follows from these. A decision is: number of events; for each its bytes, the reach of its body or "", then salt and bytes if there is
// one; number of private writes; for each service, table, key, value, and 1 if the key is taken away. Numbers are varints, bytes follow their length.
type redo []byte

func (r *redo) note(d *Decision) {
	if d.Empty() {
		return
	}
	r.number(len(d.drafts))
	for _, dr := range d.drafts {
		r.bytes(dr.raw)
		if dr.words == nil {
			r.bytes(nil)
			continue
		}
		r.bytes([]byte(dr.words.Reach))
		r.bytes(dr.words.Salt[:])
		r.bytes(dr.words.Bytes)
	}
	r.number(len(d.private))
	for _, p := range d.private {
		r.bytes([]byte(p.service))
		r.bytes([]byte(p.table))
		r.bytes(p.key)
		r.bytes(p.value)
		r.number(flag(p.forget))
	}
}

func flag(set bool) int {
	if set {
		return 1
	}
	return 0
}

func (r *redo) number(n int) { *r = binary.AppendUvarint(*r, uint64(n)) }

func (r *redo) bytes(b []byte) {
	r.number(len(b))
	*r = append(*r, b...)
}

// memory reads what redo wrote. The journal has checked every byte, so that a mistake in it is ours.
type memory struct {
	left   []byte
	broken bool
}

func (m *memory) number() int {
	n, size := binary.Uvarint(m.left)
	if size <= 0 || n > MaxEntry*maxRedo {
		m.left, m.broken = nil, true
		return 0
	}
	m.left = m.left[size:]
	return int(n)
}

func (m *memory) bytes() []byte {
	n := m.number()
	if n > len(m.left) {
		m.left, m.broken = nil, true
		return nil
	}
	b := m.left[:n]
	m.left = m.left[n:]
	return b
}

func (m *memory) decision() *Decision {
	d := &Decision{}
	for range m.number() {
		if m.broken {
			break
		}
		d.drafts = append(d.drafts, m.draft())
	}
	for range m.number() {
		if m.broken {
			break
		}
		p := privateWrite{service: string(m.bytes()), table: string(m.bytes()), key: m.bytes(), value: m.bytes()}
		p.forget = m.number() != 0
		d.private = append(d.private, p)
	}
	return d
}

func (m *memory) draft() draft {
	raw := m.bytes()
	event, err := ParseEvent(raw)
	m.broken = m.broken || err != nil
	dr := draft{event: event, raw: raw, leaf: tlog.RecordHash(raw)}
	if reach := body.Reach(m.bytes()); reach != "" {
		dr.words = &body.Sealed{Commitment: event.Body, Reach: reach}
		copy(dr.words.Salt[:], m.bytes())
		dr.words.Bytes = m.bytes()
	}
	return dr
}

// Settle brings what the journal holds into the file, so that a start after a power cut has nothing to carry out again. It is for when
// there is nothing else to do.
func (r *Record) Settle(ctx context.Context) error {
	_, err := r.submit(ctx, &job{ctx: ctx, done: make(chan struct{}), redoable: true, run: func(w *writer) (Receipt, error) {
		w.beyond = w.beyond || !w.r.db.Settled()
		w.r.calm()
		return Receipt{}, nil
	}})
	return err
}

// redo carries out what the journal holds beyond the file, as after a power cut. Nothing is judged again: it was answered.
func (r *Record) redo() error {
	stale, err := r.stale()
	if err != nil {
		return err
	}
	// A program that derives other tables must not meet those of the one before it; renew replays the record for them.
	asleep := map[string]bool{}
	for _, one := range stale {
		asleep[one.Name()] = true
	}
	return r.db.Redo(func(tx *bbolt.Tx, raw []byte) error {
		w := &writer{r: r, tx: tx, asleep: asleep}
		if w.log, err = openLog(tx, r.self); err != nil {
			return err
		}
		for m := (&memory{left: raw}); len(m.left) > 0; {
			d := m.decision()
			if m.broken {
				return broken("the journal makes no sense")
			}
			if _, err := w.carryOut(d); err != nil {
				return err
			}
		}
		_, err := r.sign(w.log)
		return err
	})
}
