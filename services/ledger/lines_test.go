package ledger

import (
	"maps"
	"testing"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// line is what h knows of its line with the other hub.
func (w *town) line(h *hub, u money.Unit) (shown LineShown) {
	h.must(h.s.look(Reader{}, func(l sight) error {
		t, _ := l.TrustLine(w.other(h).id(), u)
		shown = l.line(t)
		return nil
	}))
	return shown
}

func TestALineNeedsBoth(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	ab, ba := a.lineTo(b, money.Hour), b.lineTo(a, money.Hour)
	a.refused(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 10)))("ledger.line-none")
	b.refused(b.s.TrustLine(ctx(), by("m3"), ba, 100))("ledger.stewards-only")
	b.refused(b.s.TrustLine(ctx(), by("m1"), Line{b.id(), money.Hour}, 100))("ledger.void-malformed")
	b.did(b.s.TrustLine(ctx(), by("m1"), ba, 100))
	a.refused(a.s.AgreeLine(ctx(), by("m1"), ab, 100))("ledger.line-changed")
	w.settle()
	a.refused(a.s.AgreeLine(ctx(), by("m3"), ab, 100))("ledger.stewards-only")
	a.refused(a.s.AgreeLine(ctx(), by("m1"), ab, 200))("ledger.line-changed")
	b.must(b.r.Read(func(v record.View) error {
		if !b.s.Whole(v, a.r.Self()) || b.s.Whole(v, b.r.Self()) {
			t.Error("not the hubs with lines, and those alone, are kept whole")
		}
		return nil
	}))
	if l := w.line(b, money.Hour); !l.Shut || l.Most != 0 || l.Asked == nil || l.Asked.Most != 100 {
		t.Errorf("before the yes the line is %+v", l)
	}
	a.did(a.s.AgreeLine(ctx(), by("m1"), ab, 100))
	a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 60))) // at once: b reads the yes before the payment
	a.refused(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 41)))("ledger.line-out")
	b.refused(b.s.Send(ctx(), by("m3"), b.send(a, "h4", 10)))("ledger.line-none")
	w.settle()
	a.wants(money.Hour, "h3 -60, x"+b.id()+" 60")
	b.wants(money.Hour, "h4 60, x"+a.id()+" -60")
	b.did(b.s.Send(ctx(), by("m4"), b.send(a, "h5", 60))) // back to zero, though a never let b owe anything
	b.refused(b.s.Send(ctx(), by("m4"), b.send(a, "h5", 1)))("ledger.line-out")
	w.settle()
	a.wants(money.Hour, "h3 -60, h5 60")
	w.agree(money.Hour)
}

func TestOneLowersAlone(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	w.trust(money.Hour, 100)
	a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 70)))
	b.did(b.s.TrustLine(ctx(), by("m1"), b.lineTo(a, money.Hour), 50)) // crosses the payment
	w.settle()
	a.wants(money.Hour, "") // it came back
	if p := w.payment(a); p.State != book.GivenBack {
		t.Errorf("the payment is %+v", p)
	}
	a.refused(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 51)))("ledger.line-out")
	a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 50)))
	w.settle()
	if l := w.line(b, money.Hour); l.Most != 50 || l.Balance != -50 || !l.Agrees() {
		t.Errorf("the line is %+v", l)
	}
	b.did(b.s.TrustLine(ctx(), by("m1"), b.lineTo(a, money.Hour), 0))
	b.did(b.s.Send(ctx(), by("m5"), b.send(a, "h6", 20)))
	w.settle()
	w.agree(money.Hour)
	b.refused(b.s.ShutLine(ctx(), by("m1"), b.lineTo(a, money.Hour)))("ledger.line-not-even")
	b.did(b.s.Send(ctx(), by("m5"), b.send(a, "h6", 30)))
	w.settle()
	b.did(b.s.ShutLine(ctx(), by("m1"), b.lineTo(a, money.Hour)))
	a.did(a.s.TrustLine(ctx(), by("m1"), a.lineTo(b, money.Hour), 0))
	w.settle()
	a.refused(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 1)))("ledger.line-out")
	b.refused(b.s.Send(ctx(), by("m3"), b.send(a, "h4", 1)))("ledger.line-none")
	w.agree(money.Hour)
}

// payment is the newest of h's payments to the other hub.
func (w *town) payment(h *hub) (p book.Payment) {
	h.books(func(b book.Books) {
		for i := range h.r.Size() {
			if one, ok := b.Payment(i); ok {
				p = one
			}
		}
	})
	return p
}

// A payment has no time-out. Only the other hub's answer moves it or gives it back, and a refusal says why.
func TestPaymentsAreHeldUntilAnswered(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	w.trust(money.Hour, 2000)
	a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 1100)))
	a.refused(a.s.Give(ctx(), by("m3"), hours("h4", 101)))("ledger.below-floor")
	a.did(a.s.Give(ctx(), by("m3"), hours("h4", 100)))
	a.clock.pass(1e4 * 3600e9)
	a.refused(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 1)))("ledger.below-floor")
	a.did(a.s.SetLimit(ctx(), by("m1"), book.Limited{Account: "h3", Unit: money.Hour, Limit: book.Limit{}})) // what is held moves all the same
	w.settle()
	a.wants(money.Hour, "h3 -1200, h4 100, x"+b.id()+" 1100")
	a.did(a.s.Send(ctx(), by("m5"), a.send(b, "h99", 5)))
	a.did(a.s.Send(ctx(), by("m5"), a.send(b, "h4", 101))) // beyond what h4 may have
	w.settle()
	a.wants(money.Hour, "h3 -1200, h4 100, x"+b.id()+" 1100")
	w.agree(money.Hour)
	whys := map[string]int{}
	b.must(b.s.look(Reader{}, func(l sight) error {
		for _, one := range l.arriving(a.id()) {
			whys[one.Why]++
		}
		return nil
	}))
	if want := map[string]int{"no-such-account": 1, "above-ceiling": 1}; !maps.Equal(whys, want) {
		t.Errorf("refused were %v, want %v", whys, want)
	}
	arrived := w.postingOf(a, book.FinishedKind)
	a.refused(a.s.Reverse(ctx(), by("m1"), arrived, "no"))("ledger.line-entry-stays")
	b.refused(b.s.Reverse(ctx(), by("m1"), w.postingOf(b, book.ReceivedKind), "no"))("ledger.line-entry-stays")
}

