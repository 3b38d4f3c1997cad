package record

import (
	"context"
	"os"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// lasting opens a record that syncs, as a hub does.
func lasting(t *testing.T, dir string, s Service) *Record {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(db, Options{Services: []Service{s}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); db.Close() })
	return r
}

// crashed copies a folder whose record is open: what a killed process leaves.
func crashed(t *testing.T, dir string) string {
	t.Helper()
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return left
}

func unfinished(t *testing.T, dir string) bool {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return db.Unfinished()
}

// busy does all that a decision can: events with and without words, an erasure, an answer, private writes, a key.
func busy(t *testing.T, r *Record) {
	t.Helper()
	for range 5 {
		must(t, r, post("tally.said", "some words"))
	}
	gone := must(t, r, post("tally.said", "words to forget")).First()
	must(t, r, post("tally.asked", ""))
	c := Command{Actor: "m1", Route: "x", Key: "once", Content: []byte("c"), Judge: func(v View) (*Decision, error) {
		d := v.Decide()
		d.Erase("m1", gone.Leaf)
		d.Keep("tally", "secret", []byte("k"), []byte("v"))
		d.Keep("tally", "secret", []byte("old"), []byte("v"))
		d.Forget("tally", "secret", []byte("old"))
		return d, nil
	}}
	must(t, r, c)
	must(t, r, c)
}

func TestJournalIsCarriedOut(t *testing.T) {
	dir := t.TempDir()
	r := lasting(t, dir, tally{})
	busy(t, r)
	left := crashed(t, dir)
	if !unfinished(t, crashed(t, left)) {
		t.Fatal("nothing is in the journal")
	}
	for _, version := range []int{1, 2} { // with the program that wrote it, and with a newer one
		after := lasting(t, crashed(t, left), tally{version})
		if got, want := verify(t, after, after.Self()), r.Checkpoint(); got.Root != want.Root || got.Size != want.Size {
			t.Errorf("size %d came back, want %d", got.Size, want.Size)
		}
		if got, want := dump(t, after), dump(t, r); got != want {
			t.Errorf("views came back as\n%s\nwant\n%s", got, want)
		}
		after.Read(func(v View) error {
			if string(v.Private("tally", "secret").Get([]byte("k"))) != "v" || v.Private("tally", "secret").Get([]byte("old")) != nil {
				t.Error("private writes did not come back")
			}
			if b := v.Body(after.Self(), entryOf(t, v, 5).Leaf); b.State != body.Erased {
				t.Errorf("the erased body is %v", b.State)
			}
			return nil
		})
		if _, err := after.Do(context.Background(), Command{Actor: "m1", Route: "x", Key: "once", Content: []byte("d"),
			Judge: func(v View) (*Decision, error) { return v.Decide(), nil }}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a used key was forgotten: %v", err)
		}
	}
}

func entryOf(t *testing.T, v View, index uint64) Entry {
	t.Helper()
	e, err := v.Entry(v.Self(), index)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSettleEmptiesTheJournal(t *testing.T) {
	dir := t.TempDir()
	r := lasting(t, dir, tally{})
	busy(t, r)
	if err := r.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	if unfinished(t, crashed(t, dir)) {
		t.Error("the journal still holds what the file should")
	}
}

// TestLongWordsAreInTheFile: what is too long for the journal is durable without it.
func TestLongWordsAreInTheFile(t *testing.T) {
	dir := t.TempDir()
	r := lasting(t, dir, tally{})
	must(t, r, post("tally.said", string(make([]byte, maxRedo))))
	if unfinished(t, crashed(t, dir)) {
		t.Error("a photo went through the journal")
	}
}

// FuzzMemory: whatever bytes a journal holds, reading them ends, within bounds.
func FuzzMemory(f *testing.F) {
	var r redo
	d := &Decision{now: time.Unix(1, 0)}
	d.Append(Event{Kind: "tally.said"}, body.Seal([]byte("words"), body.Far))
	d.Keep("tally", "secret", []byte("k"), []byte("v"))
	r.note(d)
	f.Add([]byte(r))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for m := (&memory{left: raw}); len(m.left) > 0 && !m.broken; {
			m.decision()
		}
	})
}
