package noticeboard

import (
	"context"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// TestOthersWordsMoveOut: a month after its notice expired, a neighbour's words may go here; an extension lets them stay, and our own
// words always do.
func TestOthersWordsMoveOut(t *testing.T) {
	a, b := newHub(t, Options{}), newHub(t, Options{})
	short := a.post("m2", draft(Need, "a ladder"))
	long := a.post("m2", draft(Need, "a longer ladder"))
	if err := a.s.Extend(context.Background(), by("m2"), long, "2026-05-01"); err != nil {
		t.Fatal(err)
	}
	b.sync(a)
	stale := func(h *hub) (refs []record.Ref) {
		h.view(func(v record.View) { refs = h.s.Stale(v) })
		return refs
	}
	if got := stale(b); len(got) != 0 {
		t.Fatalf("%d bodies may go at once", len(got))
	}
	for _, h := range []*hub{a, b} {
		h.clock.pass(45 * 24 * time.Hour)
	}
	got := stale(b)
	if len(got) != 1 || len(stale(a)) != 0 {
		t.Fatalf("%d of the neighbour's bodies and %d of ours may go, want 1 and 0", len(got), len(stale(a)))
	}
	b.view(func(v record.View) {
		e, err := v.Entry(got[0].Origin, got[0].Index)
		if id, _ := idOf(e.Origin, e.Leaf); err != nil || id != short {
			t.Errorf("it is the wrong one: %v", err)
		}
	})
	var e record.Entry
	b.view(func(v record.View) { e, _ = v.Entry(got[0].Origin, got[0].Index) })
	if err := b.r.Lose(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	b.view(func(v record.View) {
		if v.Body(e.Origin, e.Leaf).State != body.Lost {
			t.Error("the words are still here")
		}
	})
	if got := stale(b); len(got) != 0 {
		t.Errorf("%d are listed again", len(got))
	}
}