func (w *town) postingOf(h *hub, kind string) (index uint64) {
	h.books(func(b book.Books) {
		for p, err := range b.Postings(0) {
			h.must(err)
			if p.Kind == kind {
				index = p.Index
			}
		}
	})
	return index
}

func TestRecall(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	w.trust(money.Hour, 1000)
	first := a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 10)))
	a.refused(a.s.Recall(ctx(), by("m4"), first))("ledger.not-yours")
	a.did(a.s.Recall(ctx(), by("m3"), first))
	a.refused(a.s.Recall(ctx(), by("m3"), first))("ledger.recalled-already")
	w.settle() // b reads both: it has not received anything, and never will
	a.wants(money.Hour, "")
	a.refused(a.s.Recall(ctx(), by("m3"), first))("ledger.payment-over")

	second := a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 20)))
	w.mark(a)
	w.read(b, a.r.Checkpoint()) // b receives it
	a.did(a.s.Recall(ctx(), by("m1"), second))
	w.settle() // too late
	a.wants(money.Hour, "h3 -20, x"+b.id()+" 20")
	w.agree(money.Hour)
}

func TestCaps(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	w.trust(money.Hour, 500)
	a.did(a.s.CapLines(ctx(), by("m1"), book.LineCapped{Unit: money.Hour, Imports: 50, Exports: -1}))
	b.did(b.s.CapLines(ctx(), by("m1"), book.LineCapped{Unit: money.Hour, Imports: -1, Exports: 30}))
	a.refused(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 51)))("ledger.line-imports")
	a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 30)))
	a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 20))) // which b may not be owed
	a.refused(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 1)))("ledger.line-imports")
	w.settle()
	a.wants(money.Hour, "h3 -30, x"+b.id()+" 30")
	a.did(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 1)))
	b.did(b.s.Send(ctx(), by("m3"), b.send(a, "h4", 10)))
	w.settle()
	a.wants(money.Hour, "h3 -31, h4 10, x"+b.id()+" 21") // b has read that it is owed less before it answered
	w.agree(money.Hour)
}

// A hub that owes us is not heard of any more.
func TestFreezingAndWritingOff(t *testing.T) {
	w := newTown(t)
	a, b := w.a, w.b
	w.trust(money.Hour, 500)
	b.did(b.s.Send(ctx(), by("m3"), b.send(a, "h4", 120)))
	w.settle()
	lost := book.WriteoffAsked{Hub: b.id(), Unit: money.Hour, Amount: -120}
	a.refused(a.s.AskWriteoff(ctx(), by("m1"), lost, "Assembly of May"))("ledger.line-not-frozen")
	way := a.did(a.s.Send(ctx(), by("m5"), a.send(b, "h4", 20)))
	a.did(a.s.FreezeLine(ctx(), by("m1"), b.id(), true))
	a.refused(a.s.FreezeLine(ctx(), by("m1"), b.id(), true))("ledger.line-frozen-already")
	a.refused(a.s.Send(ctx(), by("m3"), a.send(b, "h4", 1)))("ledger.line-is-frozen")
	a.refused(a.s.TrustLine(ctx(), by("m1"), a.lineTo(b, money.Hour), 10))("ledger.line-is-frozen")
	a.refused(a.s.AskWriteoff(ctx(), by("m1"), lost, " "))("ledger.decision-missing")
	a.refused(a.s.AskWriteoff(ctx(), by("m3"), lost, "Assembly of May"))("ledger.stewards-only")
	ask := a.did(a.s.AskWriteoff(ctx(), by("m1"), lost, "Assembly of May"))
	a.refused(a.s.AgreeWriteoff(ctx(), by("m1"), ask))("ledger.writeoff-own")
	a.did(a.s.AgreeWriteoff(ctx(), by("m2"), ask))
	a.refused(a.s.AgreeWriteoff(ctx(), by("m2"), ask))("ledger.missing")
	a.wants(money.Hour, "h4 120, n2 -120")

	// It comes back after all. What was on its way is finished; its own side stays as it was until people there decide.
	w.settle()
	a.wants(money.Hour, "h4 120, h5 -20, n2 -120, x"+b.id()+" 20")
	if l := w.line(a, money.Hour); l.Agrees() || l.There.Balance != 100 {
		t.Errorf("the line is %+v", l)
	}
	if p := w.payment(a); p.Index != way || p.State != book.Arrived {
		t.Errorf("the payment is %+v", p)
	}
	b.did(b.s.FreezeLine(ctx(), by("m1"), a.id(), true))
	gift := book.WriteoffAsked{Hub: a.id(), Unit: money.Hour, Amount: 120}
	b.refused(b.s.AskWriteoff(ctx(), by("m1"), gift, "They forgave us"))("ledger.line-changed")
}
