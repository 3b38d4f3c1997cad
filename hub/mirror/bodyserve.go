package mirror

import (
	"bytes"
	"net/http"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// serveBody gives salt and bytes of one body to whom its reach allows: far to anyone, neighbours of our own events to hubs
// that we accepted. What a neighbour gave to us as its neighbour is never passed on, but to that neighbour itself if it lost it; and what
// is for this hub never leaves it.
// A refusal is 401 with a nonce if signing might help, 410 for what was erased, else 404.
func (m *Mirror) serveBody(w http.ResponseWriter, req *http.Request) {
	o, known := m.originOf(req.PathValue("origin"))
	leaf, err := record.ParseHash(req.PathValue("leaf"))
	if !known || err != nil {
		http.Error(w, "no such body", http.StatusNotFound)
		return
	}
	status := http.StatusOK
	var data []byte
	m.o.Record.Read(func(v record.View) error {
		b := v.Body(o, leaf)
		if status = m.mayRead(v, req, o, b); status == http.StatusOK {
			data = append(bytes.Clone(b.Salt[:]), b.Bytes...)
		}
		return nil
	})
	if status != http.StatusOK {
		if status == http.StatusUnauthorized {
			w.Header().Set(nonceHeader, m.nonces.fresh())
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	send(w, req, "application/octet-stream", askFirst, data)
}

func (m *Mirror) mayRead(v record.View, req *http.Request, o record.Origin, b body.Body) int {
	switch {
	case b.State == body.Erased && b.Reach.Travels():
		return http.StatusGone
	case b.State != body.Here:
		return http.StatusNotFound
	case b.Reach == body.Far:
		return http.StatusOK
	case b.Reach != body.Neighbours:
		return http.StatusNotFound
	}
	if id, ok := m.asker(v, req); ok && (o == v.Self() || o.ID() == id) {
		return http.StatusOK
	}
	if id := req.Header.Get(hubHeader); id != "" && m.nonces.good(req.Header.Get(nonceHeader)) {
		return http.StatusForbidden // signed, with a good nonce, and still not one of ours: signing again will not help
	}
	return http.StatusUnauthorized
}
