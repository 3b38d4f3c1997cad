package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Visit is what an audit saw, for a later one to compare with. Whoever keeps it needs to trust nobody about the past: a record that was
// rewritten, however well it was signed, leads to another root at the size that it had.
type Visit struct {
	Origin  string    `json:"origin"`
	At      time.Time `json:"at"`
	Size    uint64    `json:"size"`
	Root    string    `json:"root"` // base64, as in a checkpoint
	Periods []Period  `json:"periods"`
}

// Period is a closed period as a visit saw it.
type Period struct {
	Code   string `json:"code"`
	Last   uint64 `json:"last"`   // index of the event that closed it
	Digest string `json:"digest"` // SHA-256 of the leaf hashes of all its events, one behind the other, in hexadecimal
}

// remember is what of an entry a later visit can be compared by.
func (a *Auditor) remember(n record.Entry) {
	if a.size == a.earlier.Size && a.size > 0 {
		a.compareRoot()
	}
	a.tree.AppendLeaf(n.Leaf)
	a.leaf = n.Leaf // what is hashed lies on the heap, and the whole entry would
	a.period.Write(a.leaf[:])
	a.size++
}

func (a *Auditor) compareRoot() {
	if a.tree.Root().String() != a.earlier.Root {
		a.report(Finding{Fault: fault.New(fault.Invalid, "ledger.audit-rewritten", int64(a.earlier.Size), a.earlier.At.Format(time.DateOnly))})
	}
}

func (a *Auditor) close(code string) {
	a.periods = append(a.periods, Period{code, a.size - 1, hex.EncodeToString(a.period.Sum(nil))})
	a.period = sha256.New()
}

// compare tells what became of what the earlier visit saw.
func (a *Auditor) compare() {
	if a.size < a.earlier.Size {
		a.report(Finding{Fault: fault.New(fault.Invalid, "ledger.audit-shorter", int64(a.size), int64(a.earlier.Size))})
	}
	if a.size == a.earlier.Size && a.size > 0 {
		a.compareRoot()
	}
	for i, was := range a.earlier.Periods {
		if i >= len(a.periods) || a.periods[i] != was {
			a.report(Finding{Index: was.Last, Fault: fault.New(fault.Invalid, "ledger.audit-period", was.Code)})
		}
	}
}

func (a *Auditor) visit(o record.Origin, now time.Time) Visit {
	return Visit{string(o), now.UTC(), a.size, a.tree.Root().String(), a.periods}
}
