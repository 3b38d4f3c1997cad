package mirror

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// twins are two boxes with one key, as a copied SD card makes them. Each appends events of its own.
func twins(t *testing.T, shared int) (one, two *box) {
	t.Helper()
	first, second := t.TempDir(), t.TempDir()
	db, err := store.Open(first, store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := record.Open(db, record.Options{Services: []record.Service{View{}}})
	if err != nil {
		t.Fatal(err)
	}
	(&box{t: t, rec: rec}).post(shared, body.Far)
	rec.Close()
	db.Close()
	if err := os.CopyFS(filepath.Join(second, "copy"), os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	open := func(dir string) *box {
		db, err := store.Open(dir, store.Options{Volatile: true})
		if err != nil {
			t.Fatal(err)
		}
		return openBox(t, db, "twin", time.Now)
	}
	return open(first), open(filepath.Join(second, "copy"))
}

// fork is what a box keeps as evidence against another, checked as anybody can.
func (b *box) fork(other *box) (f Fork, event uint64, ok bool) {
	b.t.Helper()
	b.rec.Read(func(v record.View) error { f, event, ok = ForkOf(v, other.id()); return nil })
	if !ok {
		return f, event, false
	}
	if _, _, err := f.check(note.VerifierList(other.rec.Verifier())); err != nil {
		b.t.Errorf("evidence of %s proves nothing: %v", b.id(), err)
	}
	return f, event, true
}

// TestForkIsCaughtByComparing: a hub that shows one record to B and another to C is caught as soon as those two compare, whichever is
// longer, and stays unread until a steward decides.
func TestForkIsCaughtByComparing(t *testing.T) {
	one, two := twins(t, 3)
	one.post(300, body.Far)
	two.post(320, body.Far)
	b, c := newBox(t, "B"), newBox(t, "C")
	b.accept(one)
	c.accept(two)
	eventually(t, "both branches are mirrored", func() bool { return !b.of(one).SyncedAt.IsZero() && !c.of(two).SyncedAt.IsZero() })
	b.accept(c)
	c.accept(b)
	for _, who := range []*box{b, c} {
		eventually(t, "the fork is caught", func() bool { return who.of(one).State == Forked })
		if _, event, ok := who.fork(one); !ok || who.of(one).Problem != "mirror.forked" {
			t.Errorf("no evidence: event %d, problem %q", event, who.of(one).Problem)
		}
	}
	held := b.size(one.rec.Self())
	one.post(1, body.Far)
	b.mir.Hint(one.id(), one.url, held+1)
	if err := b.mir.Accept(context.Background(), "m1", one.id()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the record goes on where a steward accepted it", func() bool { return b.size(one.rec.Self()) == held+1 })
	b.mir.mu.Lock()
	b.mir.hubs[c.id()].compared = time.Time{}
	b.mir.mu.Unlock()
	c.post(1, body.Far)
	b.mir.Hint(c.id(), c.url, 99)
	eventually(t, "B compares again", func() bool { return b.size(c.rec.Self()) == c.rec.Size() })
	if s := b.of(one).State; s != Accepted {
		t.Errorf("people decided, and the same evidence makes it %s again", s)
	}
}

// TestForkInAPull: the same hub goes on with another record than before, as long, shorter or longer than ours.
func TestForkInAPull(t *testing.T) {
	for name, posts := range map[string]int{"as long": 5, "shorter": 2, "longer": 9} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two := twins(t, 3)
			one.post(5, body.Far)
			two.post(posts, body.Far)
			b := newBox(t, "B")
			b.accept(one)
			eventually(t, "the first branch", func() bool { return !b.of(one).SyncedAt.IsZero() && b.size(one.rec.Self()) == 8 })
			other := func(w http.ResponseWriter, req *http.Request, _ http.Handler) { two.mir.Handler().ServeHTTP(w, req) }
			one.spoil.Store(&other)
			b.mir.Hint(one.id(), one.url, 99)
			eventually(t, "the fork is caught", func() bool { _, _, ok := b.fork(one); return ok && b.of(one).State == Forked })
			if n := b.size(one.rec.Self()); n != 8 {
				t.Errorf("B holds %d events", n)
			}
		})
	}
}

// TestForkInARequest: a hub that asks to have another branch cosigned leaves its own evidence, and an honest restart does not.
func TestForkInARequest(t *testing.T) {
	witness, log := newBox(t, "witness"), newBox(t, "log")
	pinOnly(witness, log)
	good, fork := newBranch(t, log, "good", 6), newBranch(t, log, "other", 6)
	for _, step := range []struct {
		body   string
		status int
		state  State
	}{
		{good.request(0, 6), 200, Accepted},
		{good.request(0, 4), 409, Accepted}, // it was restored from a backup, and forgot
		{fork.request(0, 6), 409, Forked},
	} {
		if status, _, _ := witness.add(step.body); status != step.status || witness.of(log).State != step.state {
			t.Errorf("%d, state %s; want %d, %s", status, witness.of(log).State, step.status, step.state)
		}
	}
	if _, _, ok := witness.fork(log); !ok {
		t.Error("no evidence")
	}
}

// TestEvidenceHasToProve: two checkpoints of one honest record are no fork, whatever is put beside them.
func TestEvidenceHasToProve(t *testing.T) {
	log, stranger := newBox(t, "log"), newBox(t, "stranger")
	good, other, foreign := newBranch(t, log, "good", 6), newBranch(t, log, "other", 6), newBranch(t, stranger, "good", 6)
	known := note.VerifierList(log.rec.Verifier())
	for name, f := range map[string]Fork{
		"the same checkpoint":    {First: string(good.notes[6]), Second: string(good.notes[6])},
		"growth":                 {First: string(good.notes[4]), Second: string(good.notes[6])},
		"growth, another root":   {First: string(good.notes[4]), Second: string(good.notes[6]), Root: record.Hash{1}},
		"another hub":            {First: string(good.notes[6]), Second: string(foreign.notes[6])},
		"the empty record":       {First: string(good.notes[0]), Second: string(good.notes[6]), Root: record.Hash{1}},
		"a fork without a proof": {First: string(good.notes[4]), Second: string(other.notes[6]), Root: record.Hash{1}},
	} {
		if _, _, err := f.check(known); err == nil {
			t.Errorf("%s counts as a fork", name)
		}
	}
	f := Fork{First: string(good.notes[6]), Second: string(other.notes[6])}
	if _, _, err := f.check(known); err != nil {
		t.Error(err)
	}
}
