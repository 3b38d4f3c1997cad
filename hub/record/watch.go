package record

import "sync"

// watchers are those who want a nudge after every commit. A watcher that is behind gets one nudge for many commits.
type watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]bool
}

// Changes gives a channel that is nudged after every commit that changed a view or a body, until stop is called.
func (r *Record) Changes() (ch <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w := &r.watchers
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan struct{}]bool{}
	}
	w.all[c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, c)
	}
}

// nudge never blocks: it is called by the writer.
func (w *watchers) nudge() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
