package ledger

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// What another hub writes beside the rules changes nothing here, and is listed.
func TestHostileNeighbour(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	w.trust(money.Hour, 100)
	honest := a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 40)))
	var mine book.Citation
	a.must(a.r.Read(func(v record.View) error {
		n, err := v.Entry(v.Self(), honest)
		mine = book.Cite(n.Ref)
		return err
	}))
	sent := func(to book.Account, u money.Unit, amount int64) record.Event {
		d := book.Sent{Hub: a.id(), From: "h1", To: to, Unit: u, Amount: amount}
		return record.Event{Kind: book.SentKind, By: "m1", For: "h1", Data: record.Data(d)}
	}
	hub := func(kind string, data any) record.Event { return record.Event{Kind: kind, Data: record.Data(data)} }
	nobody := book.Citation{Origin: a.r.Self(), Leaf: record.Hex(record.Hash{1})}
	b.write(
		sent("h4", money.Hour, 101), // beyond the line
		sent("h99", money.Hour, 5),  // to nobody
		sent("h4", "EUR", 5),        // there is no line in euro
		sent("h4", money.Hour, -5),
		hub(book.SentKind, []int{1}),
		hub(book.ReceivedKind, book.Received{Payment: mine, From: "h3", To: "h4", Unit: money.Hour, Amount: 4000}), // of 40
		hub(book.ReceivedKind, book.Received{Payment: nobody, From: "h3", To: "h4", Unit: money.Hour, Amount: 50}),
		hub(book.BouncedKind, book.Bounced{Payment: mine, Why: "recalled"}), // after it said that it had it
		hub(book.LineRaisedKind, book.LineRaised{Line: 0, Agreed: mine}),
	)
	w.settle()
	a.wants(money.Hour, "")
	want := map[string]int{"ledger.void-malformed": 2, "ledger.answered-already": 1, "ledger.missing": 1}
	got, claims, whys := w.listed(a)
	if !maps.Equal(got, want) {
		t.Errorf("void are %v, want %v", got, want)
	}
	if claims != 2 {
		t.Errorf("%d claims, want those of two payments that are not in our books", claims)
	}
	if want := map[string]int{"line-in": 1, "no-such-account": 1, "line-never": 1}; !maps.Equal(whys, want) {
		t.Errorf("refused were %v, want %v", whys, want)
	}
	if l := w.line(a, money.Hour); l.Agrees() {
		t.Errorf("the statements agree: %+v", l)
	}
	a.wantVoids(map[string]int{})
}

// listed counts what a page shows of the other hub's misdeeds.
func (w *town) listed(h *hub) (voids map[string]int, claims int, whys map[string]int) {
	voids, whys = map[string]int{}, map[string]int{}
	h.must(h.s.look(Reader{}, func(l sight) error {
		for _, v := range l.theirVoids(w.other(h).id()) {
			voids[v.Why]++
		}
		for _, one := range l.arriving(w.other(h).id()) {
			whys[one.Why]++
		}
		claims = len(l.claims(w.other(h).id()))
		return nil
	}))
	return voids, claims, whys
}

// The same payment at two places of a record pays once, and the second place is listed.
func TestOnePaymentTwice(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	w.trust(money.Hour, 1000)
	b.did(b.s.Send(ctx(), by("m3"), b.send(a, "h4", 10)))
	forger := w.forger(b)
	last := forger.raws[len(forger.raws)-1]
	forger.write(last, last)
	a.must(forger.tell(a))
	a.rest()
	a.wants(money.Hour, "h4 10, x"+b.id()+" -10")
	if got, _, _ := w.listed(a); !maps.Equal(got, map[string]int{"ledger.void-twice": 2}) {
		t.Errorf("void are %v", got)
	}
}

// forger writes on in a hub's record as whoever holds the hub's key could.
type forger struct {
	*hub
	raws   [][]byte
	stored hashes
}

func (w *town) forger(h *hub) *forger {
	f := &forger{hub: h}
	h.must(h.r.Read(func(v record.View) error {
		for n, err := range v.Entries(v.Self(), 0) {
			if err != nil {
				return err
			}
			f.write(bytes.Clone(n.Raw))
		}
		return nil
	}))
	return f
}

