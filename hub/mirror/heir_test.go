package mirror

import (
	"slices"
	"testing"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// A block that lost its key starts anew, names its old hub, and neighbours vouch for it; whoever reads them sees it.
func TestALostKey(t *testing.T) {
	old, b, fresh, c := newBox(t, "Old"), newBox(t, "B"), newBox(t, "New"), newBox(t, "C")
	old.post(3, body.Far)
	b.accept(old)
	eventually(t, "B reads the old hub", b.inStep(old))
	fresh.accept(b)
	eventually(t, "the new hub reads the old one over B", func() bool { return fresh.size(old.rec.Self()) == 3 })
	for _, wrong := range []string{"", "somebody", fresh.id()} {
		if err := fresh.mir.Succeed(t.Context(), "m1", wrong); !fault.Is(err, fault.Invalid) {
			t.Errorf("it carries on from %q: %v", wrong, err)
		}
	}
	if err := b.mir.Vouch(t.Context(), "m1", fresh.id()); !fault.Is(err, fault.NotFound) {
		t.Errorf("B vouches for what nobody said: %v", err)
	}
	for range 2 {
		if err := fresh.mir.Succeed(t.Context(), "m1", old.id()); err != nil {
			t.Fatal(err)
		}
	}
	if err := fresh.mir.Succeed(t.Context(), "m1", c.id()); fault.Of(err).Key != "mirror.succeeds" {
		t.Errorf("it carries on from two: %v", err)
	}
	b.accept(fresh)
	eventually(t, "B reads the new hub", b.inStep(fresh))
	size := b.rec.Size()
	for range 2 {
		if err := b.mir.Vouch(t.Context(), "m1", fresh.id()); err != nil {
			t.Fatal(err)
		}
	}
	if b.rec.Size() != size+1 {
		t.Errorf("vouching twice made %d events", b.rec.Size()-size)
	}
	c.accept(b)
	eventually(t, "C, who knows B, sees both over it", func() bool {
		heirs := c.heirs(old.id())
		return len(heirs) == 1 && heirs[0].ID == fresh.id() && slices.Equal(heirs[0].Vouchers, []string{b.id()}) && heirs[0].Size == 3
	})
}

func (b *box) heirs(old string) (list []Heir) {
	b.rec.Read(func(v record.View) error { list = HeirsOf(v, old); return nil })
	return list
}
