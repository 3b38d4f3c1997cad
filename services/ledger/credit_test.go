package ledger

import (
	"testing"

	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

func TestGiving(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.did(s.Give(ctx(), by("m3"), hours("h4", 90)))
	h.wants(money.Hour, "h3 -90, h4 90")
	h.refused(s.Give(ctx(), by(""), hours("h4", 1)))("portal.sign-in-first")
	h.refused(s.Give(ctx(), by("m3"), hours("h3", 1)))("ledger.same-account")
	h.refused(s.Give(ctx(), by("m3"), hours("h77", 1)))("ledger.no-such-account")
	h.refused(s.Give(ctx(), by("m3"), hours("p1", 1)))("ledger.no-such-account")
	h.refused(s.Give(ctx(), by("m3"), hours("h4", 0)))("ledger.amount-zero")
	h.refused(s.Give(ctx(), by("m3"), hours("h4", -5)))("ledger.amount-negative")
	h.refused(s.Give(ctx(), by("m3"), hours("h4", 1<<62)))("ledger.amount-huge")
	h.refused(s.Give(ctx(), by("m3"), hours("h4", 1200-90+1)))("ledger.below-floor")
	h.refused(s.Give(ctx(), by("m3"), Transfer{To: "h4", Unit: "EUR", Amount: 1}))("ledger.unit-unknown")
	h.refused(s.Give(ctx(), by("m3"), Transfer{To: "h4", Unit: money.Hour, Amount: 1, On: "2026-02-30"}))("ledger.day-form")
	slip := hours("h5", 60)
	slip.From = "h6"
	h.refused(s.Give(ctx(), by("m3"), slip))("ledger.not-your-account")
	h.did(s.Give(ctx(), by("m1"), slip))
	h.wants(money.Hour, "h3 -90, h4 90, h5 60, h6 -60")
	h.did(s.Give(ctx(), by("m3"), hours("h4", 1200-90)))
	h.refused(s.Give(ctx(), by("m7"), hours("h4", 1)))("ledger.above-ceiling")
	h.wantVoids(map[string]int{})
}

func TestRequests(t *testing.T) {
	h := newHub(t)
	s := h.s
	want := Transfer{From: "h3", Unit: money.Hour, Amount: 30}
	first, second := h.did(s.Request(ctx(), by("m4"), want)), h.did(s.Request(ctx(), by("m4"), want))
	h.wants(money.Hour, "")
	h.refused(s.Agree(ctx(), by("m4"), first))("ledger.request-not-yours")
	h.refused(s.Decline(ctx(), by("m5"), first))("ledger.request-not-yours")
	h.did(s.Agree(ctx(), by("m3"), first))
	h.refused(s.Agree(ctx(), by("m3"), first))("ledger.request-answered")
	h.did(s.Decline(ctx(), by("m4"), second))
	h.refused(s.Agree(ctx(), by("m3"), second))("ledger.request-answered")
	h.refused(s.Agree(ctx(), by("m3"), 99))("ledger.missing")
	h.wants(money.Hour, "h3 -30, h4 30")
}

func TestReversing(t *testing.T) {
	h := newHub(t)
	s := h.s
	paid := h.did(s.Give(ctx(), by("m3"), hours("h4", 90)))
	h.refused(s.Reverse(ctx(), by("m4"), paid, " "))("ledger.reason-missing")
	h.refused(s.Reverse(ctx(), by("m3"), paid, "I changed my mind"))("ledger.reverse-not-yours")
	h.did(s.Give(ctx(), by("m4"), hours("h5", 1200)))
	h.did(s.SetLimit(ctx(), by("m1"), book.Limited{Account: "h4", Unit: money.Hour, Limit: book.Limit{Down: 1150, Up: 0}}))
	h.refused(s.Reverse(ctx(), by("m4"), paid, "It was a gift"))("ledger.below-floor")
	h.did(s.SetLimit(ctx(), by("m1"), book.Limited{Account: "h4", Unit: money.Hour, Limit: book.Limit{Down: 1200, Up: 0}}))
	undone := h.did(s.Reverse(ctx(), by("m4"), paid, "It was a gift"))
	h.wants(money.Hour, "h4 -1200, h5 1200")
	h.refused(s.Reverse(ctx(), by("m1"), paid, "again"))("ledger.reversed-already")
	h.refused(s.Reverse(ctx(), by("m1"), undone, "back"))("ledger.reversal-stays")
	h.books(func(b book.Books) {
		if by, ok := b.ReversedBy(paid); !ok || by != undone {
			t.Errorf("reversed by %d, %v", by, ok)
		}
		p, _ := b.Posting(undone)
		if !p.Reverses() || p.Of == nil || *p.Of != paid {
			t.Errorf("the reversal is %+v", p)
		}
	})
}

// Below its floor an account may still receive, and above its ceiling give.
func TestImprovingMoves(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.did(s.Give(ctx(), by("m3"), hours("h4", 600)))
	h.did(s.SetLimit(ctx(), by("m1"), book.Limited{Account: "h3", Unit: money.Hour, Limit: book.Limit{Down: 60, Up: 60}}))
	h.did(s.SetLimit(ctx(), by("m1"), book.Limited{Account: "h4", Unit: money.Hour, Limit: book.Limit{Down: 60, Up: 60}}))
	h.refused(s.Give(ctx(), by("m3"), hours("h5", 1)))("ledger.below-floor")
	h.refused(s.Give(ctx(), by("m5"), hours("h4", 1)))("ledger.above-ceiling")
	h.did(s.Give(ctx(), by("m4"), hours("h3", 10)))
	h.wants(money.Hour, "h3 -590, h4 590")
	h.did(s.SetLimit(ctx(), by("m1"), book.Limited{Account: "h3", Unit: money.Hour, Limit: book.Limit{Down: 60, Up: 60, Soft: true}}))
	h.did(s.Give(ctx(), by("m3"), hours("h5", 1)))
}

func TestIdempotency(t *testing.T) {
	h := newHub(t)
	o := Order{Member: "m3", Key: "k", Content: []byte("form")}
	first := h.did(h.s.Give(ctx(), o, hours("h4", 30)))
	if again := h.did(h.s.Give(ctx(), o, hours("h4", 30))); again != first {
		t.Errorf("the same form gave events %d and %d", first, again)
	}
	h.wants(money.Hour, "h3 -30, h4 30")
	o.Content = []byte("another form")
	h.refused(h.s.Give(ctx(), o, hours("h4", 31)))("record.key-reused")
}

func TestLevy(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.did(s.Give(ctx(), by("m3"), hours("h4", 1190)))
	plan := LevyPlan{Month: "2026-03", Unit: money.Hour, Flat: 15, Permille: 100}
	h.refused(s.Levy(ctx(), by("m3"), plan, 0))("ledger.stewards-only")
	h.refused(s.Levy(ctx(), by("m1"), plan, 1))("ledger.levy-changed")
	const total = 10 + (15 + 119) + 7*15 // h3 has only ten minutes left
	h.did(s.Levy(ctx(), by("m1"), plan, total))
	h.wants(money.Hour, "h1 -15, h2 -15, h3 -1200, h4 1056, h5 -15, h6 -15, h7 -15, h8 -15, h9 -15, n1 249")
	h.refused(s.Levy(ctx(), by("m1"), LevyPlan{Month: "2026-03", Unit: money.Hour, Flat: 1}, 8))("ledger.levied-already")
	h.refused(s.Levy(ctx(), by("m1"), LevyPlan{Month: "2026-04", Unit: money.Hour}, 0))("ledger.levy-nothing")
}
