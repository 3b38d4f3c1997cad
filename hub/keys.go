package hub

import (
	"net/http"

	"commonhub/hub/people"
)

// rotateKey announces a new key at the console. Both keys sign until retireKey; neighbours follow by themselves meanwhile.
func (h *Hub) rotateKey(req *http.Request, _ ConsoleRequest) (any, error) {
	vkey, err := h.record.Rotate(req.Context(), people.Console)
	return ConsoleAnswer{vkey}, err
}

// retireKey ends the overlap. Who was away follows later, by the chain that the record keeps.
func (h *Hub) retireKey(req *http.Request, _ ConsoleRequest) (any, error) {
	if err := h.record.Retire(req.Context(), people.Console); err != nil {
		return nil, err
	}
	return ConsoleAnswer{h.record.VerifierKey()}, h.renewMesh()
}

// renewMesh starts the mesh anew under the key that signs now: a member's name, its card and its rumours all follow from the key. The address
// book stays.
func (h *Hub) renewMesh() error {
	r := &h.running
	r.renewing.Lock()
	defer r.renewing.Unlock()
	r.mu.Lock()
	old, leave, again := r.mesh, r.leave, r.again
	r.mesh = nil
	r.mu.Unlock()
	if old == nil {
		return nil
	}
	leave()
	if err := old.Close(); err != nil {
		h.o.Log.Warn("the address book was not saved", "error", err)
	}
	return again()
}

// trace follows one event through the hubs that can be reached.
func (h *Hub) trace(req *http.Request, in ConsoleRequest) (any, error) {
	e, err := h.mirror.Find(in.ID)
	if err != nil {
		return nil, err
	}
	return h.mirror.Trace(req.Context(), e), nil
}
