package mirror

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"commonhub/hub/record"
)

// Growth of a mirror travels as an offer. Gossip tells of a hub's own record to those who know that hub; whoever reads it over others would
// wait for the next poll at every hop. So a hub that has read something new tells the hubs that it accepted, one message for all that is
// new, signed, at most one in offerEvery. An offer is a hint: it makes a neighbour that accepted us ask for what it lacks, at the pace of any
// pull. It goes neither to the author nor to whom it was read from, and only who has got something new by it makes an offer itself: so it dies
// out where everybody has it, in circles too.
const (
	offerPath  = "/mirror/offer"
	offerEvery = time.Second
	offerBytes = 32 << 10
	offersHeld = maxFar           // of one neighbour, that wait for its next pull
	deafFor    = 30 * time.Second // a neighbour that did not take an offer gets none
)

// offering sends offers until the mirror closes.
func (m *Mirror) offering() {
	for {
		select {
		case <-m.offers:
		case <-m.ctx.Done():
			return
		}
		m.sendOffers()
		select {
		case <-time.After(offerEvery):
		case <-m.ctx.Done():
			return
		}
	}
}

// offer notes that something new of an origin can be read here. from is the neighbour that it came from.
func (m *Mirror) offer(o record.Origin, from string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fresh[o] = from
	select {
	case m.offers <- struct{}{}:
	default:
	}
}

// sendOffers tells every accepted hub that can be reached what is new to it.
func (m *Mirror) sendOffers() {
	m.mu.Lock()
	fresh := m.fresh
	m.fresh = map[record.Origin]string{}
	to := map[string]string{}
	for id, h := range m.hubs {
		if h.state == Accepted && h.note.URL != "" && time.Now().After(h.deaf) {
			to[id] = h.note.URL
		}
	}
	m.mu.Unlock()
	all := m.mirrors(fresh)
	var sending sync.WaitGroup
	for id, url := range to {
		var theirs []MirrorDesc
		for _, d := range all {
			if d.ID != id && fresh[record.OriginFor(d.ID)] != id {
				theirs = append(theirs, d)
			}
		}
		if len(theirs) > 0 {
			sending.Go(func() { m.sendOffer(id, url, theirs) })
		}
	}
	sending.Wait()
}

func (m *Mirror) sendOffer(id, url string, mirrors []MirrorDesc) {
	body, err := json.Marshal(mirrors)
	if err != nil || len(body) > offerBytes {
		return // the poll of whoever reads us closes the rest
	}
	ctx, cancel := context.WithTimeout(m.ctx, pushWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+offerPath, bytes.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set(hubHeader, m.o.Record.Self().ID())
	sig := ed25519.Sign(m.o.Record.Key(), offerText(body))
	req.Header.Set(signatureHeader, base64.RawURLEncoding.EncodeToString(sig))
	res, err := m.client.Do(req)
	if err == nil {
		io.Copy(io.Discard, io.LimitReader(res.Body, pushBytes)) // so that the connection can be used again
		res.Body.Close()
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.hubs[id]; h != nil {
		h.deaf = time.Now().Add(deafFor)
	}
}

func offerText(body []byte) []byte { return append([]byte("commonhub offer v1\n"), body...) }

// takeOffer hears an offer of a hub that we accepted: 204, 404 from anybody else, 403 with a bad signature. It is not believed; the hub is
// pulled, and what it offers is asked for on the way if we lack it.
func (m *Mirror) takeOffer(w http.ResponseWriter, req *http.Request) {
	id := req.Header.Get(hubHeader)
	keys := m.AcceptedKeys(record.OriginFor(id))
	if len(keys) == 0 {
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	if !m.additions.Allow() {
		http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, offerBytes))
	sig, bad := base64.RawURLEncoding.DecodeString(req.Header.Get(signatureHeader))
	if err != nil || bad != nil || !signedBy(keys, offerText(body), sig) {
		http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
		return
	}
	var mirrors []MirrorDesc
	if json.Unmarshal(body, &mirrors) != nil {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	m.noteOffers(id, true, mirrors...)
	w.WriteHeader(http.StatusNoContent)
}

// noteOffers keeps offers for the neighbour's next pull, and has that come as soon as its pace allows if it is to be now.
func (m *Mirror) noteOffers(id string, now bool, mirrors ...MirrorDesc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[id]
	if h == nil || h.state != Accepted {
		return
	}
	if now {
		defer h.nudge()
	}
	if h.offered == nil {
		h.offered = map[string]MirrorDesc{}
	}
	for _, d := range mirrors {
		if _, known := h.offered[d.ID]; known || len(h.offered) < offersHeld {
			h.offered[d.ID] = d
		}
	}
}

// takeOffers hands over what a neighbour offered since the last time.
func (m *Mirror) takeOffers(id string) (offered []MirrorDesc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[id]
	if h == nil {
		return nil
	}
	for _, d := range h.offered {
		offered = append(offered, d)
	}
	h.offered = nil
	return offered
}

// begin reserves a record that is read over others, so that two neighbours who offer it are not asked for the same bytes; false if it is
// being read. done ends that.
func (m *Mirror) begin(o record.Origin) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.reading[o] {
		return false
	}
	m.reading[o] = true
	return true
}

func (m *Mirror) done(o record.Origin) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.reading, o)
}
