package mirror

import (
	"context"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// askPoll is how often AskOurs looks whether a neighbour's address has become known.
const askPoll = 50 * time.Millisecond

// Neighboured tells whether any hub is accepted: only then somebody may hold a copy of our record.
func (m *Mirror) Neighboured() bool { return len(m.accepted()) > 0 }

// accepted are the ids and addresses of all accepted hubs; the address is "" while it is unknown.
func (m *Mirror) accepted() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	hubs := map[string]string{}
	for id, h := range m.hubs {
		if h.state == Accepted {
			hubs[id] = h.note.URL
		}
	}
	return hubs
}

// AskOurs asks every accepted hub, until ctx ends, how much of our record it holds, and heals ours from whoever holds more. It returns how
// many answered and how many events came back; an error says that a neighbour holds another history under our key, which people have to
// hear of. The record has to be held.
func (m *Mirror) AskOurs(ctx context.Context) (answered int, healed uint64, err error) {
	before := m.o.Record.Size()
	asked := map[string]bool{}
	for {
		known := m.accepted()
		answers := m.askAll(ctx, known, asked)
		for id, e := range answers {
			asked[id] = true
			if e == nil {
				answered++
			} else if fault.Of(e).Key == "record.other-root" {
				err = e
			}
		}
		if len(asked) == len(known) {
			break
		}
		select {
		case <-time.After(askPoll):
			continue
		case <-ctx.Done():
		}
		break
	}
	return answered, m.o.Record.Size() - before, err
}

// askAll asks at the same time all hubs whose address is known and who were not asked yet. A hub that cannot be reached is not in the
// answer, and asked again.
func (m *Mirror) askAll(ctx context.Context, known map[string]string, asked map[string]bool) map[string]error {
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[string]error{}
	for id, url := range known {
		if url == "" || asked[id] {
			continue
		}
		all.Go(func() {
			err := m.askOne(ctx, id, url)
			if err != nil && problemOf(err) == "mirror.unreachable" {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			answers[id] = err
		})
	}
	all.Wait()
	return answers
}

// askOne reads a neighbour's copy of our record as far as it goes beyond ours.
func (m *Mirror) askOne(ctx context.Context, id, url string) error {
	self := m.o.Record.Self()
	s := &source{m: m, id: id, url: url, base: url + "/mirror/" + self.Hex() + "/", origin: self, known: note.VerifierList(m.o.Record.Verifier())}
	c, err := m.fetchCheckpoint(ctx, s.base, self, s.known)
	if code, ok := statusOf(err); ok && code == 404 {
		return nil // it holds nothing of ours
	}
	if err != nil {
		return err
	}
	ours := m.o.Record.Checkpoint()
	switch {
	case c.Size == ours.Size && c.Root != ours.Root:
		return fault.New(fault.Conflict, "record.other-root")
	case c.Size <= ours.Size:
		return nil
	}
	err = s.fill(ctx, c, ours.Size, c.Size, func(pieces []record.Extension) error {
		for _, x := range pieces {
			if err := m.o.Record.Heal(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, _, err = s.fetchBodies(ctx, ours.Size)
	return err
}
