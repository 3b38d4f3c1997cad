package mirror

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"time"
)

// What is pushed is urgent: whoever does not take it within a few seconds hears it from somebody else.
const (
	pushTries  = 3
	pushWithin = 4 * time.Second
	pushPause  = 2 * time.Second
	pushBytes  = 4 << 10
)

// Push posts a short message to a path of the nearest hubs: at most so many, accepted ones before others, and those that were heard most
// recently first. It returns at once; nobody learns whether it arrived.
func (m *Mirror) Push(path string, message []byte, most int) {
	if len(message) > pushBytes {
		return
	}
	for _, base := range m.nearest(most) {
		if m.ctx.Err() != nil {
			return
		}
		m.tasks.Go(func() { m.push(base+path, message) })
	}
}

func (m *Mirror) nearest(most int) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var known []*hub
	for _, h := range m.hubs {
		if h.state != Blocked && h.note.URL != "" {
			known = append(known, h)
		}
	}
	slices.SortFunc(known, func(a, b *hub) int {
		return cmp.Or(distance(a)-distance(b), b.note.Heard.Compare(a.note.Heard))
	})
	var urls []string
	for _, h := range known[:min(most, len(known))] {
		urls = append(urls, h.note.URL)
	}
	return urls
}

func distance(h *hub) int {
	if h.state == Accepted {
		return 0
	}
	return 1
}

// push tries a few times. Any answer ends it: a hub that refuses has its reasons.
func (m *Mirror) push(url string, message []byte) {
	for range pushTries {
		if m.pushOnce(url, message) == nil {
			return
		}
		select {
		case <-time.After(pushPause):
		case <-m.ctx.Done():
			return
		}
	}
}

func (m *Mirror) pushOnce(url string, message []byte) error {
	ctx, cancel := context.WithTimeout(m.ctx, pushWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(message))
	if err != nil {
		return nil // it will not get better
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	res, err := m.client.Do(req)
	if err != nil {
		return err
	}
	io.Copy(io.Discard, io.LimitReader(res.Body, pushBytes)) // so that the connection can be used again
	return res.Body.Close()
}
