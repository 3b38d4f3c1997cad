package mesh

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// testClock is a clock that stands until it is moved.
type testClock struct{ time.Time }

func (c *testClock) now() time.Time { return c.Time }

func newTestBook(t *testing.T) (*book, *testClock) {
	clock := &testClock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	return openBook(t.TempDir(), clock.now, slog.New(slog.DiscardHandler)), clock
}

func selfOf(seed string) Self {
	id, key := keyOf(seed)
	return Self{ID: id, Key: key.Public().(ed25519.PublicKey), Gossip: ":7946"}
}

func spot(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}), 8080)
}

func TestStrangersNeverPushOutVerifiedHubs(t *testing.T) {
	b, clock := newTestBook(t)
	friend := selfOf("friend")
	if !b.verified(candidate{spot: spot(1)}, friend) {
		t.Fatal("an empty book has no room")
	}
	b.note(candidate{spot: spot(2), manual: true})
	for n := range 3 * maybeCap {
		clock.Time = clock.Add(time.Second)
		b.note(candidate{spot: spot(1000 + n), id: selfOf(fmt.Sprint(n)).ID})
	}
	for n := range 2 * keptCap {
		clock.Time = clock.Add(time.Second)
		b.verified(candidate{spot: spot(5000 + n)}, selfOf(fmt.Sprint(n)))
	}
	if !b.has(newClaim(friend.ID, friend.Key)) {
		t.Error("a verified hub was pushed out")
	}
	if len(b.maybe) != maybeCap || len(b.kept) != keptCap {
		t.Errorf("%d unverified and %d verified, want %d and %d", len(b.maybe), len(b.kept), maybeCap, keptCap)
	}
	if b.maybe[spot(2)] == nil {
		t.Error("what the operator named was pushed out")
	}
	if b.maybe[spot(1000+3*maybeCap-1)] == nil || b.maybe[spot(1000)] != nil {
		t.Error("the newest stranger must push out the oldest")
	}
}

func TestOneAddressHasFewPlaces(t *testing.T) {
	b, _ := newTestBook(t)
	for port := range 100 {
		at := netip.AddrPortFrom(spot(1).Addr(), uint16(port+1))
		b.note(candidate{spot: at})
		b.verified(candidate{spot: netip.AddrPortFrom(spot(2).Addr(), uint16(port+1))}, selfOf(fmt.Sprint(port)))
	}
	if len(b.maybe) != perAddress || len(b.kept) != perAddress {
		t.Errorf("%d unverified and %d verified of one address", len(b.maybe), len(b.kept))
	}
}

func TestBookSurvivesRestart(t *testing.T) {
	b, clock := newTestBook(t)
	friend := selfOf("friend")
	b.verified(candidate{spot: spot(1)}, friend)
	b.note(candidate{spot: spot(2), id: selfOf("stranger").ID})
	if err := b.save(); err != nil {
		t.Fatal(err)
	}
	again := openBook(filepath.Dir(b.path), clock.now, b.log)
	hubs := again.hubs()
	if len(hubs) != 1 || hubs[0].ID != friend.ID || hubs[0].URL != "http://10.0.0.1:8080" || !hubs[0].Key.Equal(friend.Key) || !hubs[0].Heard.Equal(clock.Time) {
		t.Errorf("after a restart the book holds %+v", hubs)
	}
	if due := again.due(9, nil); len(due) != 1 || !due[0].kept {
		t.Errorf("after a restart %+v is due", due)
	}
}

func TestDamagedBookIsMovedAside(t *testing.T) {
	id := selfOf("x").ID
	for name, text := range map[string]string{
		"cut off":    `{"v":1,"hubs":[{"id":"`,
		"not JSON":   "\x00\x00\x00",
		"empty":      "",
		"version":    `{"v":2,"hubs":[]}`,
		"bad id":     `{"v":1,"hubs":[{"id":"../../x","http":"10.0.0.1:80"}]}`,
		"no key":     `{"v":1,"hubs":[{"id":"` + id + `","http":"10.0.0.1:80"}]}`,
		"no address": `{"v":1,"hubs":[{"id":"` + id + `","key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","http":""}]}`,
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "book.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		b := openBook(dir, time.Now, slog.New(slog.DiscardHandler))
		if n := len(b.hubs()); n != 0 {
			t.Errorf("%s: %d hubs were read", name, n)
		}
		if kept, err := os.ReadFile(path + ".bad"); err != nil || string(kept) != text {
			t.Errorf("%s: not moved aside: %v", name, err)
		}
		b.verified(candidate{spot: spot(1)}, selfOf("friend"))
		if err := b.save(); err != nil {
			t.Errorf("%s: cannot save afterwards: %v", name, err)
		}
	}
}

