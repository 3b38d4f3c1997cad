package people

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commonhub/hub/record"
	"commonhub/hub/store"
)

// live makes a block in which everything has happened once.
func live(t *testing.T) *block {
	t.Helper()
	b, ctx := open(t), context.Background()
	b.claim()
	b.join(Inviting{Name: "Two"}, "ben")
	b.join(Inviting{Household: "h2"}, "cem")
	_, err := b.Appoint(ctx, Order{Actor: "m1"}, "m2", time.Now().Add(time.Hour))
	b.must(err)
	_, err = b.SetName(ctx, Order{Actor: "m2"}, "Benno", "")
	b.must(err)
	_, err = b.NameHousehold(ctx, Order{Actor: "m2"}, "h2", "Second", "")
	b.must(err)
	_, err = b.EraseMine(ctx, Order{Actor: "m1"})
	b.must(err)
	_, err = b.Leave(ctx, Order{Actor: "m3"})
	b.must(err)
	return b
}

func TestReplayEqualsLive(t *testing.T) {
	b := live(t)
	was := b.tables(b.record.Self())
	b.must(b.record.Rebuild())
	if now := b.tables(b.record.Self()); now != was || !strings.Contains(was, "Benno") {
		t.Errorf("live\n%s\nreplayed\n%s", was, now)
	}
}

// A stranger may write any event into their own record: it must not make them a steward in anybody's view.
func TestVoidEvents(t *testing.T) {
	b, ctx := live(t), context.Background()
	was := b.tables(b.record.Self())
	for _, e := range []record.Event{
		{Kind: HouseholdAdded, By: "m3", Data: record.Data(about{Household: "h3"})},
		{Kind: HouseholdAdded, By: Console, Data: record.Data(about{Household: "h9"})},
		{Kind: HouseholdAdded, By: Console, Data: record.Data(about{Household: "h03"})},
		{Kind: MemberJoined, By: "m4", Data: record.Data(about{Member: "m4", Household: "h7"})},
		{Kind: MemberJoined, By: "m1", Data: record.Data(about{Member: "m4", Household: "h1"})},
		{Kind: MemberJoined, By: "m2", Data: record.Data(about{Member: "m2", Household: "h1"})},
		{Kind: MemberLeft, By: "m1", Data: record.Data(about{Member: "m2"})},
		{Kind: MemberNamed, By: "m1", Data: record.Data(about{Member: "m2"})},
		{Kind: StewardAppointed, By: "m3", Data: record.Data(about{Member: "m3"})},
		{Kind: StewardAppointed, By: Console, Data: record.Data(about{Member: "m3"})}, // has left
		{Kind: StewardEnded, By: "m3", Data: record.Data(about{Member: "m1"})},
		{Kind: StewardEnded, By: "m1", V: 2, Data: record.Data(about{Member: "m1"})},
		{Kind: StewardEnded, By: "m1", Data: []byte(`[1]`)},
		{Kind: "member.unheard-of", By: "m1", Data: record.Data(about{Member: "m1"})},
	} {
		_, err := b.record.Do(ctx, record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			d.Append(e)
			return d, nil
		}})
		b.must(err)
		if now := b.tables(b.record.Self()); now != was {
			t.Fatalf("%s by %s %s changed the view from\n%s\nto\n%s", e.Kind, e.By, e.Data, was, now)
		}
	}
}

// Nothing that opens a door may be found in what neighbours can read, or in clear in the file.
func TestNoSecretIsKept(t *testing.T) {
	dir := t.TempDir()
	p := New()
	db, err := store.Open(dir, store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := record.Open(db, record.Options{Services: []record.Service{p}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p.Open(r, Options{})
	ctx := context.Background()
	claim, _ := p.Claim(ctx)
	w, err := p.UseClaim(ctx, Order{Key: "k"}, Newcomer{Code: claim, Household: "One", Name: "unsaid", Secret: "very hidden"}, From{})
	if err != nil {
		t.Fatal(err)
	}
	i, _, err := p.Invite(ctx, Order{Actor: "m1"}, Inviting{Name: "Two"})
	if err != nil {
		t.Fatal(err)
	}
	bearer, _, _ := p.MakeToken(ctx, Order{Actor: "m1"}, "m1", "")
	codes, _ := p.MakeCard(ctx, Order{Actor: "m1"})
	var public, file bytes.Buffer
	if err := r.Read(func(v record.View) error {
		for e := range v.Entries(v.Self(), 0) {
			public.Write(e.Raw)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := r.Read(func(v record.View) error { return copyFile(dir, &file) }); err != nil {
		t.Fatal(err)
	}
	for _, secret := range append(codes, "very hidden", w.Token, bearer, i.Code, claim) {
		for _, form := range []string{secret, typed(secret)} {
			if form != "" && bytes.Contains(file.Bytes(), []byte(form)) {
				t.Errorf("%q stands in the file", form)
			}
		}
	}
	if !bytes.Contains(file.Bytes(), []byte("unsaid")) || bytes.Contains(public.Bytes(), []byte("unsaid")) {
		t.Error("the sign-in name is not where it belongs")
	}
}

func copyFile(dir string, to *bytes.Buffer) error {
	raw, err := os.ReadFile(filepath.Join(dir, store.FileName))
	to.Write(raw)
	return err
}
