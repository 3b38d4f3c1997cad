package mirror

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

const bundleSize = 256

// fewEntries: up to so many missing entries are fetched with a range request on the partial bundle, which costs 1.2 kB for one
// entry instead of 12 kB for the bundle.
const fewEntries = 40

// source is one neighbour being pulled.
type source struct {
	m      *Mirror
	id     string
	base   string // of the record, ends in "/"
	url    string // of the hub
	origin record.Origin
	known  note.Verifiers
}

// pull brings our copy of one accepted hub up to its newest checkpoint, then fetches bodies that are wanted.
func (m *Mirror) pull(ctx context.Context, id string) error {
	s, err := m.source(ctx, id)
	if err != nil {
		return err
	}
	before, err := s.held()
	if err != nil {
		return err
	}
	began := time.Now()
	c, err := s.newest(ctx, m.claim(before))
	m.tried(id, began, err)
	if err != nil {
		return err
	}
	m.update(id, func(n *memory) { n.Size, n.Heard = max(n.Size, c.Size), time.Now() })
	if err := m.expose(ctx, c); err != nil {
		return err
	}
	if s.tier() == Witness {
		return s.witnessOnly(ctx, c)
	}
	over := s.follow(ctx, c, before)
	if over != nil && !isQuota(over) {
		return over
	}
	s.compare(ctx)
	waiting, got, err := s.fetchBodies(ctx, before.Size)
	if got > 0 || c.Size > before.Size {
		m.offer(s.origin, s.id)
	}
	if err == errHurry {
		return nil
	}
	// Only now, and together: whoever sees that a hub was read may rely on the number of words that are missing.
	m.update(id, func(n *memory) { n.Waiting, n.SyncedAt = waiting, time.Now() })
	if err := errors.Join(over, err); err != nil {
		return err
	}
	return m.moveOut(ctx)
}

// follow brings our entries up to a checkpoint from those that we held before, and cosigns it.
func (s *source) follow(ctx context.Context, c, before record.Checkpoint) error {
	if err := s.catchUp(ctx, c, before); err != nil {
		if fault.Of(err).Key == "record.other-root" {
			err = s.unmask(ctx, c, err)
		}
		return err
	}
	s.m.update(s.id, func(n *memory) { n.Synced = c.Size })
	if err := s.m.cosignHeld(ctx, c); err != nil {
		return errors.Join(s.m.expose(ctx, c), err)
	}
	s.keepChain(ctx)
	return nil
}

// source finds the address and the pinned key of an accepted hub.
func (m *Mirror) source(ctx context.Context, id string) (*source, error) {
	m.mu.Lock()
	h := m.hubs[id]
	url := h.note.URL
	protocol := h.note.Protocol
	m.mu.Unlock()
	if url == "" {
		return nil, fault.New(fault.NotFound, "mirror.no-address-yet")
	}
	if protocol > Protocol {
		return nil, fault.New(fault.Invalid, "mirror.protocol")
	}
	known, _ := m.pinnedKeys(record.OriginFor(id))
	return &source{m: m, id: id, base: url + "/record/", url: url, origin: record.OriginFor(id), known: known}, nil
}

// fetchCheckpoint reads a checkpoint and believes it only under a known key.
func (m *Mirror) fetchCheckpoint(
	ctx context.Context, base string, o record.Origin, known note.Verifiers, head http.Header,
) (record.Checkpoint, error) {
	a, err := m.get(ctx, base+"checkpoint", record.MaxNote, head)
	if err != nil {
		return record.Checkpoint{}, err
	}
	c, err := openCheckpoint(a.data, known)
	if err != nil || c.Origin != o {
		return record.Checkpoint{}, fault.New(fault.Invalid, "record.bad-checkpoint").Because(fmt.Errorf("%s: %v", c.Origin, err))
	}
	return c, nil
}

// catchUp extends our copy by a few bundles at a time, proved and durable before the next: a cut link costs those.
func (s *source) catchUp(ctx context.Context, c, held record.Checkpoint) error {
	switch {
	case held.Size > c.Size:
		return fault.New(fault.Conflict, "mirror.shorter").Because(fmt.Errorf("held %d, offered %d", held.Size, c.Size))
	case held.Size == c.Size && held.Root != c.Root && c.Size > 0:
		return fault.New(fault.Conflict, "mirror.forked")
	case held.Size == c.Size && held.Note != nil:
		return nil
	}
	return s.fill(ctx, c, held.Size, c.Size, func(pieces []record.Extension) error {
		err := s.m.o.Record.ExtendAll(ctx, pieces)
		if err == nil {
			s.m.grew(s.id, reached(pieces))
		}
		return err
	})
}