func (f *forger) write(raws ...[]byte) {
	for _, raw := range raws {
		more, err := tlog.StoredHashes(int64(len(f.raws)), raw, f.stored)
		f.must(err)
		f.raws, f.stored = append(f.raws, raw), append(f.stored, more...)
	}
}

// tell brings the forged record to another hub.
func (f *forger) tell(to *hub) error {
	var have uint64
	to.must(to.r.Read(func(v record.View) error { have = v.Size(f.r.Self()); return nil }))
	_, err := to.r.Extend(ctx(), record.Extension{
		Origin: f.r.Self(), Verifier: note.VerifierList(f.r.Verifier()), Note: f.signed(), Start: have, Entries: f.raws[have:],
	})
	return err
}

func (f *forger) signed() []byte {
	root, err := tlog.TreeHash(int64(len(f.raws)), f.stored)
	f.must(err)
	seed := append([]byte{1}, f.r.Key().Seed()...) // 1 is Ed25519, as package note spells keys
	name, id := f.r.Verifier().Name(), f.r.Verifier().KeyHash()
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, id, base64.StdEncoding.EncodeToString(seed)))
	f.must(err)
	text := fmt.Sprintf("%s\n%d\n%s\n", f.r.Self(), len(f.raws), base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	f.must(err)
	return signed
}

// hashes are those of a tree, in the order of package tlog.
type hashes []tlog.Hash

func (s hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, i := range indexes {
		all = append(all, s[i])
	}
	return all, nil
}

// What our own commands would never write is void when it stands in our record all the same.
func TestForgedLineEventsAreVoid(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	w.trust(money.Hour, 500)
	sent := a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 40)))
	b.did(b.s.Send(ctx(), by("m5"), b.send(a, "h6", 30)))
	w.settle()
	theirs := book.Citation{Origin: b.r.Self(), Leaf: w.payment(b).Leaf}
	fresh := func(n byte) book.Citation {
		return book.Citation{Origin: b.r.Self(), Leaf: record.Hex(record.Hash{n})}
	}
	hub := func(kind string, data any) record.Event { return record.Event{Kind: kind, Data: record.Data(data)} }
	received := func(c book.Citation, to book.Account, amount int64) record.Event {
		return hub(book.ReceivedKind, book.Received{Payment: c, From: "h1", To: to, Unit: money.Hour, Amount: amount})
	}
	a.write(
		received(theirs, "h6", 30), // again
		hub(book.BouncedKind, book.Bounced{Payment: theirs, Why: "recalled"}),
		received(fresh(1), "h6", 511), // beyond the line
		received(fresh(2), "p1", 5),
		received(book.Citation{Origin: a.r.Self(), Leaf: theirs.Leaf}, "h6", 5),
		hub(book.BouncedKind, book.Bounced{Payment: fresh(3), Why: "Because!"}),
		hub(book.FinishedKind, book.Finished{Sent: sent, Answer: fresh(4), Received: true}), // again
		hub(book.FinishedKind, book.Finished{Sent: 0, Answer: fresh(4), Received: true}),
		hub(book.LineRaisedKind, book.LineRaised{Line: 0, Agreed: fresh(4)}),
		record.Event{Kind: book.FinishedKind, By: "m1", Data: record.Data(book.Finished{Sent: sent, Answer: fresh(4)})},
		record.Event{Kind: book.SentKind, By: "m3", For: "h4", Data: record.Data(book.Sent{Hub: b.id(), From: "h3", To: "h1", Unit: money.Hour, Amount: 1})},
		record.Event{Kind: book.RecalledKind, By: "m3", For: "h3", Data: record.Data(book.Recalled{Sent: sent})},
	)
	a.wantVoids(map[string]int{"ledger.answered-already": 2, "ledger.line-in": 1, "ledger.no-such-account": 1, "ledger.void-malformed": 4,
		"ledger.payment-over": 2, "ledger.missing": 2})
	a.wants(money.Hour, "h3 -40, h6 30, x"+b.id()+" 10")
}
