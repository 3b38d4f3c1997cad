package mirror

import (
	"bytes"
	"fmt"

	"commonhub/hub/record"
)

// Standing says how much a receipt is worth.
type Standing string

const (
	Final   Standing = "final"     // enough others have seen the event
	Pending Standing = "pending"   // neighbours will see it; until then the hub alone stands for it
	Here    Standing = "here-only" // there are no neighbours who could
)

// Witnesses is who besides its hub stands for an event.
type Witnesses struct {
	Standing     Standing `json:"standing"`
	Cosignatures int      `json:"cosignatures"`
	Upto         uint64   `json:"cosignedSize"` // of the checkpoint that they signed, 0 if there is none
}

// WitnessesOf tells how an event stands, by its index. An index that no cosigned checkpoint covers has no cosignatures.
func WitnessesOf(v record.View, o record.Origin, index uint64) Witnesses {
	c, ok := provable(v, o)
	if ok && index < c.Size {
		if w := (Witnesses{Final, cosignatures(c), c.Size}); w.Cosignatures >= Quorum(v, o) {
			return w
		}
	}
	for id := range v.Table(service, "pinned").From(nil) {
		if pinned(v, string(id)).State == Accepted {
			return Witnesses{Standing: Pending, Upto: c.Size}
		}
	}
	return Witnesses{Standing: Here, Upto: c.Size}
}

// WitnessesOfAll tells who stands for an origin's record as a whole: how its newest event stands, and who signed the part of it that was
// seen.
func WitnessesOfAll(v record.View, o record.Origin) Witnesses {
	w := WitnessesOf(v, o, max(v.Size(o), 1)-1)
	if w.Upto > 0 {
		w.Cosignatures = WitnessesOf(v, o, w.Upto-1).Cosignatures
	}
	return w
}

// Receipt makes the tlog-proof of an event: on the largest cosigned checkpoint if that covers it, else on the hub's last one.
func Receipt(v record.View, o record.Origin, index uint64) ([]byte, error) {
	if c, ok := provable(v, o); ok && index < c.Size {
		return v.ReceiptOn(c, index)
	}
	return v.Receipt(o, index)
}

// provable is the cosigned checkpoint of an origin, if our entries lead to it: as a witness we may have run ahead of our copy.
func provable(v record.View, o record.Origin) (record.Checkpoint, bool) {
	c, ok := Cosigned(v, o)
	if !ok || c.Size > v.Size(o) {
		return record.Checkpoint{}, false
	}
	return c, true
}

// cosignatures counts the signature lines of a checkpoint beyond the hub's own; each was verified before it was stored.
func cosignatures(c record.Checkpoint) int {
	_, lines, _ := bytes.Cut(c.Note, []byte("\n\n"))
	count := 0
	for line := range bytes.Lines(lines) {
		if !bytes.HasPrefix(line, fmt.Appendf(nil, "— %s ", c.Origin)) { // while its keys overlap, a hub signs twice
			count++
		}
	}
	return count
}
