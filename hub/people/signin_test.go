package people

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// The time that a sign-in takes is the hashing; so equal work is asserted, not equal time.
func TestUnknownNamesDoTheSameWork(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	work := func(name string) (int64, string) {
		before := b.hashes.Load()
		_, err := b.SignIn(ctx, name, "wrong secret", From{Address: name})
		return b.hashes.Load() - before, err.Error()
	}
	known, says := work("ana")
	unknown, alsoSays := work("nobody")
	if known != 1 || unknown != 1 || says != alsoSays {
		t.Errorf("a known name costs %d and says %q, an unknown one %d and %q", known, says, unknown, alsoSays)
	}
}

func TestAttemptsPerNameAreBounded(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	for _, name := range []string{"ana", "nobody"} {
		for i := range nameBurst {
			_, err := b.SignIn(ctx, name, "wrong secret", From{Address: fmt.Sprint(name, i)})
			b.refused(err, "people.sign-in-wrong")
		}
		before := b.hashes.Load()
		_, err := b.SignIn(ctx, strings.ToUpper(name), "a long secret", From{Address: "elsewhere"})
		b.refused(err, "people.too-many")
		if b.hashes.Load() != before {
			t.Error("a refused attempt was hashed")
		}
	}
}

func TestAttemptsPerAddressAreBounded(t *testing.T) {
	b, ctx := open(t), context.Background()
	b.claim()
	refused := 0
	for i := range addressBurst + 5 {
		_, err := b.Join(ctx, Order{}, Newcomer{Code: fmt.Sprint(i), Name: "x", Secret: "long enough"}, From{Address: "10.0.0.7"})
		if fault.Is(err, fault.TooMany) {
			refused++
		}
	}
	if refused == 0 {
		t.Error("codes may be guessed without end")
	}
	if b.hashes.Load() != 1 { // that of the claim
		t.Errorf("guessed codes cost %d hashes", b.hashes.Load()-1)
	}
}

func TestFoldedNames(t *testing.T) {
	for spelled, want := range map[string]string{
		"  Ana  Maria ": "ana maria", "STRASSE": "strasse", "Straße": "strasse", "ＡＮＡ": "ana", "ﬁn": "fin",
		"أحمد": "أحمد", "أ\u0640حمد\u200f": "أ\u0640حمد", "a\u200bna": "ana", "E\u0301va": "éva",
	} {
		if got, err := foldName(spelled); got != want || err != nil {
			t.Errorf("%q folds to %q (%v), want %q", spelled, got, err, want)
		}
	}
	for _, bad := range []string{"", "\u200b", "a\x07b", "\xff", strings.Repeat("a", 61), strings.Repeat("a", 5000)} {
		if got, err := foldName(bad); err == nil {
			t.Errorf("%q folds to %q", bad, got)
		}
	}
}

func TestSecretQueueIsBounded(t *testing.T) {
	s := newSecrets()
	release, working := make(chan struct{}), make(chan struct{})
	s.derive = func(secret, salt []byte) []byte { working <- struct{}{}; <-release; return nil }
	done := make(chan error, waiting)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { _, err := s.seal(context.Background(), "first"); done <- err }()
	<-working
	for range waiting - 1 {
		go func() { _, err := s.seal(ctx, "next"); done <- err }()
	}
	deadline := time.Now().Add(time.Minute)
	for len(s.places) < waiting && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if _, err := s.seal(context.Background(), "one too many"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a full queue says %v", err)
	}
	cancel() // those who wait give up, the one who works goes on
	for range waiting - 1 {
		if err := <-done; !fault.Is(err, fault.Unavailable) {
			t.Errorf("who gave up got %v", err)
		}
	}
	close(release)
	if err := <-done; err != nil {
		t.Errorf("the one at work got %v", err)
	}
}

func TestArgon2(t *testing.T) {
	s, ctx := newSecrets(), context.Background()
	k, err := s.seal(ctx, "caf\u00e9 au lait")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := s.opens(ctx, k, "cafe\u0301 au lait"); !ok || err != nil {
		t.Errorf("the same secret, composed differently: %v, %v", ok, err)
	}
	if ok, _ := s.opens(ctx, k, "cafe au lait"); ok {
		t.Error("another secret opens")
	}
	if ok, _ := s.opens(ctx, lock{}, ""); ok {
		t.Error("the lock of nobody opens")
	}
}

