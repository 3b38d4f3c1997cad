package mesh

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

func outcry(text string) []byte { return append([]byte{CallOutKind}, text...) }

// hears waits for a message, passes it on and tells whether it is the one.
func (n *node) hears(want []byte, until time.Time) bool {
	select {
	case got := <-n.CallOuts():
		n.CallOut(got, until)
		return bytes.Equal(got, want)
	default:
		return false
	}
}

func TestCallOutReachesAllAndLatecomers(t *testing.T) {
	a := startNode(t, "a", nil)
	b := startNode(t, "b", func(o *Options) { o.Join = []string{a.url} })
	c := startNode(t, "c", func(o *Options) { o.Join = []string{a.url} })
	eventually(t, "all see all", func() bool { return a.sees(b, c) && b.sees(a, c) && c.sees(a, b) })
	until := time.Now().Add(time.Hour)
	for _, text := range []string{"fire", strings.Repeat("x", CallOutSize-1), strings.Repeat("r", rumourLength-1)} {
		start := time.Now()
		a.CallOut(outcry(text), until)
		eventually(t, "b hears it", func() bool { return b.hears(outcry(text), until) })
		eventually(t, "c hears it", func() bool { return c.hears(outcry(text), until) })
		t.Logf("%d bytes reached both after %v", len(outcry(text)), time.Since(start))
	}
	if len(a.CallOuts()) > 0 {
		t.Error("a hears its own words")
	}
	d := startNode(t, "d", func(o *Options) { o.Join = []string{c.url} })
	eventually(t, "d, who comes late, hears it from those who know", func() bool { return d.hears(outcry("fire"), until) })
}

func TestCriesAreToldLoudlyThenSoftlyThenKept(t *testing.T) {
	clock := &testClock{time.Now()}
	s := newCries(clock.now)
	s.tell(outcry("fire"), clock.Add(time.Hour))
	s.tell(outcry("fire"), clock.Add(time.Hour))
	at, loud, soft := time.Now(), 0, 0
	for end := at.Add(2 * time.Hour); ; {
		list, again := s.due(at)
		if loud += len(list); at.Sub(end.Add(-2*time.Hour)) > loudFor {
			loud, soft = loud-len(list), soft+len(list)
		}
		if again.IsZero() {
			break
		}
		at = again
	}
	if loud < 11 || loud > 14 || soft < 11 || soft > 13 {
		t.Errorf("told %d times loudly and %d times softly", loud, soft)
	}
	if _, list, ok := splitState(s.state()); !ok || len(list) != 1 || !bytes.Equal(list[0], outcry("fire")) {
		t.Errorf("latecomers hear %q", list)
	}
	clock.Time = clock.Add(time.Hour)
	if len(s.state()) > 0 {
		t.Error("what is over is told to latecomers")
	}
}

func TestCriesAreBounded(t *testing.T) {
	clock := &testClock{time.Now()}
	s := newCries(clock.now)
	for n := range 3 * heardCap {
		text := outcry(strings.Repeat("x", CallOutSize-3) + string([]byte{byte(n), byte(n >> 8)}))
		if !s.first(text) || s.first(text) {
			t.Fatalf("message %d is not news just once", n)
		}
		s.tell(text, clock.Add(time.Hour))
	}
	if len(s.told) != criesCap || len(s.heard) > heardCap || len(s.past) > heardCap {
		t.Errorf("%d told, %d and %d heard", len(s.told), len(s.heard), len(s.past))
	}
	if n := len(s.state()) + localState; n > stateSize {
		t.Errorf("a push/pull may have %d bytes, more than the guard lets through", n)
	}
}

func TestWhatIsNoCallOutGoesNowhere(t *testing.T) {
	m := &Mesh{cries: newCries(nil), called: make(chan struct{}, 1), callOuts: make(chan []byte, 1)}
	for _, b := range [][]byte{nil, {CallOutKind}, {kindSize, 1}, outcry(strings.Repeat("x", CallOutSize))} {
		m.CallOut(b, time.Now().Add(time.Hour))
		m.handOn(b, rate.NewLimiter(rate.Inf, 1))
	}
	if len(m.called)+len(m.callOuts)+len(m.cries.told) > 0 {
		t.Error("it went on")
	}
	pace := rate.NewLimiter(0, 1)
	m.handOn(outcry("a"), pace)
	m.handOn(outcry("b"), pace)
	if got := <-m.callOuts; string(got[1:]) != "a" || len(m.callOuts) > 0 {
		t.Errorf("more than the pace allows: %q", got)
	}
	m.handOn(outcry("b"), rate.NewLimiter(rate.Inf, 1))
	if got := <-m.callOuts; string(got[1:]) != "b" {
		t.Errorf("what was too much is never heard again: %q", got)
	}
}

func FuzzSplitState(f *testing.F) {
	s := newCries(nil)
	s.tell(outcry("fire"), time.Now().Add(time.Hour))
	who, key := signer("a")
	f.Add(append(s.state(), signRumour(who, key, 1, 2).bytes...))
	f.Add([]byte{CallOutKind, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		rumours, callOuts, ok := splitState(b)
		n := 0
		for _, r := range rumours {
			n += len(r)
		}
		for _, c := range callOuts {
			n += 3 + len(c)
		}
		if ok && n != len(b) {
			t.Errorf("%d of %d bytes", n, len(b))
		}
	})
}
