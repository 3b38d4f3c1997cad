package mirror

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// TestOldBackupHealsFromNeighbours: a hub that comes back with an old copy of its data gets from its neighbour what it had published, words
// included, goes on without a fork, and a neighbour that holds nothing new changes nothing.
func TestOldBackupHealsFromNeighbours(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(3, body.Far)
	b.accept(a)
	a.accept(b)
	a.mir.Close()
	old := t.TempDir()
	tx, err := a.db.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.CopyFile(old+"/"+store.FileName, 0o600); err != nil {
		t.Fatal(err)
	}
	tx.Rollback()
	a.post(300, body.Neighbours)
	b.mir.Hint(a.id(), a.url, a.rec.Size())
	eventually(t, "everything at B", func() bool { return b.bodies(a)[body.Here] == 303 })
	want := a.rec.Checkpoint()

	a.off() // the machine that it ran on is gone
	db, err := store.Open(old, store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := record.Open(db, record.Options{Services: []record.Service{View{}}, Held: true})
	if err != nil {
		t.Fatal(err)
	}
	mir, err := Open(Options{
		Record: rec, Name: func() string { return "A" }, Gossip: func() string { return "" }, Loopback: true,
		Reserve: func() bool { return true }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(mir.Handler().ServeHTTP))
	t.Cleanup(func() { mir.Close(); server.Close(); rec.Close(); db.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if !mir.Neighboured() {
		t.Fatal("the restored hub knows of no neighbour: this test would prove nothing")
	}
	answered, healed, err := mir.AskOurs(ctx, 20*time.Second)
	if err != nil || answered != 1 || healed != 300 {
		t.Fatalf("%d answered, %d events back, %v", answered, healed, err)
	}
	if got := rec.Checkpoint(); got.Root != want.Root || got.Size != want.Size {
		t.Errorf("healed to size %d, want %d", got.Size, want.Size)
	}
	healedBox := &box{t: t, rec: rec, mir: mir}
	if got := healedBox.bodies(healedBox); got[body.Here] != 303 {
		t.Errorf("bodies %v, want all 303 back", got)
	}
	rec.Release()
	healedBox.post(1, body.Far)
	if _, healed, err := mir.AskOurs(ctx, 20*time.Second); err != nil || healed != 0 {
		t.Errorf("asking again brought %d events, %v", healed, err)
	}
}
