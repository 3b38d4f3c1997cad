package mirror

import (
	"context"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Accept pins a hub's key and begins to mirror it. by is the steward who compared the safety number, "" at the console.
func (m *Mirror) Accept(ctx context.Context, by, id string) error {
	m.mu.Lock()
	h := m.hubs[id]
	key := ""
	if h != nil {
		key = h.note.Key
	}
	m.mu.Unlock()
	if key == "" {
		return fault.New(fault.NotFound, "mirror.unknown-hub", id)
	}
	return m.decide(ctx, by, acceptedKind, pin{ID: id, Key: key})
}

// Block stops reading a hub and giving it anything.
func (m *Mirror) Block(ctx context.Context, by, id string) error {
	return m.decide(ctx, by, blockedKind, pin{ID: id})
}

// Release undoes an acceptance or a block: the hub is merely seen again.
func (m *Mirror) Release(ctx context.Context, by, id string) error {
	return m.decide(ctx, by, releasedKind, pin{ID: id})
}

// Add looks at an address that a person typed.
func (m *Mirror) Add(ctx context.Context, address string) (Neighbour, error) {
	f, err := m.Look(ctx, address)
	if err != nil {
		return Neighbour{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[f.ID]
	if h == nil {
		return Neighbour{}, fault.New(fault.TooMany, "mirror.too-many")
	}
	return h.show(f.ID), nil
}

// decide writes one event about a hub, unless it would change nothing, and follows it.
func (m *Mirror) decide(ctx context.Context, by, kind string, p pin) error {
	if !record.ValidID(p.ID) || p.ID == m.o.Record.Self().ID() {
		return fault.New(fault.NotFound, "mirror.unknown-hub", p.ID)
	}
	want := map[string]State{acceptedKind: Accepted, blockedKind: Blocked, releasedKind: Seen}[kind]
	_, err := m.o.Record.Do(ctx, record.Command{Actor: by, Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		if now := pinned(v, p.ID); now.State != want || now.Key != p.Key {
			d.Append(record.Event{Kind: kind, By: by, Data: record.Data(p)})
		}
		return d, nil
	}})
	if err != nil {
		return err
	}
	return m.o.Record.Read(func(v record.View) error {
		m.adopt(pinned(v, p.ID))
		return nil
	})
}
