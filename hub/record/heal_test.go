package record

import (
	"context"
	"fmt"
	"testing"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// TestHeal: a hub restored from an old copy of its data takes back from a neighbour what it had published, and only then goes on.
func TestHeal(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	for i := range 300 {
		must(t, a, post("tally.did", fmt.Sprint(i)))
	}
	old := t.TempDir()
	a.Close()
	err := copyFile(a.db, old+"/"+store.FileName)
	if err != nil {
		t.Fatal(err)
	}
	a.db.Close()
	a = open(t, dir)
	for i := range 300 {
		must(t, a, post("tally.did", fmt.Sprint("later ", i)))
	}
	want := a.Checkpoint()

	db, err := store.Open(old, store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(db, Options{Services: []Service{tally{}}, Held: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(); db.Close() })
	waiting := make(chan error, 1)
	go func() { _, err := b.Do(context.Background(), post("tally.did", "new")); waiting <- err }()
	for from := uint64(300); from < 600; {
		x := piece(t, a, from)
		if err := b.Heal(context.Background(), x); err != nil {
			t.Fatal(err)
		}
		from += uint64(len(x.Entries))
	}
	if got := b.Checkpoint(); got.Root != want.Root || string(got.Note) != string(want.Note) {
		t.Errorf("healed to size %d, want the same checkpoint of size %d", got.Size, want.Size)
	}
	select {
	case err := <-waiting:
		t.Fatalf("a held record appended: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	b.Release()
	if err := <-waiting; err != nil || b.Size() != 601 {
		t.Errorf("after release: %v, size %d", err, b.Size())
	}
	if err := b.Heal(context.Background(), piece(t, a, 300)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a released record was healed: %v", err)
	}
	verify(t, b, b.Self())
	b.Refuse(fault.New(fault.Conflict, "mirror.twin"))
	if _, err := b.Do(context.Background(), post("tally.did", "more")); fault.Of(err).Key != "mirror.twin" || b.Size() != 601 {
		t.Errorf("a record that refuses answered %v, size %d", err, b.Size())
	}
}

func copyFile(db *store.DB, path string) error {
	tx, err := db.Begin(false)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return tx.CopyFile(path, 0o600)
}

// piece is what a neighbour would hand over: the rest of one bundle, from an index on, with its proof.
func piece(t *testing.T, r *Record, from uint64) Extension {
	t.Helper()
	x := Extension{Note: r.Checkpoint().Note, Start: from}
	err := r.Read(func(v View) (err error) {
		for e := range v.Entries(r.Self(), from) {
			x.Entries = append(x.Entries, append([]byte(nil), e.Raw...))
			if (e.Index+1)%bundleSize == 0 {
				break
			}
		}
		x.Proof, err = v.Consistency(r.Self(), from+uint64(len(x.Entries)), r.Size())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}
