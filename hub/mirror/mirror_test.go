package mirror

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// box is one hub as far as mirroring goes: a record, a mirror and a server, whose answers a test may spoil.
type box struct {
	t      *testing.T
	db     *store.DB
	rec    *record.Record
	mir    *Mirror
	url    string
	spoil  atomic.Pointer[func(w http.ResponseWriter, req *http.Request, next http.Handler)]
	served atomic.Int64
}

func newBox(t *testing.T, name string) *box {
	t.Helper()
	db, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	return openBox(t, db, name, time.Now)
}

// openBox is a box on an open store, which it closes, with a clock of its own.
func openBox(t *testing.T, db *store.DB, name string, now func() time.Time) *box {
	t.Helper()
	rec, err := record.Open(db, record.Options{Services: []record.Service{View{}}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	mir, err := Open(Options{
		Record: rec, Name: func() string { return name }, Gossip: func() string { return "" }, Loopback: true,
		Reserve: func() bool { return true }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &box{t: t, db: db, rec: rec, mir: mir}
	server := httptest.NewServer(http.HandlerFunc(b.serve))
	b.url = server.URL
	t.Cleanup(func() { mir.Close(); server.Close(); rec.Close(); db.Close() })
	return b
}

func (b *box) serve(w http.ResponseWriter, req *http.Request) {
	b.served.Add(1)
	if spoil := b.spoil.Load(); spoil != nil {
		(*spoil)(w, req, b.mir.Handler())
		return
	}
	b.mir.Handler().ServeHTTP(w, req)
}

// off makes the box as good as switched off.
func (b *box) off() {
	off := func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusBadGateway) }
	b.spoil.Store(&off)
}

func (b *box) id() string { return b.rec.Self().ID() }

// post appends n events with words.
func (b *box) post(n int, reach body.Reach) {
	b.t.Helper()
	for i := range n {
		words := body.Seal(fmt.Appendf(nil, "%s words %d of %s", reach, i, b.id()), reach)
		_, err := b.rec.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			d.Append(record.Event{Kind: "notice.posted", By: "m1"}, words)
			return d, nil
		}})
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

// accept makes b follow other.
func (b *box) accept(other *box) {
	b.t.Helper()
	if _, err := b.mir.Add(context.Background(), other.url); err != nil {
		b.t.Fatal(err)
	}
	if err := b.mir.Accept(context.Background(), "", other.id()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) of(other *box) (n Neighbour) {
	for _, n := range b.mir.List() {
		if n.ID == other.id() {
			return n
		}
	}
	return n
}

func (b *box) size(o record.Origin) (size uint64) {
	b.rec.Read(func(v record.View) error { size = v.Size(o); return nil })
	return size
}

// bodies counts what b has of other's bodies, by state.
func (b *box) bodies(other *box) map[body.State]int {
	count := map[body.State]int{}
	b.rec.Read(func(v record.View) error {
		for e, err := range v.Entries(other.rec.Self(), 0) {
			if err != nil {
				return err // nothing of it is here yet
			}
			if e.Event.Body != "" {
				count[v.Body(e.Origin, e.Leaf).State]++
			}
		}
		return nil
	})
	return count
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	start := time.Now()
	for !ok() {
		if time.Since(start) > time.Minute {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("%s after %v", what, time.Since(start).Round(time.Millisecond))
}

func TestPull(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(700, body.Far)
	b.accept(a)
	eventually(t, "700 events and bodies at B", func() bool { return b.bodies(a)[body.Here] == 700 })
	if err := b.rec.Read(func(v record.View) error { _, err := v.Verify(a.rec.Self()); return err }); err != nil {
		t.Error(err)
	}
	a.post(1, body.Far)
	before := a.served.Load()
	b.mir.Hint(a.id(), a.url, 702)
	eventually(t, "one more", func() bool { return b.bodies(a)[body.Here] == 701 })
	if n := a.served.Load() - before; n > 4 {
		t.Errorf("one more event cost %d requests", n)
	}
	res, err := http.Get(b.url + "/mirror/" + a.rec.Self().Hex() + "/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	signed, _ := io.ReadAll(res.Body)
	if _, err := record.OpenCheckpoint(signed, note.VerifierList(a.rec.Verifier())); err != nil {
		t.Errorf("our mirror serves a checkpoint that the author did not sign: %v", err)
	}
}

func TestReach(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(3, body.Neighbours)
	a.post(3, body.Hub)
	a.post(3, body.Far)
	b.accept(a)
	eventually(t, "far bodies at a hub that A has not accepted", func() bool { return b.bodies(a)[body.Here] == 3 })
	if got := b.bodies(a); got[body.NotFetched] != 3 {
		t.Errorf("bodies %v, want 3 waiting for A's acceptance", got)
	}
	a.accept(b)
	b.mir.Hint(a.id(), a.url, 0)
	eventually(t, "neighbours' bodies once A accepted B", func() bool { return b.bodies(a)[body.Here] == 6 })
	if got := b.bodies(a); got[body.Unknown] != 3 {
		t.Errorf("bodies %v, want 3 that stay with A", got)
	}
	c := newBox(t, "C")
	c.accept(b)
	eventually(t, "B's record at C", func() bool { return c.of(b).SyncedAt != time.Time{} })
	for _, url := range []string{a.url, b.url} {
		a.rec.Read(func(v record.View) error {
			for e := range v.Entries(a.rec.Self(), 0) {
				res, err := http.Get(url + "/body/" + a.rec.Self().Hex() + "/" + record.Hex(e.Leaf))
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				if open := res.StatusCode == http.StatusOK; open != (e.Reach == body.Far) && e.Event.Body != "" {
					t.Errorf("a stranger got %d for a body of reach %s", res.StatusCode, e.Reach)
				}
			}
			return nil
		})
	}
}

func TestErasureFollows(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(2, body.Far)
	b.accept(a)
	eventually(t, "bodies at B", func() bool { return b.bodies(a)[body.Here] == 2 })
	a.rec.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		e, err := v.Entry(a.rec.Self(), 0)
		d.Erase("m1", e.Leaf)
		return d, err
	}})
	b.mir.Hint(a.id(), a.url, 4)
	eventually(t, "the erasure at B", func() bool { return b.bodies(a)[body.Erased] == 1 })
}

func TestSafetyNumber(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	b.accept(a)
	words := b.of(a).Words
	if words != a.mir.OurWords() || len(strings.Fields(words)) != 6 || len(words) != 35 {
		t.Errorf("B shows %q, A says %q", words, a.mir.OurWords())
	}
}

func TestBlockedIsNotRead(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	b.accept(a)
	eventually(t, "first sync", func() bool { return !b.of(a).SyncedAt.IsZero() })
	if err := b.mir.Block(context.Background(), "", a.id()); err != nil {
		t.Fatal(err)
	}
	a.post(1, body.Far)
	before := a.served.Load()
	b.mir.Hint(a.id(), a.url, 99)
	b.mir.Hint("", a.url, 99)
	if b.of(a).State != Blocked || b.size(a.rec.Self()) != 0 {
		t.Errorf("state %s, %d events", b.of(a).State, b.size(a.rec.Self()))
	}
	if n := a.served.Load() - before; n > 2 {
		t.Errorf("a blocked hub was asked %d times", n)
	}
}
