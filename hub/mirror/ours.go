package mirror

import (
	"context"
	"errors"
	"sync"
	"time"

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

// opinion is what one neighbour says of us.
type opinion struct {
	source *source           // of its copy of our record
	kept   record.Checkpoint // that it keeps of us, size 0 if none
	twin   bool              // it reads another machine under our key
	heir   string            // vkey of a key that took our record over and is not here, "" if none did
}

// AskOurs asks every accepted hub, for patience at the most, how much of our record it holds and which machine it reads under our key, and
// then puts our record right: it heals or mends it from whoever holds more, and refuses to append where another machine does. It returns
// how many answered and how many events came back. Its fault is what people have to hear of: mirror.twin, or record.other-root when
// neighbours hold histories under our key that nothing can bring together.
func (m *Mirror) AskOurs(ctx context.Context, patience time.Duration) (answered int, healed uint64, err error) {
	m.settling.Lock()
	defer m.settling.Unlock()
	if why, refused := m.o.Record.Refused(); refused {
		return 0, 0, why
	}
	opinions := m.opinions(ctx, patience)
	before := m.o.Record.Size()
	err = m.settle(ctx, opinions)
	return len(opinions), m.o.Record.Size() - before, err
}

// opinions collects answers until all have come or patience is over.
func (m *Mirror) opinions(ctx context.Context, patience time.Duration) (all []opinion) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	asked := map[string]bool{}
	for {
		known := m.accepted()
		for id, o := range m.askAll(ctx, known, asked) {
			asked[id] = true
			all = append(all, o)
		}
		if len(asked) == len(known) {
			return all
		}
		select {
		case <-time.After(askPoll):
		case <-ctx.Done():
			return all
		}
	}
}

// askAll asks at the same time all hubs whose address is known and who were not asked yet. A hub that cannot be reached is not in the
// answer, and asked again.
func (m *Mirror) askAll(ctx context.Context, known map[string]string, asked map[string]bool) map[string]opinion {
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[string]opinion{}
	for id, url := range known {
		if url == "" || asked[id] {
			continue
		}
		all.Go(func() {
			o, err := m.askOne(ctx, id, url)
			if err != nil && problemOf(err) == "mirror.unreachable" {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			answers[id] = o
		})
	}
	all.Wait()
	return answers
}

// askOne reads which checkpoint of ours a neighbour keeps, and which machine it reads.
func (m *Mirror) askOne(ctx context.Context, id, url string) (o opinion, err error) {
	self := m.o.Record.Self()
	o.source = &source{m: m, id: id, url: url, base: url + "/mirror/" + self.Hex() + "/", origin: self, known: m.o.Record.Verifiers()}
	var asking sync.WaitGroup
	asking.Go(func() { o.twin = m.twinBehind(ctx, url) })
	asking.Go(func() { o.heir = o.source.passedOn(ctx) })
	o.kept, err = m.fetchCheckpoint(ctx, o.source.base, self, o.source.known, nil)
	asking.Wait()
	if code, ok := statusOf(err); ok && code == 404 {
		return o, nil // it holds nothing of ours
	}
	return o, err
}

// clear asks a neighbour, once in the life of this program, what it keeps of our record, before we show it a checkpoint that it may never have
// seen: what it could not bring together with that would be a fork in its hands. Where it keeps what we never signed, all are asked.
func (m *Mirror) clear(ctx context.Context, id string) error {
	m.mu.Lock()
	h := m.hubs[id]
	cleared, url := h.cleared, h.note.URL
	m.mu.Unlock()
	if cleared {
		return nil
	}
	o, err := m.askOne(ctx, id, url)
	if err != nil {
		return err
	}
	if o.twin || !m.signed(o.kept) {
		m.doubt()
		return fault.New(fault.Conflict, "record.other-root")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h.cleared = true
	return nil
}

// settle draws the conclusions.
func (m *Mirror) settle(ctx context.Context, all []opinion) (failed error) {
	for _, o := range all {
		if o.heir != "" {
			return errors.Join(fault.New(fault.Conflict, "mirror.superseded"), m.o.Record.Supersede(ctx, o.heir))
		}
		if o.twin {
			why := fault.New(fault.Conflict, "mirror.twin")
			m.o.Record.Refuse(why)
			return why
		}
	}
	for _, o := range all {
		if m.signed(o.kept) {
			continue
		}
		if err := m.comeBack(ctx, o, all); err != nil {
			failed = err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.torn = failed != nil && fault.Of(failed).Key == "record.other-root"
	return failed
}

// signed tells whether a checkpoint under our key is one that our record, as it is here, has or had.
func (m *Mirror) signed(c record.Checkpoint) (same bool) {
	if c.Size == 0 {
		return true
	}
	m.o.Record.Read(func(v record.View) error {
		root, err := v.RootAt(v.Self(), c.Size)
		same = err == nil && root == c.Root
		return err
	})
	return same
}

// comeBack takes from a neighbour what it keeps of our record beyond what we have in common.
func (m *Mirror) comeBack(ctx context.Context, o opinion, all []opinion) error {
	common, err := o.source.common(ctx, o.kept)
	if err != nil {
		return err
	}
	size := m.o.Record.Size()
	if common == size && m.o.Record.Held() {
		err = o.source.fill(ctx, o.kept, size, o.kept.Size, m.heal(ctx))
	} else {
		err = m.mend(ctx, o, common, all)
	}
	if err != nil {
		return err
	}
	_, _, err = o.source.fetchBodies(ctx, common)
	return err
}

func (m *Mirror) heal(ctx context.Context) func([]record.Extension) error {
	return func(pieces []record.Extension) error {
		for _, x := range pieces {
			if err := m.o.Record.Heal(ctx, x); err != nil {
				return err
			}
		}
		return nil
	}
}