func TestTwoClaimsToOneIDStandBesideEachOther(t *testing.T) {
	b, _ := newTestBook(t)
	right, wrong := selfOf("right"), selfOf("wrong")
	wrong.ID = right.ID
	b.verified(candidate{spot: spot(1)}, right)
	b.verified(candidate{spot: spot(2)}, wrong)
	hubs := b.hubs()
	if len(hubs) != 2 || hubs[0].ID != hubs[1].ID || hubs[0].Key.Equal(hubs[1].Key) {
		t.Fatalf("the book holds %+v", hubs)
	}
	if url := b.url(newClaim(right.ID, right.Key)); url != "http://10.0.0.1:8080" {
		t.Errorf("the first claim moved to %s", url)
	}
}

func TestAddressStaysUnlessItFailsOrTheHubSignsAnother(t *testing.T) {
	b, _ := newTestBook(t)
	hub := selfOf("hub")
	who := newClaim(hub.ID, hub.Key)
	steps := []struct {
		what string
		do   func()
		want netip.AddrPort
	}{
		{"first seen", func() { b.verified(candidate{spot: spot(1)}, hub) }, spot(1)},
		{"copied elsewhere", func() { b.verified(candidate{spot: spot(2)}, hub) }, spot(1)},
		{"signed elsewhere", func() { b.verified(candidate{spot: spot(3), signed: true}, hub) }, spot(3)},
		{"gone, seen elsewhere", func() {
			b.failed(candidate{id: hub.ID, key: hub.Key, kept: true})
			b.verified(candidate{spot: spot(4)}, hub)
		}, spot(4)},
	}
	for _, s := range steps {
		s.do()
		if url := b.url(who); url != "http://"+s.want.String() {
			t.Errorf("%s: at %s, want %s", s.what, url, s.want)
		}
	}
}

func TestFailuresPutOffTheNextLook(t *testing.T) {
	b, clock := newTestBook(t)
	b.note(candidate{spot: spot(1)})
	var naps []time.Duration
	for range 12 {
		start := clock.Time
		for len(b.due(1, nil)) == 0 {
			clock.Time = clock.Add(time.Second)
		}
		naps = append(naps, clock.Sub(start))
		b.failed(candidate{spot: spot(1)})
	}
	if naps[0] != 0 || naps[1] != shortestNap || naps[2] != 2*shortestNap || naps[11] != longestNap {
		t.Errorf("naps are %v", naps)
	}
}

func TestWhoIsDue(t *testing.T) {
	b, clock := newTestBook(t)
	friend := selfOf("friend")
	here := map[claim]bool{newClaim(friend.ID, friend.Key): true}
	b.verified(candidate{spot: spot(1)}, friend)
	b.note(candidate{spot: spot(2)})
	b.note(candidate{spot: spot(3), manual: true})
	clock.Time = clock.Add(againLost)
	if due := b.due(2, nil); len(due) != 2 || due[0].spot != spot(1) || due[1].spot != spot(3) {
		t.Errorf("first %+v is due", due)
	}
	if due := b.due(9, nil); len(due) != 1 || due[0].spot != spot(2) {
		t.Errorf("then %+v is due", due)
	}
	b.verified(candidate{spot: spot(1), kept: true, id: friend.ID, key: friend.Key}, friend)
	clock.Time = clock.Add(silentFor)
	if due := b.due(9, here); len(due) != 0 {
		t.Errorf("%+v is due although gossip has it", due)
	}
	clock.Time = clock.Add(time.Second)
	if due := b.due(9, here); len(due) != 1 {
		t.Error("a hub that was silent for long is not looked at")
	}
}

func TestForgottenAfterLong(t *testing.T) {
	b, clock := newTestBook(t)
	b.verified(candidate{spot: spot(1)}, selfOf("friend"))
	b.note(candidate{spot: spot(2)})
	b.note(candidate{spot: spot(3), manual: true})
	clock.Time = clock.Add(-10 * 365 * 24 * time.Hour)
	b.sweep()
	if len(b.kept) != 1 || len(b.maybe) != 2 {
		t.Error("a clock that was set back made hubs older")
	}
	clock.Time = clock.Add(10*365*24*time.Hour + maybeFor + 1)
	b.sweep()
	if len(b.kept) != 1 || len(b.maybe) != 1 {
		t.Errorf("after a day: %d verified, %d unverified", len(b.kept), len(b.maybe))
	}
	clock.Time = clock.Add(keptFor)
	b.sweep()
	if len(b.kept) != 0 || len(b.maybe) != 1 {
		t.Errorf("after three months: %d verified, %d unverified", len(b.kept), len(b.maybe))
	}
}
