package record

import (
	"context"
	"errors"

	"commonhub/hub/body"
	"commonhub/hub/fault"
)

// A record that was opened Held appends nothing of its own until Release: neighbours may hold a longer copy of it than a restored backup
// or a disk that lied about a sync. What they have comes back through Heal, which only a held record takes. Private writes and
// neighbours' records are not held up.

// errHeld keeps a command waiting until Release.
var errHeld = errors.New("the record is held")

// Release lets the writer append. Calling it again does nothing.
func (r *Record) Release() { r.releaseOnce.Do(func() { close(r.gate) }) }

// Held tells whether Release is still to come.
func (r *Record) Held() bool { return !r.released() }

func (r *Record) released() bool {
	select {
	case <-r.gate:
		return true
	default:
		return false
	}
}

// Refuse answers every command that would append with a fault from here on, until the program ends: another machine appends under our key.
// Private writes and neighbours' records go on.
func (r *Record) Refuse(why *fault.Fault) { r.refusal.Store(why) }

// Refused is what Refuse was given last; false if appending is allowed.
func (r *Record) Refused() (why *fault.Fault, refused bool) {
	why = r.refusal.Load()
	return why, why != nil
}

// barred is why nothing may be appended at this moment, nil if it may.
func (r *Record) barred() error {
	if r.Superseded() != "" {
		return fault.New(fault.Unavailable, "record.superseded")
	}
	if why, refused := r.Refused(); refused {
		return why
	}
	if !r.released() {
		return errHeld
	}
	return nil
}

// unpark gives back the commands that waited for Release.
func (r *Record) unpark() []*job {
	jobs := r.parked
	r.parked = nil
	return jobs
}

// Heal appends entries of our own record that a neighbour kept. They are proved as any neighbour's are, against a checkpoint that our own
// key signed. Faults are those of Extend; record.other-root means that our record went on differently after a restore.
func (r *Record) Heal(ctx context.Context, x Extension) error {
	x.Origin, x.Verifier = r.self, r.Verifiers()
	c, err := x.check()
	if err != nil {
		return err
	}
	hashes := leaves(x.Entries)
	j := &job{ctx: ctx, done: make(chan struct{}), run: func(w *writer) (Receipt, error) { return w.heal(x, c, hashes) }}
	_, err = r.submit(ctx, j)
	return err
}

// heal proves and applies a piece of our own record. Where the piece ends before the checkpoint does, we sign what we have so far: it is
// a prefix of what we signed before, and therefore no fork.
func (w *writer) heal(x Extension, c Checkpoint, hashes []Hash) (Receipt, error) {
	if w.r.released() {
		return Receipt{}, fault.New(fault.Conflict, "record.not-next").Because(errors.New("the record is not held"))
	}
	if _, err := w.prove(x, c, hashes); err != nil {
		return Receipt{}, err
	}
	for i, raw := range x.Entries {
		e := newEntry(w.r.self, x.Start+uint64(i), raw)
		if e.At.After(w.log.last) {
			w.log.last = e.At
		}
		if err := w.appendForeign(w.log, e); err != nil {
			return Receipt{}, spoiled{err}
		}
		if err := w.miss(e); err != nil {
			return Receipt{}, spoiled{err}
		}
	}
	return Receipt{}, nil
}

// miss notes that a body of ours which no neighbour was ever given is lost.
func (w *writer) miss(e Entry) error {
	k := body.KeyOf(string(e.Origin), e.Leaf)
	if e.Event.Body == "" || e.Reach.Travels() || body.Get(w.tx, k).State != body.Unknown {
		return nil
	}
	if err := body.Promise(w.tx, k, e.Reach, e.Index); err != nil {
		return err
	}
	return body.Remove(w.tx, k, body.Lost)
}
