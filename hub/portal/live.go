package portal

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxListeners = 128 // each keeps a connection and a goroutine, about 15 kB
	heartbeat    = 25 * time.Second
	calm         = time.Second // least time between two events to one listener
)

// live is /live: server-sent events that say "something changed" and nothing more, so that a script can fetch its page again.
type live struct {
	changes func() (<-chan struct{}, func())
	bell    bell
	ended   chan struct{}
	once    sync.Once
	seats   chan struct{}
}

func newLive(changes func() (<-chan struct{}, func())) *live {
	return &live{changes: changes, ended: make(chan struct{}), seats: make(chan struct{}, maxListeners)}
}

// bell wakes everybody who waits for it.
type bell struct {
	strokes atomic.Uint64

	mu   sync.Mutex // guards next
	next chan struct{}
}

// wait gives a channel that is closed at the next stroke.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.strokes.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}

// stop ends all streams; browsers will come back by themselves.
func (l *live) stop() { l.once.Do(func() { close(l.ended) }) }

// ServeHTTP streams until the visitor leaves or the hub stops.
func (l *live) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	select {
	case l.seats <- struct{}{}:
		defer func() { <-l.seats }()
	default:
		w.Header().Set("Retry-After", "60")
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if req.Method == http.MethodHead {
		return
	}
	changed, leave := l.changes()
	defer leave()
	l.stream(&stream{w, http.NewResponseController(w)}, req, changed)
}

func (l *live) stream(s *stream, req *http.Request, changed <-chan struct{}) {
	s.rc.SetReadDeadline(time.Time{}) // the server's deadlines are for requests that end
	rung := l.bell.wait()
	if !s.send("retry: 5000\n\n") {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		text := ": still here\n\n"
		select {
		case <-req.Context().Done():
			return
		case <-l.ended:
			return
		case <-changed:
			text = change
		case <-rung:
			rung = l.bell.wait() // before the rest: what rings meanwhile must not be missed
			text = change
		case <-beat.C:
		}
		if !s.send(text) || !l.rest(req) {
			return
		}
	}
}

const change = "event: change\ndata: {}\n\n"

// rest lets changes gather: those that come meanwhile wait in the channel as one.
func (l *live) rest(req *http.Request) bool {
	pause := time.NewTimer(calm)
	defer pause.Stop()
	select {
	case <-pause.C:
		return true
	case <-l.ended:
	case <-req.Context().Done():
	}
	return false
}

type stream struct {
	w  io.Writer
	rc *http.ResponseController
}

// send writes and flushes; false means that nobody listens any more.
func (s *stream) send(text string) bool {
	s.rc.SetWriteDeadline(time.Now().Add(heartbeat))
	if _, err := io.WriteString(s.w, text); err != nil {
		return false
	}
	return s.rc.Flush() == nil
}
