package mirror

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Private tables of witnessing: `witness` holds the seed of the witness key, `witnessed` per origin the last checkpoint that we cosigned.
// They are in every backup: a witness that forgot what it saw could be made to sign a fork.
const (
	witnessTable   = "witness"
	witnessedTable = "witnessed"
)

// earliest is before anybody ran this program: a clock that shows less has not been set, and signs nothing.
var earliest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// sameAgain is how long a cosignature is given out again, in seconds, before the same checkpoint gets one with a fresh time: repeating a
// request must not be a way to wear out our flash.
const sameAgain = 300

// witnessed is the largest checkpoint of an origin that we cosigned.
type witnessed struct {
	Size uint64      `json:"size"`
	Root record.Hash `json:"root"`
	Time uint64      `json:"time"` // of our cosignature, Unix seconds
	Note []byte      `json:"note"` // with the log's signature and ours; nil if we never cosigned
}

func lastWitnessed(v record.View, o record.Origin) witnessed {
	w, _ := record.Load[witnessed](v.Private(service, witnessedTable), []byte(o))
	return w
}

// otherSize refuses a request that builds on another size than the one that we cosigned last, which it tells.
type otherSize uint64

func (s otherSize) Error() string { return fmt.Sprintf("last cosigned at size %d", uint64(s)) }

// errInconsistent refuses a checkpoint that is not shown to continue the one that we cosigned.
var errInconsistent = errors.New("the checkpoint does not continue the one cosigned before")

// link is how a checkpoint is said to continue the last cosigned one: from which size, by which consistency proof.
type link struct {
	old   uint64
	proof tlog.TreeProof
}

// loadWitness reads the seed of the witness key, or draws one.
func (m *Mirror) loadWitness() error {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed)
	_, err := m.o.Record.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		if held := v.Private(service, witnessTable).Get([]byte("seed")); len(held) == ed25519.SeedSize {
			seed = bytes.Clone(held)
			return d, nil
		}
		d.Keep(service, witnessTable, []byte("seed"), seed)
		return d, nil
	}})
	if err == nil {
		m.witness = cosigner{name: witnessName(m.o.Record.Self()), key: ed25519.NewKeyFromSeed(seed)}
	}
	return err
}

// cosign is the one place where we cosign, for requests and for our own pulls alike. Comparing with the last cosigned checkpoint and
// storing the new one happen in one transaction of the record's only writer, durable before cosign returns. c is verified under the pinned
// key and carries the log's signatures alone; from says how it continues the last one. Errors: otherSize, errInconsistent, NotFound if
// the hub is not accepted, Unavailable without a plausible clock.
func (m *Mirror) cosign(ctx context.Context, c record.Checkpoint, from func(record.View, witnessed) (link, error)) (witnessed, error) {
	var signed witnessed
	_, err := m.o.Record.Do(ctx, record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		last := lastWitnessed(v, c.Origin)
		next, err := m.next(v, c, last, from)
		if err != nil {
			return d, err
		}
		signed = next
		if bytes.Equal(next.Note, last.Note) {
			return d, nil
		}
		value, err := json.Marshal(next)
		d.Keep(service, witnessedTable, []byte(c.Origin), value)
		d.Refresh()
		return d, err
	}})
	if err != nil {
		return witnessed{}, err // when ctx ended, the judge may still be writing to signed
	}
	return signed, nil
}

// next is the state after cosigning c. It writes nothing.
func (m *Mirror) next(v record.View, c record.Checkpoint, last witnessed, from func(record.View, witnessed) (link, error)) (witnessed, error) {
	if pinned(v, c.Origin.ID()).State != Accepted {
		return last, fault.New(fault.NotFound, "mirror.unknown-hub", c.Origin.ID())
	}
	l, err := from(v, last)
	if err != nil {
		return last, err
	}
	if l.old != last.Size {
		return last, otherSize(last.Size)
	}
	if err := last.continuedBy(c, l.proof); err != nil {
		return last, err
	}
	if v.Now().Before(earliest) {
		return last, fault.New(fault.Unavailable, "mirror.no-clock")
	}
	at := max(uint64(v.Now().Unix()), last.Time) // never step back
	if last.Size == c.Size && last.Note != nil && at-last.Time < sameAgain {
		return last, nil
	}
	signer := m.witness
	signer.at = at
	line, err := signer.line(signedPart(c.Note))
	return witnessed{Size: c.Size, Root: c.Root, Time: at, Note: append(bytes.Clone(c.Note), line...)}, err
}

// continuedBy checks the consistency proof between the last cosigned tree and the checkpoint's.
func (w witnessed) continuedBy(c record.Checkpoint, proof tlog.TreeProof) error {
	if w.Size > 0 {
		if w.Size > c.Size || tlog.CheckTree(proof, int64(c.Size), c.Root, int64(w.Size), w.Root) != nil {
			return errInconsistent
		}
		return nil
	}
	if len(proof) > 0 || c.Size == 0 && c.Root != new(record.Tree).Root() {
		return errInconsistent
	}
	return nil
}

// cosignHeld cosigns the checkpoint that our copy of a record has reached. The proof comes from the entries that we hold, so it shows
// that what we mirror continues what we cosigned, also where requests have run ahead of our copy.
func (m *Mirror) cosignHeld(ctx context.Context, c record.Checkpoint) error {
	_, err := m.cosign(ctx, c, func(v record.View, last witnessed) (link, error) {
		if last.Size == 0 {
			return link{}, nil
		}
		if last.Size > c.Size {
			return link{}, otherSize(last.Size)
		}
		proof, err := v.Consistency(c.Origin, last.Size, c.Size)
		return link{last.Size, proof}, err
	})
	if _, ahead := errors.AsType[otherSize](err); ahead || fault.Is(err, fault.Unavailable) {
		return nil // we have cosigned more than we hold, or have no clock: mirroring goes on all the same
	}
	return err
}
