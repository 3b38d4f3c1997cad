package mirror

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/time/rate"

	"commonhub/hub/fault"
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
			line, err := m.askWitness(ctx, id, c)
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
	select {
	case m.recollect <- struct{}{}:
	default:
	}
}

// askWitness gets one verified cosignature line from a neighbour for our checkpoint. It tries the size that the neighbour cosigned last
// as far as we remember, and once more with the size that it answers.
func (m *Mirror) askWitness(ctx context.Context, id string, c record.Checkpoint) (line []byte, err error) {
	m.mu.Lock()
	url, vkey, old := m.hubs[id].note.URL, m.hubs[id].note.Witness, m.hubs[id].asked.size
	m.mu.Unlock()
	key, err := parseWitnessKey(vkey)
	if err != nil {
		return nil, err
	}
	for range 2 {
		var size uint64
		if line, size, err = m.postCheckpoint(ctx, url, c, old); err == nil {
			return verifiedLine(c, line, key)
		}
		if err != statusError(http.StatusConflict) {
			return nil, err
		}
		old = size
	}
	return nil, err
}

// postCheckpoint sends one add-checkpoint. With status 409 it returns the size that the witness told.
func (m *Mirror) postCheckpoint(ctx context.Context, url string, c record.Checkpoint, old uint64) (answer []byte, size uint64, err error) {
	body, err := m.addition(c, old)
	if err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+witnessPath+"add-checkpoint", bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	res, err := m.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	if answer, err = io.ReadAll(io.LimitReader(res.Body, record.MaxNote)); err != nil {
		return nil, 0, err
	}
	if res.StatusCode == http.StatusConflict {
		size, err = strconv.ParseUint(strings.TrimSpace(string(answer)), 10, 63)
		if err != nil || size > c.Size {
			// More than we have signed, if it is true: our record was rolled back, which is not ours to settle here.
			return nil, 0, fmt.Errorf("it says that it cosigned size %q of our %d", firstRunes(string(answer), 20), c.Size)
		}
	}
	if res.StatusCode != http.StatusOK {
		return nil, size, statusError(res.StatusCode)
	}
	return answer, 0, nil
}

// addition spells the request: from which size we continue, the proof, our checkpoint.
func (m *Mirror) addition(c record.Checkpoint, old uint64) ([]byte, error) {
	b := fmt.Appendf(nil, "old %d\n", old)
	err := m.o.Record.Read(func(v record.View) error {
		if old == 0 {
			return nil
		}
		proof, err := v.Consistency(c.Origin, old, c.Size)
		for _, h := range proof {
			b = append(base64.StdEncoding.AppendEncode(b, h[:]), '\n')
		}
		return err
	})
	return append(append(b, '\n'), c.Note...), err
}

// verifiedLine takes the one line by this key out of an answer, if it is good. Anything else in the answer is dropped: what we have not
// verified never reaches a checkpoint that we serve.
func verifiedLine(c record.Checkpoint, answer []byte, key witnessKey) ([]byte, error) {
	text := signedPart(c.Note)
	n, err := note.Open(append(append(bytes.Clone(text), '\n'), answer...), note.VerifierList(key))
	if err != nil {
		return nil, fault.New(fault.Invalid, "mirror.bad-cosignature").Because(err)
	}
	return fmt.Appendf(nil, "— %s %s\n", n.Sigs[0].Name, n.Sigs[0].Base64), nil
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
