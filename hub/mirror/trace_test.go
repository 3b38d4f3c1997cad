package mirror

import (
	"context"
	"encoding/base32"
	"net/http"
	"testing"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// An event of A is asked for from C, which reads it over B; D knows nothing of it, and E is away.
func TestTrace(t *testing.T) {
	a, b, c, d, e := newBox(t, "A"), newBox(t, "B"), newBox(t, "C"), newBox(t, "D"), newBox(t, "E")
	a.post(300, body.Far)
	b.accept(a)
	eventually(t, "B reads A", func() bool { return b.bodies(a)[body.Here] == 300 })
	c.accept(b)
	eventually(t, "C reads A over B", func() bool { return c.size(a.rec.Self()) == 300 })
	for _, other := range []*box{a, d, e} {
		if _, err := c.mir.Add(context.Background(), other.url); err != nil {
			t.Fatal(err)
		}
	}
	away := func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusBadGateway) }
	e.spoil.Store(&away)
	entry, err := c.mir.Find(a.id() + "/299")
	if err != nil {
		t.Fatal(err)
	}
	trace := c.mir.Trace(t.Context(), entry)
	want := []struct {
		box      *box
		presence Presence
		via      string
		hops     int
		cosigned bool
	}{{a, Author, "", 0, false}, {b, Mirrors, a.id(), 1, true}, {c, Mirrors, b.id(), 2, false}, {d, Nothing, "", 0, false}, {e, Silent, "", 0, false}}
	if len(trace.Hubs) != len(want) {
		t.Fatalf("%d hubs in %+v", len(trace.Hubs), trace)
	}
	for i, w := range want {
		got := trace.Hubs[i]
		if got.ID != w.box.id() || got.Presence != w.presence || got.Via != w.via || got.Hops != w.hops || got.Cosigned != w.cosigned {
			t.Errorf("line %d: %+v, want %s %s over %q", i, got, w.box.id(), w.presence, w.via)
		}
		if (w.presence == Mirrors) == got.Heard.IsZero() {
			t.Errorf("line %d heard it at %v", i, got.Heard)
		}
	}
}

// Every name that people have for an event leads to it, and nothing else does.
func TestFind(t *testing.T) {
	a := newBox(t, "A")
	a.post(5, body.Far)
	want, err := a.mir.Find("3")
	if err != nil {
		t.Fatal(err)
	}
	half := base32.NewEncoding("234567abcdefghijklmnopqrstuvwxyz").WithPadding(base32.NoPadding).EncodeToString(want.Leaf[:10])
	for _, name := range []string{"/events/3", "http://10.0.0.5:8080/events/3", a.id() + "/3", "http://x/neighbours/" + a.id() + "/events/3", record.Hex(want.Leaf),
		a.id() + half, "https://hub/notices/" + a.id() + half + "/"} {
		if got, err := a.mir.Find(name); err != nil || got.Leaf != want.Leaf || len(got.Raw) == 0 {
			t.Errorf("%s leads to %d: %v", name, got.Index, err)
		}
	}
	for _, name := range []string{"", "/", "9", "-1", "x/y/z", a.id(), a.id() + "/9", "aaaaaaaaaaaaaaaa/0", record.Hex(record.Hash{}), half} {
		if got, err := a.mir.Find(name); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q leads to %d: %v", name, got.Index, err)
		}
	}
}

func TestArrivalOf(t *testing.T) {
	list := []Arrival{{Size: 10, Via: "a"}, {Size: 20, Via: "b"}, {Size: 30, Via: "c"}}
	for index, want := range map[uint64]string{0: "a", 9: "a", 10: "b", 29: "c", 30: ""} {
		if got, ok := arrivalOf(list, index); got.Via != want || ok != (want != "") {
			t.Errorf("entry %d came by %q", index, got.Via)
		}
	}
	full := make([]Arrival, arrivalsKept)
	for i := range full {
		full[i].Size = uint64(100 + i)
	}
	if _, ok := arrivalOf(full, 7); ok {
		t.Error("what came before all that is remembered is dated")
	}
}