func TestCodes(t *testing.T) {
	p := New()
	a := newCode(p.derive(Order{"m1", "k", nil}, "invite"), invitationSigns)
	if a != newCode(p.derive(Order{"m1", "k", nil}, "invite"), invitationSigns) {
		t.Error("the same order makes two codes")
	}
	for _, o := range []Order{{"m2", "k", nil}, {"m1", "l", nil}, {"m1k", "", nil}} {
		if a == newCode(p.derive(o, "invite"), invitationSigns) {
			t.Errorf("%+v makes the same code", o)
		}
	}
	if got := Spoken("K7M2P9QRTX"); got != "K7M2P-9QRTX" {
		t.Errorf("spoken %s", got)
	}
	if got := Spoken("0123456789ABCDEF"); got != "0123-4567-89AB-CDEF" {
		t.Errorf("sixteen signs are spoken %s", got)
	}
	for _, heard := range []string{"k7m2p-9qrtx", "K7M2P 9QRTX", " k7m2p٩qrtx ", "K7M2P۹QRTX"} {
		if got := typed(heard); got != "K7M2P9QRTX" {
			t.Errorf("%q is read as %s", heard, got)
		}
	}
	if typed("OIL") != "011" {
		t.Error("look-alikes are not read as what they look like")
	}
	if len(typed(strings.Repeat("7", 1<<16))) > 64 {
		t.Error("a typed code has no bound")
	}
}

func TestSettings(t *testing.T) {
	b, ctx := open(t), context.Background()
	w := b.claim()
	here, err := b.Session(w.Token)
	b.must(err)
	other, err := b.SignIn(ctx, "ana", "a long secret", From{})
	b.must(err)
	me := Order{Actor: "m1"}
	b.must(b.SetLanguage(ctx, me, "ar"))
	b.refused(b.SetLanguage(ctx, me, "??"), "people.language-odd")
	b.refused(b.ChangeSecret(ctx, me, here.Session, "not it", "something new", From{}), "people.secret-wrong")
	b.must(b.ChangeSecret(ctx, me, here.Session, "a long secret", "something new", From{}))
	_, err = b.Session(other.Token)
	b.refused(err, "people.session-ended")
	if v, err := b.Session(w.Token); err != nil || v.Language != "ar" {
		t.Errorf("the own session is %+v, %v", v, err)
	}
	_, err = b.NameHousehold(ctx, me, "h1", "Attic", body.Far)
	b.must(err)
	b.read(func(v record.View) {
		if got := b.NameOf(v, v.Self(), "h1", false); got != "Attic" {
			t.Errorf("the household is called %q", got)
		}
	})
}

func TestSessionsAndTokens(t *testing.T) {
	b, ctx := open(t), context.Background()
	w := b.claim()
	me := Order{Actor: "m1", Key: "t"}
	bearer, _, err := b.MakeToken(ctx, me, "m1", "backup script")
	b.must(err)
	for _, token := range []string{bearer, w.Token} {
		if v, err := b.Bearer(token); err != nil || !v.Bearer || v.Member != "m1" || v.Session != "" {
			t.Errorf("the bearer is %+v, %v", v, err)
		}
	}
	_, err = b.Session(bearer)
	b.refused(err, "people.session-ended")
	_, _, err = b.MakeToken(ctx, Order{Actor: "m1"}, "m2", "somebody else's")
	b.refused(err, "people.not-yours")
	var tokens []Token
	b.read(func(v record.View) {
		tokens = b.Tokens(v, "m1")
		again, err := b.ShownToken(v, me)
		if sessions := b.Sessions(v, "m1"); len(sessions) != 1 || sessions[0].Device != "Firefox, Android" || again != bearer || err != nil {
			t.Errorf("sessions %+v, token again %v", sessions, err)
		}
	})
	b.must(b.RevokeToken(ctx, me, tokens[0].ID))
	_, err = b.Bearer(bearer)
	b.refused(err, "people.session-ended")
	for range maxSessions + 3 {
		_, err := b.begun(ctx)
		b.must(err)
	}
	b.read(func(v record.View) {
		if n := len(b.Sessions(v, "m1")); n != maxSessions {
			t.Errorf("%d sessions", n)
		}
	})
}

// begun opens a session of m1 without the limits of SignIn.
func (b *block) begun(ctx context.Context) (record.Receipt, error) {
	e := newEntrance(From{})
	return b.do(ctx, Order{}, "test", func(v record.View, d *record.Decision) error { e.begin(v, d, "m1"); return nil })
}

func TestSessionsEndUnused(t *testing.T) {
	b := open(t)
	w := b.claim()
	b.later(sessionLife - time.Hour)
	_, err := b.Session(w.Token)
	b.must(err)
	b.later(sessionLife - time.Hour) // the last use was noted
	_, err = b.Session(w.Token)
	b.must(err)
	b.later(sessionLife + time.Hour)
	_, err = b.Session(w.Token)
	b.refused(err, "people.session-ended")
}
