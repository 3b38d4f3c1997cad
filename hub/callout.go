package hub

import (
	"context"
	"crypto/ed25519"
	"time"

	"commonhub/hub/mesh"
	"commonhub/hub/record"
)

// pushTo is how many neighbours are told a call-out by HTTP, beside the mesh.
const pushTo = 5

// caller is a service whose messages travel at once, beside the record.
type caller interface {
	Heard(message []byte) // by the mesh: unchecked
	Again() error         // tells once more what of ours is live
}

// Spread tells a service's message to every hub in reach, and to those who come later until it is over: over the mesh, and to the
// nearest ones by POST to a path of the service, too. It does not block.
func (h *Hub) Spread(path string, message []byte, until time.Time) {
	h.running.mu.Lock()
	m := h.running.mesh
	h.running.mu.Unlock()
	if m != nil {
		m.CallOut(message, until)
	}
	h.mirror.Push(path, message, pushTo)
}

// AcceptedKeys are the keys that may sign for a hub that we accepted, none for any other.
func (h *Hub) AcceptedKeys(o record.Origin) []ed25519.PublicKey { return h.mirror.AcceptedKeys(o) }

// passCallOuts hands what the mesh hears to the services, which check it and give back what deserves to go on.
func (h *Hub) passCallOuts(ctx context.Context, m *mesh.Mesh) {
	for _, c := range h.callers() {
		if err := c.Again(); err != nil {
			h.o.Log.Warn("call-outs of ours could not be told again", "error", err)
		}
	}
	for {
		select {
		case message := <-m.CallOuts():
			for _, c := range h.callers() {
				c.Heard(message)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (h *Hub) callers() (list []caller) {
	for _, s := range h.services {
		if c, ok := s.(caller); ok {
			list = append(list, c)
		}
	}
	return list
}
