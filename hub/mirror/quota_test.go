package mirror

import (
	"context"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// A day is 24 hours of running: what came an hour ago still counts, what came a day ago does not, and no clock has a say.
func TestADayIsCountedWhileTheHubRuns(t *testing.T) {
	var d day
	d.add(100, Usage{Entries: 5, Bytes: 50, Bodies: 1})
	d.add(101, Usage{Entries: 7, Bytes: 70})
	for _, c := range []struct {
		hour int64
		want Usage
	}{
		{101, Usage{12, 120, 1}}, {123, Usage{12, 120, 1}}, {124, Usage{7, 70, 0}}, {125, Usage{}},
	} {
		if got := d.sum(c.hour); got != c.want {
			t.Errorf("in hour %d it was %v, want %v", c.hour, got, c.want)
		}
	}
	d.add(200, Usage{Entries: 1})
	if got := d.sum(3); got != (Usage{}) {
		t.Errorf("hours counted from a lost start bar the way: %v", got)
	}
}

// allow changes a quota as a steward does.
func (b *box) allow(other *box, q Quota) {
	b.t.Helper()
	if err := b.mir.SetQuota(context.Background(), "m1", other.id(), q); err != nil {
		b.t.Fatal(err)
	}
}

// older makes b's mirror believe that it has run for so long already.
func (b *box) older(hours int) {
	b.mir.mu.Lock()
	defer b.mir.mu.Unlock()
	b.mir.lived.before += time.Duration(hours) * time.Hour
}

func TestQuotaOfEntries(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(700, body.Far)
	if _, err := b.mir.Add(context.Background(), a.url); err != nil {
		t.Fatal(err)
	}
	b.allow(a, Quota{Entries: 300})
	b.accept(a)
	eventually(t, "the quota is met and said", func() bool { return b.of(a).Problem == "mirror.quota-entries" })
	if n := b.size(a.rec.Self()); n != 300 {
		t.Errorf("%d entries were taken, want 300", n)
	}
	if got := b.of(a); got.Today.Entries != 300 || got.Quota.Entries != 300 || got.Status != Behind {
		t.Errorf("shown as %+v", got)
	}
	b.older(25)
	b.mir.Hint(a.id(), "", 0)
	eventually(t, "a day later the next 300 came", func() bool { return b.size(a.rec.Self()) == 600 })
	b.allow(a, Quota{})
	eventually(t, "without a quota all came, with the words", func() bool { return b.bodies(a)[body.Here] == 700 })
	eventually(t, "and nothing is wrong any more", func() bool { n := b.of(a); return n.Problem == "" && n.Status == Synced })
}

func TestQuotaOfBodiesAndBytes(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(20, body.Far)
	if _, err := b.mir.Add(context.Background(), a.url); err != nil {
		t.Fatal(err)
	}
	b.allow(a, Quota{Bodies: 8})
	b.accept(a)
	eventually(t, "the quota is met and said", func() bool { return b.of(a).Problem == "mirror.quota-bodies" })
	if n := b.bodies(a)[body.Here]; n != 8 {
		t.Errorf("%d bodies are here, want 8", n)
	}
	if n := b.size(a.rec.Self()); n != a.rec.Size() {
		t.Errorf("%d of %d entries came: words must not hold up the record", n, a.rec.Size())
	}
	a.post(1, body.Far)
	b.allow(a, Quota{Bytes: 1})
	eventually(t, "bytes are bounded too", func() bool { return b.of(a).Problem == "mirror.quota-bytes" })
	if n := b.size(a.rec.Self()); n == a.rec.Size() {
		t.Error("an entry came in spite of the quota of bytes")
	}
}

// What was counted outlives a stop, so that nobody gets a new day by our restart.
func TestQuotaOutlivesAStart(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(10, body.Far)
	b.accept(a)
	eventually(t, "all came", func() bool { return b.bodies(a)[body.Here] == 10 })
	b.older(3)
	want := b.of(a).Today
	if err := b.mir.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(b.mir.o)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := again.today(a.id()); got != want || got.Bodies != 10 {
		t.Errorf("after a start %v are counted, want %v", got, want)
	}
	if again.lived.now() < 3*time.Hour {
		t.Errorf("it has forgotten how long it ran: %v", again.lived.now())
	}
}

func TestWitnessOnly(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(300, body.Far)
	a.accept(b)
	if _, err := b.mir.Add(context.Background(), a.url); err != nil {
		t.Fatal(err)
	}
	if err := b.mir.SetTier(context.Background(), "m1", a.id(), Witness); err != nil {
		t.Fatal(err)
	}
	b.accept(a)
	a.mir.Hint(b.id(), "", 0)
	eventually(t, "what A wrote is final by B's word", func() bool { return a.final(300) })
	a.post(300, body.Far)
	b.mir.Hint(a.id(), "", a.rec.Size())
	eventually(t, "so is what came later", func() bool { return a.final(600) })
	if n := b.size(a.rec.Self()); n != 0 {
		t.Errorf("a witness alone keeps %d entries", n)
	}
	eventually(t, "it counts as in step", func() bool { return b.of(a).Status == Synced && b.of(a).Tier == Witness })
	b.mir.o.Whole = func(_ record.View, o record.Origin) bool { return o == a.rec.Self() }
	if err := b.mir.SetTier(context.Background(), "m1", a.id(), Witness); fault.Of(err).Key != "mirror.must-be-whole" {
		t.Errorf("what a service needs whole may be made less: %v", err)
	}
	b.mir.Hint(a.id(), "", 0)
	eventually(t, "a service that needs it gets it whole", func() bool { return b.bodies(a)[body.Here] == 600 })
}

// final tells whether an event of b is final.
func (b *box) final(index uint64) (is bool) {
	b.rec.Read(func(v record.View) error {
		is = WitnessesOf(v, v.Self(), index-1).Standing == Final
		return nil
	})
	return is
}

func TestWitnessOnlySeesAFork(t *testing.T) {
	a, z := twins(t, 3)
	b := newBox(t, "B")
	a.post(2, body.Far)
	z.post(9, body.Neighbours)
	if _, err := b.mir.Add(context.Background(), a.url); err != nil {
		t.Fatal(err)
	}
	if err := b.mir.SetTier(context.Background(), "m1", a.id(), Witness); err != nil {
		t.Fatal(err)
	}
	b.accept(a)
	eventually(t, "B cosigned A", func() bool { return b.of(a).Synced >= 5 })
	a.off() // while it answers, another machine with its key is not read at all
	if _, err := b.mir.Add(context.Background(), z.url); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other record under the same key is found out", func() bool { return b.of(a).State == Forked })
}

func TestQuorum(t *testing.T) {
	a, b, c := newBox(t, "A"), newBox(t, "B"), newBox(t, "C")
	a.accept(b)
	a.accept(c)
	b.accept(a)
	a.mir.Hint(b.id(), "", 0)
	a.post(1, body.Far)
	eventually(t, "one cosignature is enough at first", func() bool { return a.final(3) })
	for _, k := range []int{0, -1, MaxCosignatures + 1} {
		if err := a.mir.SetQuorum(context.Background(), "m1", k); fault.Of(err).Key != "mirror.no-quorum" {
			t.Errorf("a quorum of %d: %v", k, err)
		}
	}
	size := a.rec.Size()
	for range 2 {
		if err := a.mir.SetQuorum(context.Background(), "m1", 2); err != nil {
			t.Fatal(err)
		}
	}
	if a.rec.Size() != size+1 {
		t.Errorf("setting it twice made %d events", a.rec.Size()-size)
	}
	if a.final(3) {
		t.Error("one cosignature is final where people want two")
	}
	c.accept(a)
	a.mir.Hint(c.id(), "", 0)
	eventually(t, "with two it is final again", func() bool { return a.final(3) })
	b.rec.Read(func(v record.View) error {
		if got := Quorum(v, a.rec.Self()); got != defaultQuorum {
			t.Errorf("B judges its own word by %d", got)
		}
		return nil
	})
}

// What is read over others is bounded like what is read from its author, and says so.
func TestQuotaOfAFarHub(t *testing.T) {
	a, b, c := newBox(t, "A"), newBox(t, "B"), newBox(t, "C")
	a.post(30, body.Far)
	b.accept(a)
	eventually(t, "B has all of A", func() bool { return b.bodies(a)[body.Here] == 30 })
	if _, err := c.mir.Add(context.Background(), a.url); err != nil {
		t.Fatal(err)
	}
	c.allow(a, Quota{Entries: 12})
	c.accept(b)
	eventually(t, "C took what it may, and says so", func() bool {
		n := c.of(a)
		return c.size(a.rec.Self()) == 12 && n.Problem == "mirror.quota-entries" && n.Status == Far
	})
}
