package mirror

import (
	"context"
	"crypto/ed25519"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Found is a hub that proved at an address that it holds its key.
type Found struct {
	Description
	URL  string
	Key  ed25519.PublicKey
	Size uint64
}

// Look reads the self-description at an address and a checkpoint, and checks that the key belongs to the id and that the key signed
// the checkpoint. The hub is then listed as seen.
func (m *Mirror) Look(ctx context.Context, address string) (Found, error) {
	base, err := cleanURL(address)
	if err != nil {
		return Found{}, fault.New(fault.Invalid, "mirror.no-address").Because(err)
	}
	d, err := m.describe(ctx, base)
	if err != nil {
		return Found{}, fault.New(fault.Invalid, "mirror.no-hub").Because(err)
	}
	f := Found{Description: d, URL: base}
	if f.Key, err = m.claimed(ctx, base, d); err != nil {
		return Found{}, err
	}
	if d.ID == m.o.Record.Self().ID() {
		return f, fault.New(fault.Conflict, "mirror.ourselves")
	}
	c, err := m.checkpoint(ctx, f)
	if err != nil {
		return Found{}, err
	}
	f.Size = c.Size
	if !m.second(ctx, f) {
		m.noteFound(f)
	}
	return f, nil
}

func (m *Mirror) checkpoint(ctx context.Context, f Found) (record.Checkpoint, error) {
	v, err := note.NewVerifier(f.VKey)
	if err != nil {
		return record.Checkpoint{}, fault.New(fault.Invalid, "mirror.no-hub").Because(err)
	}
	return m.fetchCheckpoint(ctx, f.URL+recordPath(f.Record), record.OriginFor(f.ID), note.VerifierList(v), nil)
}

// recordPath is where a hub says its record is served, if that is a path at all.
func recordPath(said string) string {
	if !strings.HasPrefix(said, "/") || !strings.HasSuffix(said, "/") || len(said) > 100 {
		return "/record/"
	}
	return said
}

// noteFound lists a hub. An address that proved the key replaces the one we had.
func (m *Mirror) noteFound(f Found) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.entry(f.ID)
	if h == nil {
		return
	}
	moved := h.note.URL != f.URL
	n := &h.note
	n.Name, n.URL, n.Key, n.Services, n.Protocol = f.Name, f.URL, f.VKey, f.Services, f.Protocol
	n.Size, n.Heard = max(n.Size, f.Size), time.Now()
	if witness := f.Witness.provedBy(record.OriginFor(f.ID), f.Key); witness != "" {
		n.Witness = witness
	}
	if h.state == Accepted && h.trials.missed { // it is back, and may cosign
		h.asked.until = time.Time{}
		m.poke()
	}
	if h.state == Accepted && (moved || n.Size > n.Synced) {
		h.nudge()
	}
}

func (m *Mirror) lookQuietly(url string) {
	ctx, cancel := context.WithTimeout(m.ctx, answerTime)
	defer cancel()
	if _, err := m.Look(ctx, url); err != nil {
		m.o.Log.Debug("nobody there that we know how to read", "url", url, "error", err)
	}
}
