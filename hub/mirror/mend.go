package mirror

import (
	"context"
	"sort"

	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// mendedKind is our event that our record was mended: it had gone on from an old copy, and what was signed meanwhile is void. It stands in the
// record so that everybody who holds a receipt from then can see why it no longer fits.
const mendedKind = "neighbour.mended"

// maxMended bounds what comes back in one piece, in entries. A hub that is further behind is restored by people.
const maxMended = 20_000

// Mended is the data of a mendedKind event.
type Mended struct {
	Common uint64 `json:"common"` // entries that both histories have
	Void   uint64 `json:"void"`   // size that the void one had reached
	Root   string `json:"root"`   // of it, as hexadecimal
	Kept   uint64 `json:"kept"`   // size that a neighbour kept
	Again  int    `json:"again"`  // entries that were appended anew
}

// common finds how many first entries our record and a checkpoint of ours at a neighbour have in common. Prefixes of one tree agree up to a
// size and nowhere behind it, so that twenty roots are enough for a million; the neighbour's tiles prove theirs.
func (s *source) common(ctx context.Context, c record.Checkpoint) (size uint64, err error) {
	tiles := tlog.TileHashReader(tlog.Tree{N: int64(c.Size), Hash: c.Root}, s.prover(ctx, c))
	all := min(c.Size, s.m.o.Record.Size())
	differs := sort.Search(int(all), func(n int) bool {
		if err != nil {
			return true
		}
		var same bool
		same, err = s.sameAt(uint64(n)+1, tiles)
		return !same
	})
	return uint64(differs), err
}

func (s *source) sameAt(size uint64, tiles tlog.HashReader) (same bool, err error) {
	theirs, err := tlog.TreeHash(int64(size), tiles)
	if err != nil {
		return false, err
	}
	err = s.m.o.Record.Read(func(v record.View) error {
		ours, err := v.RootAt(s.origin, size)
		same = ours == theirs
		return err
	})
	return same, err
}

// mend replaces what our record holds behind the common entries. Where a neighbour has seen what would become void, there are two histories
// that others can prove, and which of them is to stand is for people.
func (m *Mirror) mend(ctx context.Context, o opinion, common uint64, all []opinion) error {
	for _, other := range all {
		if other.kept.Size > common && m.signed(other.kept) {
			return fault.New(fault.Conflict, "record.other-root")
		}
	}
	if o.kept.Size-common > maxMended {
		return fault.New(fault.TooMany, tooLarge)
	}
	void := m.o.Record.Checkpoint()
	mending := record.Mending{Common: common, Note: o.kept.Note}
	err := o.source.each(ctx, common, o.kept.Size, func(pieces []piece) error {
		for _, p := range pieces {
			mending.Entries = append(mending.Entries, p.entries...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	again, err := m.o.Record.Mend(ctx, mending)
	if err != nil {
		return err
	}
	m.o.Log.Warn("our record was mended from a neighbour", "hub", o.source.id, "common", common, "kept", o.kept.Size, "appended anew", again)
	return m.tellMended(ctx, Mended{common, void.Size, record.Hex(void.Root), o.kept.Size, again})
}

// tellMended writes down what happened, if anything became void, and forgets the cosignatures on that.
func (m *Mirror) tellMended(ctx context.Context, what Mended) error {
	m.mu.Lock()
	for _, h := range m.hubs {
		h.asked = asked{}
	}
	m.mu.Unlock()
	_, err := m.o.Record.Do(ctx, record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Forget(service, cosignedTable, cosignedKey)
		d.Refresh()
		if what.Void > what.Common {
			d.Append(record.Event{Kind: mendedKind, Data: record.Data(what)})
		}
		return d, nil
	}})
	return err
}

// applyMended keeps the last mending for pages.
func applyMended(e record.Edit, entry record.Entry) error {
	what, ok := record.Decode[Mended](entry.Event)
	if !ok {
		return nil
	}
	return record.Save(e.Own("mended"), []byte("last"), Mending{what, entry.Index, entry.At})
}