// fill fetches what is missing between two sizes of a checkpoint's tree and hands it to take, some bundles at a time, each with its proof. It
// stops with a fault mirror.quota-… when people here allow no more for today; what is on its way then may still come.
func (s *source) fill(ctx context.Context, c record.Checkpoint, from, to uint64, take func([]record.Extension) error) error {
	upto, over := s.m.ration(s.origin, from, to)
	if over != nil && upto == from {
		return over
	}
	proofs := s.prover(ctx, c)
	err := s.each(ctx, from, upto, func(pieces []piece) error {
		if _, over := s.m.ration(s.origin, pieces[0].start, pieces[len(pieces)-1].end); over != nil {
			return over
		}
		var proved []record.Extension
		for _, p := range pieces {
			proof, err := proofs.consistency(p.end)
			if err != nil {
				return err
			}
			proved = append(proved, record.Extension{
				Origin: s.origin, Verifier: s.known, Note: c.Note, Start: p.start, Entries: p.entries, Proof: proof,
			})
		}
		if err := take(proved); err != nil {
			return err
		}
		s.m.spend(s.origin, weight(proved))
		s.arrived(reached(proved))
		return nil
	})
	return cmp.Or(err, over)
}

// reached is the size behind the last of some pieces.
func reached(pieces []record.Extension) uint64 {
	last := pieces[len(pieces)-1]
	return last.Start + uint64(len(last.Entries))
}

// held is what we have of the origin. Note is nil while a first copy is not complete.
func (s *source) held() (c record.Checkpoint, err error) {
	err = s.m.o.Record.Read(func(v record.View) error {
		size := v.Size(s.origin)
		var err error
		if c, err = v.Checkpoint(s.origin); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if c.Size != size {
			c = record.Checkpoint{Size: size}
		}
		return nil
	})
	return c, err
}

// fetchEntries fetches entries start to end of one bundle: the end of the partial bundle by its byte offset if few are missing, and
// the bundle whole if that does not work out, which then may have limit bytes unpacked.
func (s *source) fetchEntries(ctx context.Context, start, end uint64, limit int64) ([][]byte, error) {
	if start == end {
		return nil, nil
	}
	n := start / bundleSize
	skip := start - n*bundleSize
	url := s.base + tilePath(tlog.Tile{L: entriesLevel, N: int64(n), W: int(end - n*bundleSize)})
	if skip > 0 && end-start < fewEntries {
		if entries, err := s.fetchEnd(ctx, url, start, end); err == nil {
			return entries, nil
		}
	}
	a, err := s.m.get(ctx, url, limit, nil)
	if err != nil {
		return nil, err
	}
	return exactly(a.data, skip, end-start)
}

// fetchEnd asks for the bytes behind the entries that we hold.
func (s *source) fetchEnd(ctx context.Context, url string, start, end uint64) ([][]byte, error) {
	offset, err := s.offset(start)
	if err != nil {
		return nil, err
	}
	head := http.Header{"Range": {fmt.Sprintf("bytes=%d-", offset)}, "Accept-Encoding": {"identity"}}
	a, err := s.m.get(ctx, url, maxBundleBytes, head)
	if err == nil && a.status != http.StatusPartialContent {
		err = statusError(a.status)
	}
	if err != nil {
		return nil, err
	}
	return exactly(a.data, 0, end-start)
}

// exactly parses a bundle that has to hold count entries behind those to skip.
func exactly(data []byte, skip, count uint64) ([][]byte, error) {
	entries, err := record.ParseBundle(data)
	if err != nil || uint64(len(entries)) != skip+count {
		return nil, fault.New(fault.Invalid, "record.entry-size").Because(fmt.Errorf("%d entries instead of %d: %v", len(entries), skip+count, err))
	}
	return entries[skip:], nil
}

// offset is the byte position of an entry in its bundle, known from the entries before it, which we hold.
func (s *source) offset(index uint64) (bytes int, err error) {
	err = s.m.o.Record.Read(func(v record.View) error {
		for e, err := range v.Entries(s.origin, index-index%bundleSize) {
			if err != nil {
				return err
			}
			bytes += 2 + len(e.Raw)
		}
		return nil
	})
	return bytes, err
}
