package mirror

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// rotate announces a new key, and retires the old one if asked to.
func (b *box) rotate(retire bool) {
	b.t.Helper()
	if _, err := b.rec.Rotate(context.Background(), "m1"); err != nil {
		b.t.Fatal(err)
	}
	if !retire {
		return
	}
	if err := b.rec.Retire(context.Background(), "m1"); err != nil {
		b.t.Fatal(err)
	}
}

// backup is what a hub would be restored from.
func (b *box) backup() *bytes.Buffer {
	b.t.Helper()
	var kept bytes.Buffer
	if err := b.rec.Backup(&kept); err != nil {
		b.t.Fatal(err)
	}
	return &kept
}

// restoredBox is a hub that starts from a backup.
func restoredBox(t *testing.T, backup *bytes.Buffer) *box {
	t.Helper()
	db, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := record.Restore(db, backup); err != nil {
		t.Fatal(err)
	}
	return openBox(t, db, "restored", time.Now)
}

func (b *box) inStep(other *box) func() bool {
	return func() bool { n := b.of(other); return n.Synced == other.rec.Size() && n.Problem == "" }
}

// Who keeps reading follows each step by itself: events, words for neighbours, cosignatures; and shows the new key.
func TestNeighboursFollowANewKey(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	b.accept(a)
	a.accept(b)
	b.mir.Hint(a.id(), "", 0)
	a.post(3, body.Neighbours)
	b.mir.Hint(a.id(), "", a.rec.Size())
	eventually(t, "B has all of A", b.inStep(a))
	first := a.rec.VerifierKey()
	a.rotate(false)
	a.post(1, body.Neighbours)
	b.mir.Hint(a.id(), "", a.rec.Size())
	eventually(t, "B follows into the overlap", b.inStep(a))
	if n := len(b.mir.AcceptedKeys(a.rec.Self())); n != 2 {
		t.Errorf("during the overlap B trusts %d keys", n)
	}
	if err := a.rec.Retire(context.Background(), "m1"); err != nil {
		t.Fatal(err)
	}
	b.mir.Hint(a.id(), "", a.rec.Size())
	eventually(t, "B follows out of it", b.inStep(a))
	a.post(2, body.Neighbours)
	b.mir.Hint(a.id(), "", a.rec.Size())
	eventually(t, "B has what the new key signed, with its words", func() bool { return b.inStep(a)() && b.bodies(a)[body.Here] == 6 })
	if n := b.of(a); n.Key != a.rec.VerifierKey() || n.Key == first || len(b.mir.AcceptedKeys(a.rec.Self())) != 1 {
		t.Errorf("B trusts %s", n.Key)
	}
	b.post(1, body.Neighbours)
	a.mir.Hint(b.id(), "", b.rec.Size())
	eventually(t, "A reads what is for neighbours, asking under its new key", func() bool { return a.bodies(b)[body.Here] == 1 })
	eventually(t, "B's word makes A's events final", func() bool { return a.final(a.rec.Size()) })
}

// Who was away for the whole change follows later, by what the old key signed; so does who only witnesses, and who reads over others.
func TestNeighboursFollowLater(t *testing.T) {
	a, b, c := newBox(t, "A"), newBox(t, "B"), newBox(t, "C")
	a.post(3, body.Far)
	b.accept(a)
	if _, err := c.mir.Add(context.Background(), a.url); err != nil {
		t.Fatal(err)
	}
	if err := c.mir.SetTier(context.Background(), "m1", a.id(), Witness); err != nil {
		t.Fatal(err)
	}
	c.accept(a)
	eventually(t, "B and C read A", func() bool { return b.inStep(a)() && c.inStep(a)() })
	away := func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		http.Error(w, "away", http.StatusBadGateway)
	}
	a.spoil.Store(&away)
	a.rotate(true)
	a.post(300, body.Far)
	a.rotate(true)
	a.post(1, body.Far)
	a.spoil.Store(nil)
	for _, other := range []*box{b, c} {
		other.mir.Hint(a.id(), "", a.rec.Size())
		eventually(t, "it follows over two changes", other.inStep(a))
		if keys := other.mir.AcceptedKeys(a.rec.Self()); len(keys) != 1 {
			t.Errorf("it trusts %d keys", len(keys))
		}
	}
	eventually(t, "B has the words, too", func() bool { return b.bodies(a)[body.Here] == 304 })
	d := newBox(t, "D")
	d.accept(b)
	eventually(t, "D reads A over B, by the chain that B keeps", func() bool { return d.bodies(a)[body.Here] == 304 })
	e := newBox(t, "E")
	e.accept(a)
	eventually(t, "E meets A for the first time, under its third key", e.inStep(a))
	if words := e.of(a).Words; words == "" || words != a.mir.OurWords() {
		t.Errorf("E compares %q with %q", words, a.mir.OurWords())
	}
}

