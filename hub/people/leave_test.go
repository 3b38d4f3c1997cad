package people

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

func TestStewards(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	b.join(Inviting{Household: "h1"}, "ben")
	_, err := b.EndSteward(ctx, Order{Actor: "m1"}, "m1")
	b.refused(err, "people.last-steward")
	_, err = b.Leave(ctx, Order{Actor: "m1"})
	b.refused(err, "people.last-steward-leaves")
	_, err = b.Appoint(ctx, Order{Actor: "m2"}, "m2", time.Time{})
	b.refused(err, "people.stewards-only")
	_, err = b.Appoint(ctx, Order{Actor: "m1"}, "m2", time.Now().Add(-time.Hour))
	b.refused(err, "people.term-past")
	_, err = b.Appoint(ctx, Order{Actor: "m1"}, "m2", time.Now().Add(time.Hour))
	b.must(err)
	_, err = b.EndSteward(ctx, Order{Actor: "m1"}, "m1")
	b.must(err)
	_, err = b.Appoint(ctx, Order{Actor: "m1"}, "m1", time.Time{})
	b.refused(err, "people.stewards-only")
	b.later(2 * time.Hour) // the term of the only one is over: the keys stay until somebody takes them
	_, err = b.Appoint(ctx, Order{Actor: "m2"}, "m1", time.Time{})
	b.must(err)
	_, err = b.Appoint(ctx, Order{Actor: "m2"}, "m2", time.Time{})
	b.refused(err, "people.stewards-only")
}

func TestLeaveAndErase(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	w := b.join(Inviting{Household: "h1"}, "ben")
	_, err := b.SetName(ctx, Order{Actor: "m2"}, "Ben the second", body.Hub)
	b.must(err)
	b.read(func(v record.View) {
		if b.NameOf(v, v.Self(), "m2", true) != "Ben the second" || b.NameOf(v, v.Self(), "m2", false) != "" {
			t.Error("a name for members only is shown to guests, or not to members")
		}
	})
	if n, err := b.EraseMine(ctx, Order{Actor: "m2"}); n != 1 || err != nil {
		t.Fatalf("erased %d, %v", n, err)
	}
	if n, err := b.EraseMine(ctx, Order{Actor: "m2"}); n != 0 || err != nil {
		t.Fatalf("erased again %d, %v", n, err)
	}
	b.read(func(v record.View) {
		if name := b.NameOf(v, v.Self(), "m2", true); name != "" {
			t.Errorf("after erasing the name is %q", name)
		}
		if name := b.NameOf(v, v.Self(), "m1", true); name != "Ana from above" {
			t.Errorf("erasing took another's name: %q", name)
		}
	})
	_, err = b.SetName(ctx, Order{Actor: "m2"}, "Ben", "")
	b.must(err)
	_, err = b.Leave(ctx, Order{Actor: "m2"})
	b.must(err)
	_, err = b.Session(w.Token)
	b.refused(err, "people.session-ended")
	_, err = b.SignIn(ctx, "ben", "ben and more", From{})
	b.refused(err, "people.sign-in-wrong")
	b.read(func(v record.View) {
		if _, _, err := b.Acting(v, "m2"); !fault.Is(err, fault.Denied) {
			t.Errorf("who left may act: %v", err)
		}
		if name := b.NameOf(v, v.Self(), "m2", true); name != "" {
			t.Errorf("after leaving the name is %q", name)
		}
	})
	_, _, err = b.Invite(ctx, Order{Actor: "m1"}, Inviting{Member: "m2"})
	b.refused(err, "people.has-left")
	if next := b.join(Inviting{Household: "h1"}, "ben"); next.Member != "m3" {
		t.Errorf("the handle after m2 is %s", next.Member)
	}
}

func TestExport(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	b.join(Inviting{Name: "Two"}, "ben")
	var out bytes.Buffer
	b.must(b.Export(ctx, "m2", &out))
	var all struct {
		Exported
		Entries []ExportedEntry `json:"entries"`
	}
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	var kinds []string
	for _, e := range all.Entries {
		kinds = append(kinds, e.Kind+"="+e.Text)
	}
	want := "household.added= household.named=Two invitation.made= member.joined= member.named=ben"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("entries %s, want %s", got, want)
	}
	if all.Member.Handle != "m2" || all.HouseholdName != "Two" || all.Settings.SignIn != "ben" || len(all.Sessions) != 1 {
		t.Errorf("head %+v", all.Exported)
	}
}
