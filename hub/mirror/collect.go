package mirror

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"commonhub/hub/record"
)

// cosignedTable holds, under cosignedKey, the largest checkpoint of our own record that others cosigned, with their lines.
const cosignedTable = "cosigned"

var cosignedKey = []byte("ours")

// MaxCosignatures bounds the lines on our checkpoint: a note with more than a hundred is refused by common libraries.
const MaxCosignatures = 32

// collectRetry is how long a witness that could not be reached is left alone.
const collectRetry = 30 * time.Second

// Cosigned is the largest checkpoint of an origin that carries cosignatures we have verified: of our own record those of neighbours, of
// others' our own. False if there is none.
func Cosigned(v record.View, o record.Origin) (record.Checkpoint, bool) {
	if o == v.Self() {
		c, ok := record.Load[record.Checkpoint](v.Private(service, cosignedTable), cosignedKey)
		return c, ok
	}
	w := lastWitnessed(v, o)
	return record.Checkpoint{Origin: o, Size: w.Size, Root: w.Root, Note: w.Note}, w.Note != nil
}

// asked is what we know of a neighbour as a witness of ours. Mirror.mu owns it.
type asked struct {
	size  uint64    // that it cosigned last
	until time.Time // not to be asked before: it could not be reached, or does not know us
}

// collecting asks neighbours to cosign whenever our record has grown, in rounds that are paced like pulls.
func (m *Mirror) collecting() {
	changes, stop := m.o.Record.Changes()
	defer stop()
	pacer := rate.NewLimiter(rate.Every(pullEvery), pullBurst)
	for m.ctx.Err() == nil {
		if len(m.toAsk()) > 0 && pacer.Wait(m.ctx) == nil {
			m.collect(m.ctx)
		}
		select {
		case <-changes:
		case <-m.recollect:
		case <-time.After(collectRetry):
		case <-m.ctx.Done():
		}
	}
}

// toAsk are the accepted hubs that witness and have not cosigned our record as it is now.
func (m *Mirror) toAsk() (ids []string) {
	size := m.o.Record.Size()
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, h := range m.hubs {
		if h.state == Accepted && h.note.Witness != "" && h.note.URL != "" && h.asked.size < size && time.Now().After(h.asked.until) {
			ids = append(ids, id)
		}
	}
	return ids[:min(len(ids), MaxCosignatures)]
}

// collect asks all of them at once for one checkpoint and keeps what they signed, in one commit.
func (m *Mirror) collect(ctx context.Context) {
	c := m.o.Record.Checkpoint()
	var mu sync.Mutex // owns lines
	var lines [][]byte
	var asking sync.WaitGroup
	for _, id := range m.toAsk() {
		asking.Go(func() {
			before := m.syncedOf(id)
			err := m.clear(ctx, id)
			var line []byte
			if err == nil {
				began := time.Now()
				line, err = m.askWitness(ctx, id, c)
				m.tried(id, began, err)
			}
			m.answered(id, c.Size, before, err)
			if err != nil {
				m.o.Log.Debug("no cosignature", "hub", id, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			lines = append(lines, line)
		})
	}
	asking.Wait()
	if len(lines) == 0 {
		return
	}
	if err := m.keepCosigned(ctx, c, lines); err != nil {
		m.o.Log.Warn("cosignatures were not kept", "error", err)
	}
}

func (m *Mirror) syncedOf(id string) (synced uint64) {
	m.update(id, func(n *memory) { synced = n.Synced })
	return synced
}

// answered notes what a witness said to our checkpoint of a size. before is what we held of its record when it was asked.
func (m *Mirror) answered(id string, size, before uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[id]
	if h == nil {
		return
	}
	switch {
	case err == nil:
		h.asked = asked{size: size}
	case err == statusError(http.StatusNotFound) && h.note.Synced > before: // it may have accepted us meanwhile
	case err == statusError(http.StatusNotFound): // it has not accepted us; asked again when its record grows
		h.asked.until = time.Now().Add(pollEvery)
	default:
		h.asked.until = time.Now().Add(collectRetry)
	}
}

// grew notes that more of a neighbour's record is here. It may have accepted us in there, so it is asked again.
func (m *Mirror) grew(id string, synced uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.hubs[id]; h != nil {
		h.note.Synced, h.asked.until = synced, time.Time{}
	}
	m.poke()
}

// poke makes us ask again whoever may be asked.
func (m *Mirror) poke() {
	select {
	case m.recollect <- struct{}{}:
	default:
	}
}

// keepCosigned stores verified lines on our checkpoint. The largest cosigned checkpoint is kept; lines for the same one are joined.
func (m *Mirror) keepCosigned(ctx context.Context, c record.Checkpoint, lines [][]byte) error {
	_, err := m.o.Record.Do(ctx, record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		next := c
		if held, ok := Cosigned(v, v.Self()); ok && held.Size > c.Size {
			return d, nil
		} else if ok && held.Size == c.Size {
			next.Note = held.Note
		}
		for _, line := range lines {
			next.Note = withLine(next.Note, line)
		}
		value, err := json.Marshal(next)
		d.Keep(service, cosignedTable, cosignedKey, value)
		d.Refresh()
		return d, err
	}})
	return err
}

// withLine adds a signature line to a note, in the place of an older one by the same key.
func withLine(signed, line []byte) []byte {
	name, _, _ := bytes.Cut(bytes.TrimPrefix(line, []byte("— ")), []byte(" "))
	var out []byte
	for l := range bytes.Lines(signed) {
		if !bytes.HasPrefix(l, fmt.Appendf(nil, "— %s ", name)) {
			out = append(out, l...)
		}
	}
	if bytes.Count(out, []byte("\n— ")) > MaxCosignatures {
		return out
	}
	return append(out, line...)
}
