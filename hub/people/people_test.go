package people

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// block is a hub's people on a real record, with a clock that the test moves and a hash that is cheap and counted.
type block struct {
	*People
	t      *testing.T
	record *record.Record
	hashes atomic.Int64
	ahead  atomic.Int64 // nanoseconds before the real clock
}

func open(t *testing.T) *block {
	t.Helper()
	b := &block{People: New(), t: t}
	b.secrets.derive = func(secret, salt []byte) []byte {
		b.hashes.Add(1)
		sum := sha256.Sum256(append(append([]byte(nil), salt...), secret...))
		return sum[:]
	}
	db, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }
	b.record, err = record.Open(db, record.Options{Services: []record.Service{b.People}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	b.People.Open(b.record, Options{})
	t.Cleanup(func() { b.record.Close(); db.Close() })
	return b
}

func (b *block) later(d time.Duration) { b.ahead.Add(int64(d)) }

func (b *block) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// refused checks that an error is the fault with this key.
func (b *block) refused(err error, key string) {
	b.t.Helper()
	if err == nil || fault.Of(err).Key != key {
		b.t.Fatalf("got %v, want %s", err, key)
	}
}

func (b *block) read(f func(v record.View)) {
	b.t.Helper()
	b.must(b.record.Read(func(v record.View) error { f(v); return nil }))
}

// claim makes the first steward, m1 of h1.
func (b *block) claim() Welcome {
	b.t.Helper()
	code, err := b.Claim(context.Background())
	b.must(err)
	w, err := b.UseClaim(context.Background(), Order{}, Newcomer{
		Code: code, Household: "Third floor", Name: "Ana", Display: "Ana from above", Secret: "a long secret", Language: "en",
	}, From{Address: "10.0.0.1", Device: "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"})
	b.must(err)
	return w
}

// join invites by m1 and lets somebody in under a name.
func (b *block) join(in Inviting, name string) Welcome {
	b.t.Helper()
	i, _, err := b.Invite(context.Background(), Order{Actor: "m1"}, in)
	b.must(err)
	w, err := b.Join(context.Background(), Order{}, Newcomer{Code: i.Code, Name: name, Display: name, Secret: name + " and more"}, From{})
	b.must(err)
	return w
}

// kinds lists the record's events from an index on.
func (b *block) kinds(from uint64) string {
	var all []string
	b.read(func(v record.View) {
		for e, err := range v.Entries(v.Self(), from) {
			b.must(err)
			all = append(all, e.Kind)
		}
	})
	return strings.Join(all, " ")
}

// tables spells out what the view holds of an origin, for comparison.
func (b *block) tables(o record.Origin) string {
	var out bytes.Buffer
	b.read(func(v record.View) {
		for _, name := range []string{"household", "member", "spelled"} {
			for k, value := range v.Table("people", name).Prefix(originKey(o)) {
				fmt.Fprintf(&out, "%s %q %s\n", name, k[32:], value)
			}
		}
	})
	return out.String()
}

func TestOneLife(t *testing.T) {
	b, ctx := open(t), context.Background()
	w := b.claim()
	if w.Member != "m1" || w.Household != "h1" || w.Token == "" {
		t.Fatalf("the claim made %+v", w)
	}
	want := "claim.made household.added household.named member.joined member.named claim.used steward.appointed"
	if got := b.kinds(0); got != want {
		t.Fatalf("events\n%s, want\n%s", got, want)
	}
	ana, err := b.Session(w.Token)
	b.must(err)
	if ana.Member != "m1" || !ana.Steward || ana.Name != "Ana from above" || ana.Language != "en" {
		t.Fatalf("the session is %+v", ana)
	}
	ben := b.join(Inviting{Name: "Ground floor"}, "Ben")
	if ben.Member != "m2" || ben.Household != "h2" {
		t.Fatalf("joined as %+v", ben)
	}
	again, err := b.SignIn(ctx, "BEN", "Ben and more", From{})
	b.must(err)
	if again.Member != "m2" || again.Token == ben.Token || again.Ref != ben.Ref {
		t.Fatalf("signed in as %+v", again)
	}
	phone, err := b.Session(again.Token)
	b.must(err)
	b.must(b.Revoke(ctx, Order{Actor: "m2"}, phone.Session))
	b.refused(b.Revoke(ctx, Order{Actor: "m1"}, ana.Session+"0"), "people.no-such-session")
	_, err = b.Session(again.Token)
	b.refused(err, "people.session-ended")
	if v, err := b.Session(ben.Token); err != nil || v.Steward {
		t.Fatalf("the other session: %+v, %v", v, err)
	}
}

func TestClaimCodes(t *testing.T) {
	b, ctx := open(t), context.Background()
	first, err := b.Claim(ctx)
	b.must(err)
	second, err := b.Claim(ctx)
	b.must(err)
	b.refused(b.Claimable(first, From{}), "people.claim-void")
	b.must(b.Claimable(strings.ToLower(strings.ReplaceAll(second, "-", " ")), From{}))
	n := Newcomer{Code: second, Household: "One", Name: "ana", Secret: "a long secret"}
	_, err = b.UseClaim(ctx, Order{}, n, From{})
	b.must(err)
	n.Name = "eve"
	_, err = b.UseClaim(ctx, Order{}, n, From{})
	b.refused(err, "people.claim-void")
	b.read(func(v record.View) {
		if !b.Claimed(v) {
			t.Error("a claimed hub says that it is not")
		}
	})
}

func TestJoinRules(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	i, _, err := b.Invite(ctx, Order{Actor: "m1"}, Inviting{Name: "Two"})
	b.must(err)
	good := Newcomer{Code: i.Code, Name: "cem", Secret: "long enough"}
	for key, spoil := range map[string]func(*Newcomer){
		"people.sign-in-name-missing": func(n *Newcomer) { n.Name = " \u200b " },
		"people.sign-in-name-taken":   func(n *Newcomer) { n.Name = "ＡＮＡ" },
		"people.secret-short":         func(n *Newcomer) { n.Secret = "short" },
		"people.secret-odd":           func(n *Newcomer) { n.Secret = strings.Repeat("x", 300) },
		"people.secret-is-name":       func(n *Newcomer) { n.Name, n.Secret = "cemcemcem", "CemCemCem" },
		"people.language-odd":         func(n *Newcomer) { n.Language = "not a tag" },
		"people.reach-odd":            func(n *Newcomer) { n.Reach = body.Stewards },
		"people.name-odd":             func(n *Newcomer) { n.Display = "a\x00b" },
		"people.invitation-void":      func(n *Newcomer) { n.Code = "00000-00000" },
	} {
		n := good
		spoil(&n)
		_, err := b.Join(ctx, Order{}, n, From{})
		b.refused(err, key)
	}
	_, err = b.Join(ctx, Order{}, good, From{})
	b.must(err)
	good.Name = "dia"
	_, err = b.Join(ctx, Order{}, good, From{})
	b.refused(err, "people.invitation-void")
	_, _, err = b.Invite(ctx, Order{Actor: "m2"}, Inviting{Name: "Three"})
	b.refused(err, "people.stewards-only")
	late, _, err := b.Invite(ctx, Order{Actor: "m1"}, Inviting{Household: "h2"})
	b.must(err)
	b.later(invitationLife + time.Minute)
	good.Code = late.Code
	_, err = b.Join(ctx, Order{}, good, From{})
	b.refused(err, "people.invitation-void")
}

func TestJoiningTwiceIsOnce(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	o := Order{Actor: "m1", Key: "form-1", Content: []byte("x")}
	first, _, err := b.Invite(ctx, o, Inviting{Name: "Two"})
	b.must(err)
	second, r, err := b.Invite(ctx, o, Inviting{Name: "Two"})
	b.must(err)
	if first.Code != second.Code || !r.Repeat {
		t.Fatalf("two taps made %q and %q", first.Code, second.Code)
	}
	n := Newcomer{Code: first.Code, Name: "ben", Secret: "long enough"}
	once, err := b.Join(ctx, Order{Key: "k"}, n, From{})
	b.must(err)
	twice, err := b.Join(ctx, Order{Key: "k"}, n, From{})
	b.must(err)
	if once.Member != twice.Member || once.Ref != twice.Ref {
		t.Fatalf("%+v is not %+v", twice, once)
	}
	for _, token := range []string{once.Token, twice.Token} {
		_, err := b.Session(token)
		b.must(err)
	}
	n.Secret = "another one"
	_, err = b.Join(ctx, Order{Key: "k"}, n, From{})
	b.refused(err, "people.sign-in-wrong")
}

func TestInvitedBack(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	ben := b.join(Inviting{Name: "Two"}, "ben")
	bearer, _, err := b.MakeToken(ctx, Order{Actor: "m2"}, "m2", "script")
	b.must(err)
	stale, _, err := b.Invite(ctx, Order{Actor: "m1"}, Inviting{Member: "m2"})
	b.must(err)
	back, _, err := b.Invite(ctx, Order{Actor: "m1"}, Inviting{Member: "m2"})
	b.must(err)
	_, err = b.Session(ben.Token) // until the invitation is used nothing ends
	b.must(err)
	_, err = b.Opened(stale.Code, From{})
	b.refused(err, "people.invitation-void")
	size := b.record.Size()
	w, err := b.Join(ctx, Order{}, Newcomer{Code: back.Code, Name: "benno", Secret: "quite another"}, From{})
	b.must(err)
	if w.Member != "m2" || b.kinds(size) != "member.returned" {
		t.Fatalf("came back as %s with %s", w.Member, b.kinds(size))
	}
	_, err = b.Session(ben.Token)
	b.refused(err, "people.session-ended")
	_, err = b.Bearer(bearer)
	b.refused(err, "people.session-ended")
	_, err = b.SignIn(ctx, "ben", "ben and more", From{})
	b.refused(err, "people.sign-in-wrong")
	_, err = b.SignIn(ctx, "benno", "quite another", From{})
	b.must(err)
	if v, _ := b.Session(w.Token); v.Name != "ben" {
		t.Errorf("the displayed name became %q", v.Name)
	}
}

func TestRecovery(t *testing.T) {
	b, ctx := open(t), context.Background()
	w := b.claim()
	o := Order{Actor: "m1", Key: "card"}
	codes, err := b.MakeCard(ctx, o)
	b.must(err)
	b.read(func(v record.View) {
		shown, err := b.ShownCard(v, o)
		if err != nil || len(codes) != cardSize || strings.Join(shown, " ") != strings.Join(codes, " ") {
			t.Fatalf("made %v, shown %v, %v", codes, shown, err)
		}
	})
	_, err = b.Recover(ctx, "ana", "00000-00000", "a new secret", From{})
	b.refused(err, "people.recovery-wrong")
	_, err = b.Recover(ctx, "nobody", codes[0], "a new secret", From{})
	b.refused(err, "people.recovery-wrong")
	fresh, err := b.Recover(ctx, "ANA", strings.ToLower(codes[0]), "a new secret", From{})
	b.must(err)
	_, err = b.Recover(ctx, "ana", codes[0], "a new secret", From{})
	b.refused(err, "people.recovery-wrong")
	_, err = b.Session(w.Token)
	b.refused(err, "people.session-ended")
	_, err = b.Session(fresh.Token)
	b.must(err)
	_, err = b.SignIn(ctx, "ana", "a new secret", From{})
	b.must(err)
	b.read(func(v record.View) {
		if left := b.CodesLeft(v, "m1"); left != cardSize-1 {
			t.Errorf("%d codes left", left)
		}
		_, err := b.ShownCard(v, o)
		b.refused(err, "people.shown-before")
	})
}
