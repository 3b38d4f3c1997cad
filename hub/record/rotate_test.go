package record

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// rotatable opens the record in a folder, as a start does.
func rotatable(t *testing.T, dir string) (*store.DB, *Record) {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(db, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return db, r
}

func add(t *testing.T, r *Record) {
	t.Helper()
	_, err := r.Do(context.Background(), Command{Judge: func(v View) (*Decision, error) {
		d := v.Decide()
		d.Append(Event{Kind: "thing.happened"})
		return d, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func opens(r *Record, vkey string) bool {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return false
	}
	_, err = OpenCheckpoint(r.Checkpoint().Note, note.VerifierList(v))
	return err == nil
}

// A record passes from key to key under one origin; each step is signed by the key before, and outlives a start.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	db, r := rotatable(t, dir)
	add(t, r)
	origin, first := r.Self(), r.VerifierKey()
	if err := r.Retire(t.Context(), "m1"); fault.Of(err).Key != "record.no-overlap" {
		t.Errorf("a lone key was retired: %v", err)
	}
	second, err := r.Rotate(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rotate(t.Context(), "m1"); fault.Of(err).Key != "record.key-overlap" {
		t.Errorf("two keys were announced at once: %v", err)
	}
	add(t, r)
	if !opens(r, first) || !opens(r, second) || r.VerifierKey() != first {
		t.Error("during the overlap both keys have to sign, and the old one is the one that we show")
	}
	r.Close()
	db.Close()
	db, r = rotatable(t, dir)
	add(t, r)
	if !opens(r, first) || !opens(r, second) {
		t.Error("after a start the overlap is forgotten")
	}
	if err := r.Retire(t.Context(), "m1"); err != nil {
		t.Fatal(err)
	}
	if !opens(r, first) {
		t.Error("the old key has to sign its own retirement")
	}
	add(t, r)
	if opens(r, first) || !opens(r, second) || r.VerifierKey() != second || r.Self() != origin {
		t.Error("after the overlap the new key signs alone, for the same origin")
	}
	r.Close()
	db.Close()
	db, r = rotatable(t, dir)
	defer db.Close()
	defer r.Close()
	if r.Self() != origin || r.VerifierKey() != second {
		t.Errorf("after a start it is %s under %s", r.Self(), r.VerifierKey())
	}
	third, err := r.Rotate(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	chain := handovers(t, r)
	k, err := CheckChain(origin, chain)
	if err != nil || strings.Join(k.Live, " ") != second+" "+third || strings.Join(k.Retired, " ") != first {
		t.Errorf("the chain shows %v: %v", k, err)
	}
	forge(t, origin, chain)
	if err := r.Read(func(v View) error { _, err := v.Verify(origin); return err }); err != nil {
		t.Error(err)
	}
}

func handovers(t *testing.T, r *Record) (chain []Handover) {
	t.Helper()
	if err := r.Read(func(v View) error { chain = v.Handovers(); return nil }); err != nil {
		t.Fatal(err)
	}
	return chain
}

// forge tries chains that prove nothing.
func forge(t *testing.T, o Origin, chain []Handover) {
	t.Helper()
	other, stranger := rotatable(t, t.TempDir())
	defer other.Close()
	defer stranger.Close()
	if _, err := stranger.Rotate(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	foreign := handovers(t, stranger)
	swapped := append([]Handover(nil), chain...)
	swapped[1].New = stranger.VerifierKey()
	swapped[1].New = strings.Replace(swapped[1].New, string(stranger.Self()), string(o), 1)
	unproven := append([]Handover(nil), chain...)
	unproven[0].Announced.Entry = strings.Replace(unproven[0].Announced.Entry, "key.announced", "key.retired", 1)
	early := append([]Handover(nil), chain...)
	early[0].Retired = nil
	for name, c := range map[string][]Handover{"of another hub": foreign, "with another key": swapped, "with another entry": unproven,
		"whose first link is missing": chain[1:], "that goes on before its key was retired": early} {
		if k, err := CheckChain(o, c); err == nil {
			t.Errorf("a chain %s shows %v", name, k)
		}
	}
}

// The seed that was given up is gone from what a backup holds, and a backup of each phase can be restored.
func TestBackupOfARotatedRecord(t *testing.T) {
	dir := t.TempDir()
	db, r := rotatable(t, dir)
	defer db.Close()
	defer r.Close()
	add(t, r)
	old := bytes.Clone(r.Key().Seed())
	if _, err := r.Rotate(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	restored(t, r)
	if err := r.Retire(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	add(t, r)
	again := restored(t, r)
	if again.VerifierKey() != r.VerifierKey() || bytes.Equal(again.Key().Seed(), old) {
		t.Error("the restored hub signs with the old key")
	}
}

func restored(t *testing.T, r *Record) *Record {
	t.Helper()
	var b bytes.Buffer
	if err := r.Backup(&b); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Restore(db, &b); err != nil {
		t.Fatal(err)
	}
	again, err := Open(db, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close(); db.Close() })
	return again
}

// A hub whose record went on under a key that it lacks appends nothing, now and after a start, and says why.
func TestSuperseded(t *testing.T) {
	dir := t.TempDir()
	db, r := rotatable(t, dir)
	add(t, r)
	if err := r.Supersede(t.Context(), "another key"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := r.Do(t.Context(), Command{Judge: func(v View) (*Decision, error) {
			d := v.Decide()
			d.Append(Event{Kind: "thing.happened"})
			return d, nil
		}})
		if fault.Of(err).Key != "record.superseded" || r.Superseded() != "another key" {
			t.Errorf("it appends: %v", err)
		}
		if _, err := r.Rotate(t.Context(), ""); fault.Of(err).Key != "record.superseded" {
			t.Errorf("it rotates: %v", err)
		}
		r.Close()
		db.Close()
		db, r = rotatable(t, dir)
	}
	r.Close()
	db.Close()
}
