package mirror

import (
	"context"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"
)

// takes lets b note what is pushed to it.
func (b *box) takes(into chan string) {
	take := func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		if req.URL.Path != "/somewhere" { // hubs ask each other to cosign, too
			next.ServeHTTP(w, req)
			return
		}
		said, err := io.ReadAll(req.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		into <- req.URL.Path + " " + string(said)
	}
	b.spoil.Store(&take)
}

func TestPushGoesToTheNearest(t *testing.T) {
	a, friend, seen, blocked := newBox(t, "A"), newBox(t, "friend"), newBox(t, "seen"), newBox(t, "blocked")
	a.accept(friend)
	for _, other := range []*box{seen, blocked} {
		if _, err := a.mir.Add(t.Context(), other.url); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.mir.Block(context.Background(), "", blocked.id()); err != nil {
		t.Fatal(err)
	}
	if near := a.mir.nearest(5); !slices.Equal(near, []string{friend.url, seen.url}) {
		t.Errorf("nearest are %v", near)
	}
	if near := a.mir.nearest(1); !slices.Equal(near, []string{friend.url}) {
		t.Errorf("the nearest is %v", near)
	}
	got := make(chan string, 4)
	for _, b := range []*box{friend, seen, blocked} {
		b.takes(got)
	}
	a.mir.Push("/somewhere", make([]byte, pushBytes+1), 5)
	a.mir.Push("/somewhere", []byte("fire"), 5)
	for range 2 {
		select {
		case said := <-got:
			if said != "/somewhere fire" {
				t.Errorf("pushed %q", said)
			}
		case <-time.After(time.Minute):
			t.Fatal("nothing is pushed")
		}
	}
	for b, want := range map[*box]bool{friend: true, seen: false, blocked: false, a: false} {
		if keys := a.mir.AcceptedKeys(b.rec.Self()); (len(keys) > 0) != want {
			t.Errorf("%s has accepted keys: %v", b.id(), keys)
		}
	}
}
