package mirror

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// spoiler changes what a hub answers.
type spoiler = func(w http.ResponseWriter, req *http.Request, next http.Handler)

// onPath spoils the answers whose path contains part; the others stay honest.
func onPath(part string, spoil spoiler) spoiler {
	return func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		if strings.Contains(req.URL.Path, part) {
			spoil(w, req, next)
			return
		}
		next.ServeHTTP(w, req)
	}
}

// honest runs the real handler and returns its whole answer.
func honest(req *http.Request, next http.Handler) []byte {
	req = req.Clone(req.Context())
	req.Header.Del("Accept-Encoding")
	rec := httptest.NewRecorder()
	next.ServeHTTP(rec, req)
	return rec.Body.Bytes()
}

func endless(w http.ResponseWriter, req *http.Request, _ http.Handler) {
	chunk := make([]byte, 64<<10)
	for req.Context().Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// TestHostileNeighbours: nothing of a hub that cheats enters, people are told what happened, and the others go on.
func TestHostileNeighbours(t *testing.T) {
	twin := newBox(t, "twin")
	twin.post(20, body.Far)
	cases := map[string]struct {
		spoil   spoiler
		problem string
	}{
		"a changed entry": {onPath("/tile/entries/", func(w http.ResponseWriter, req *http.Request, next http.Handler) {
			req.Header.Del("Range")
			w.Write(bytes.ReplaceAll(honest(req, next), []byte("notice.posted"), []byte("notice.forged")))
		}), "record.other-root"},
		"a torn bundle": {onPath("/tile/entries/", func(w http.ResponseWriter, req *http.Request, next http.Handler) {
			b := honest(req, next)
			w.Write(b[:len(b)-1])
		}), "record.entry-size"},
		"another hub's checkpoint": {onPath("/checkpoint", func(w http.ResponseWriter, req *http.Request, _ http.Handler) {
			w.Write(twin.rec.Checkpoint().Note)
		}), "record.bad-checkpoint"},
		"a checkpoint of 10 MB": {onPath("/checkpoint", func(w http.ResponseWriter, req *http.Request, _ http.Handler) {
			w.Write(make([]byte, 10<<20))
		}), "mirror.too-large"},
		"an endless bundle": {onPath("/tile/entries/", endless), "mirror.too-large"},
		"an endless body":   {onPath("/body/", endless), "mirror.too-large"},
		"another body": {onPath("/body/", func(w http.ResponseWriter, req *http.Request, next http.Handler) {
			w.Write(append(honest(req, next), '!'))
		}), "record.other-body"},
		"a bundle that says gzip and is not": {onPath("/tile/entries/", func(w http.ResponseWriter, req *http.Request, _ http.Handler) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte("not gzip"))
		}), "mirror.unreachable"},
		"a redirect": {func(w http.ResponseWriter, req *http.Request, _ http.Handler) {
			http.Redirect(w, req, twin.url+req.URL.Path, http.StatusFound)
		}, "mirror.unreachable"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, cheat, friend := newBox(t, "B"), newBox(t, "cheat"), newBox(t, "friend")
			cheat.post(5, body.Far)
			b.accept(cheat)
			b.accept(friend)
			eventually(t, "the honest part", func() bool { return b.bodies(cheat)[body.Here] == 5 })
			size := b.size(cheat.rec.Self())
			cheat.spoil.Store(&c.spoil)
			cheat.post(3, body.Far)
			friend.post(3, body.Far)
			b.mir.Hint(cheat.id(), cheat.url, 9)
			b.mir.Hint(friend.id(), friend.url, 9)
			eventually(t, "B says what happened", func() bool { return b.of(cheat).Problem == c.problem })
			eventually(t, "the friend's events", func() bool { return b.bodies(friend)[body.Here] == 3 })
			if b.bodies(cheat)[body.Here] > 5 {
				t.Error("a body of the cheat entered")
			}
			if now := b.size(cheat.rec.Self()); !strings.Contains(name, "body") && now != size {
				t.Errorf("%d events of the cheat entered", now-size)
			}
			if err := b.rec.Read(func(v record.View) error { _, err := v.Verify(cheat.rec.Self()); return err }); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestForkAndRollback: the cheat holds its own key and signs what it likes. Without tiles that show it, a longer other record is no proof.
func TestForkAndRollback(t *testing.T) {
	for name, problem := range map[string]string{"forked": "mirror.forked", "shorter": "mirror.forked", "rewritten": "record.other-root"} {
		t.Run(name, func(t *testing.T) {
			b, cheat := newBox(t, "B"), newBox(t, "cheat")
			cheat.post(5, body.Far)
			b.accept(cheat)
			eventually(t, "the honest part", func() bool { return !b.of(cheat).SyncedAt.IsZero() && b.size(cheat.rec.Self()) == 5 })
			forged := forge(t, cheat, map[string]int{"forked": 5, "shorter": 3, "rewritten": 8}[name])
			spoil := func(w http.ResponseWriter, req *http.Request, _ http.Handler) { forged.ServeHTTP(w, req) }
			cheat.spoil.Store(&spoil)
			b.mir.Hint(cheat.id(), cheat.url, 9)
			eventually(t, "B says what happened", func() bool { return b.of(cheat).Problem == problem })
			if n := b.size(cheat.rec.Self()); n != 5 {
				t.Errorf("B holds %d events", n)
			}
		})
	}
}

// forge serves another record of n events under the cheat's own key.
func forge(t *testing.T, cheat *box, n int) http.Handler {
	t.Helper()
	var entries []byte
	var tree record.Tree
	for i := range n {
		raw := []byte(`{"v":1,"kind":"notice.posted","at":"2026-01-01T00:00:00.000Z","by":"m` + strconv.Itoa(i) + `"}`)
		entries = append(append(entries, byte(len(raw)>>8), byte(len(raw))), raw...)
		tree.Append(raw)
	}
	signed, err := record.SignTree(cheat.rec.Self(), &tree, cheat.rec.Key())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/record/checkpoint", func(w http.ResponseWriter, req *http.Request) { w.Write(signed) })
	mux.HandleFunc("/record/tile/entries/", func(w http.ResponseWriter, req *http.Request) {
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(entries))
	})
	mux.Handle("/.well-known/", cheat.mir.Handler())
	return mux
}

// TestLookBelievesNobody: an id that does not follow from the key, or a key that did not sign, is not listed.
func TestLookBelievesNobody(t *testing.T) {
	a, b, other := newBox(t, "A"), newBox(t, "B"), newBox(t, "other")
	for name, spoil := range map[string]spoiler{
		"another id": onPath("/.well-known/", func(w http.ResponseWriter, req *http.Request, next http.Handler) {
			w.Write(bytes.Replace(honest(req, next), []byte(`"id":"`+a.id()), []byte(`"id":"`+other.id()), 1))
		}),
		"a key that it does not hold": onPath("/.well-known/", func(w http.ResponseWriter, req *http.Request, _ http.Handler) {
			other.mir.Handler().ServeHTTP(w, req)
		}),
		"no JSON": onPath("/.well-known/", func(w http.ResponseWriter, req *http.Request, _ http.Handler) { w.Write([]byte("hello")) }),
	} {
		a.spoil.Store(&spoil)
		if _, err := b.mir.Look(context.Background(), a.url); err == nil || len(b.mir.List()) != 0 {
			t.Errorf("%s: error %v, list %v", name, err, b.mir.List())
		}
	}
}

func FuzzTilePath(f *testing.F) {
	f.Add("tile/0/000")
	f.Add("tile/entries/x001/234.p/7")
	f.Fuzz(func(t *testing.T, path string) {
		if tile, err := parseTilePath(path); err == nil && tilePath(tile) != path {
			t.Errorf("%q reads as %+v", path, tile)
		}
	})
}
