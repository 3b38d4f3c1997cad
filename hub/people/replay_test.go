package people

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
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

// At a neighbour the same record makes the same view, and names of reach hub never come.
func TestMirroredView(t *testing.T) {
	a, b, ctx := live(t), open(t), context.Background()
	_, err := a.SetName(ctx, Order{Actor: "m1"}, "Only here", body.Hub)
	a.must(err)
	self := a.record.Self()
	b.claim()
	own := b.tables(b.record.Self())
	for i := range a.record.Size() {
		b.extend(a, i)
	}
	if want, got := a.tables(self), b.tables(self); strings.ReplaceAll(want, onlyHere, "") != got || !strings.Contains(want, onlyHere) {
		t.Errorf("at home\n%s\nmirrored\n%s", want, got)
	}
	b.read(func(v record.View) {
		if name := b.NameOf(v, self, "m2", false); name != "Benno" {
			t.Errorf("the neighbour's member is called %q", name)
		}
	})
	if b.tables(b.record.Self()) != own {
		t.Error("a neighbour's record changed our own people")
	}
	was := b.tables(self)
	b.must(b.record.Rebuild())
	if b.tables(self) != was {
		t.Error("replay differs from live at the mirror")
	}
}

// onlyHere is the row of the name of reach hub.
const onlyHere = "spelled \"m1\" {\"text\":\"Only here\",\"reach\":\"hub\"}\n"

// extend brings an entry of a's record to b as a mirror would, with its body if that may travel and is here.
func (b *block) extend(a *block, index uint64) {
	b.t.Helper()
	self := a.record.Self()
	var entry record.Entry
	var words body.Body
	x := record.Extension{Origin: self, Verifier: note.VerifierList(a.record.Verifier()), Note: a.record.Checkpoint().Note, Start: index}
	a.read(func(v record.View) {
		e, err := v.Entry(self, index)
		a.must(err)
		entry, words = e, v.Body(self, e.Leaf)
		entry.Raw, words.Bytes = bytes.Clone(e.Raw), bytes.Clone(words.Bytes)
		x.Proof, err = v.Consistency(self, index+1, a.record.Size())
		a.must(err)
	})
	x.Entries = [][]byte{entry.Raw}
	_, err := b.record.Extend(context.Background(), x)
	b.must(err)
	if words.State == body.Here && words.Reach.Travels() {
		b.must(b.record.Shelve(context.Background(), entry, words.Salt, words.Bytes))
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
		{Kind: HouseholdAdded, By: Console, Data: record.Data(about{Household: "h4294967296"})},
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