// After the overlap the old key is worth nothing: not at a new address, not with a chain of its own, not for a cosignature.
func TestThiefOfAnOldKey(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(3, body.Far)
	stolen := a.backup()
	b.accept(a)
	eventually(t, "B reads A", b.inStep(a))
	a.rotate(true)
	b.mir.Hint(a.id(), "", a.rec.Size())
	eventually(t, "B has followed", func() bool { return b.inStep(a)() && len(b.mir.AcceptedKeys(a.rec.Self())) == 1 })
	thief := restoredBox(t, stolen)
	thief.post(20, body.Far)
	if _, err := b.mir.Add(context.Background(), thief.url); fault.Of(err).Key != "mirror.retired-key" {
		t.Errorf("B looks at the thief and says %v", err)
	}
	thief.rotate(true)
	thief.post(1, body.Far)
	if _, err := b.mir.Add(context.Background(), thief.url); fault.Of(err).Key != "mirror.no-chain" {
		t.Errorf("B looks at the thief's new key and says %v", err)
	}
	if got := b.of(a); got.URL != a.url || got.State != Accepted {
		t.Errorf("the thief moved A to %s, now %s", got.URL, got.State)
	}
	serve := func(w http.ResponseWriter, req *http.Request, _ http.Handler) { thief.mir.Handler().ServeHTTP(w, req) }
	a.spoil.Store(&serve)
	held := b.size(a.rec.Self())
	b.mir.Hint(a.id(), "", thief.rec.Size())
	eventually(t, "B refuses what the thief serves at A's own address", func() bool {
		return slices.Contains([]string{"mirror.no-chain", "mirror.retired-key"}, b.of(a).Problem)
	})
	if n := b.size(a.rec.Self()); n != held {
		t.Errorf("B took %d entries of the thief's", n-held)
	}
	a.spoil.Store(nil)
	b.mir.Hint(a.id(), "", 0)
	eventually(t, "and reads A again", b.inStep(a))
}

// A hub that was restored from before the change hears of it, and writes nothing that nobody would believe.
func TestOldBackupBehindAKeyChange(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.accept(b)
	a.post(3, body.Far)
	b.accept(a)
	eventually(t, "B reads A", b.inStep(a))
	old := a.backup()
	a.rotate(true)
	a.post(1, body.Far)
	b.mir.Hint(a.id(), "", a.rec.Size())
	eventually(t, "B has followed", b.inStep(a))
	again := restoredBox(t, old)
	if _, err := again.mir.Add(context.Background(), b.url); err != nil {
		t.Fatal(err)
	}
	_, _, err := again.mir.AskOurs(t.Context(), 20*time.Second)
	if fault.Of(err).Key != "mirror.superseded" || again.rec.Superseded() != a.rec.VerifierKey() {
		t.Errorf("the old backup is told %v, and that %q goes on", err, again.rec.Superseded())
	}
	_, err = again.rec.Do(t.Context(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Append(record.Event{Kind: "notice.posted"})
		return d, nil
	}})
	if fault.Of(err).Key != "record.superseded" {
		t.Errorf("it writes: %v", err)
	}
}

// Events about keys are void where they would leave nobody, bring a retired key back, or name somebody else's.
func TestVoidKeyEvents(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	say := func(kind string, c record.KeyChange) {
		_, err := a.rec.Do(t.Context(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			d.Append(record.Event{Kind: kind, Data: record.Data(c)})
			return d, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	first := a.rec.VerifierKey()
	say(record.KeyRetired, record.KeyChange{Key: first})
	say(record.KeyAnnounced, record.KeyChange{Key: b.rec.VerifierKey()})
	say(record.KeyAnnounced, record.KeyChange{Key: first, Proof: "AAAA"})
	a.rotate(true)
	say(record.KeyAnnounced, record.KeyChange{Key: first})
	say(record.KeyRetired, record.KeyChange{Key: a.rec.VerifierKey()})
	a.rec.Read(func(v record.View) error {
		live, gone := keysOf(v, a.id(), first)
		if !slices.Equal(live, []string{a.rec.VerifierKey()}) || !slices.Equal(gone, []string{first}) {
			t.Errorf("live %v, gone %v", live, gone)
		}
		return nil
	})
}
