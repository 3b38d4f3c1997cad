package portal

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serve starts the house on a port of its own.
func (h *house) serve() (address string, ended chan error) {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	ended = make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	h.t.Cleanup(func() { h.Shutdown(context.Background()) })
	return "http://" + l.Addr().String(), ended
}

// listen opens a stream and gives its lines.
func (h *house) listen(address string) chan string {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	h.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/live", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || got != "text/event-stream" {
		h.t.Fatalf("%d, %q", answer.StatusCode, got)
	}
	lines := make(chan string)
	go func() {
		defer answer.Body.Close()
		defer close(lines)
		for s := bufio.NewScanner(answer.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

func TestLive(t *testing.T) {
	h := open(t, nil)
	address, ended := h.serve()
	lines := h.listen(address)
	if line := <-lines; line != "retry: 5000" {
		t.Errorf("the stream begins with %q", line)
	}
	h.changes <- struct{}{}
	seen := false
	for line := range lines {
		if line == "event: change" {
			seen = true
			break
		}
	}
	if !seen {
		t.Fatal("the stream ended without the change")
	}
	started := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		t.Errorf("shutdown waits for listeners: %v after %v", err, time.Since(started))
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve returned %v", err)
	}
	for range lines { // ends
	}
}

func TestLiveGathersChanges(t *testing.T) {
	h := open(t, nil)
	address, _ := h.serve()
	lines := h.listen(address)
	started := time.Now()
	go func() {
		for range 3 {
			h.changes <- struct{}{}
		}
	}()
	n := 0
	for line := range lines {
		if line == "event: change" {
			if n++; n == 3 {
				break
			}
		}
	}
	if took := time.Since(started); took < 2*calm {
		t.Errorf("three events came within %v", took)
	}
}

func TestLiveHasSoManySeats(t *testing.T) {
	h := open(t, nil)
	for range maxListeners {
		h.live.seats <- struct{}{}
	}
	w := h.get("/live")
	h.want(w, 503)
	<-h.live.seats
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w = h.get("/live", func(r *http.Request) { *r = *r.WithContext(ctx) })
	h.want(w, 200, "retry:")
	if len(h.live.seats) != maxListeners-1 {
		t.Errorf("%d seats are taken after a listener left, want %d", len(h.live.seats), maxListeners-1)
	}
}

func TestServeOverTheWire(t *testing.T) {
	h := open(t, nil)
	address, _ := h.serve()
	answer, err := http.Get(address + "/healthz")
	if err != nil || answer.StatusCode != 200 {
		t.Fatalf("%v, %v", answer, err)
	}
	answer.Body.Close()
	// The connection's own address is where a strange name is sent.
	req, _ := http.NewRequest(http.MethodGet, address+"/", nil)
	req.Host = "strange.example"
	answer, err = http.DefaultTransport.RoundTrip(req)
	if err != nil || answer.Header.Get("Location") != address+"/" {
		t.Errorf("sent to %q, want %q (%v)", answer.Header.Get("Location"), address+"/", err)
	}
	answer.Body.Close()
	req, _ = http.NewRequest(http.MethodGet, address+"/", nil)
	req.Header.Set("X-Long", strings.Repeat("x", 64<<10))
	answer, err = http.DefaultTransport.RoundTrip(req)
	if err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a head of 64 kB: %v, %v", answer, err)
	}
	answer.Body.Close()
}
