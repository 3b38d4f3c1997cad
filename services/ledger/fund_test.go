package ledger

import (
	"testing"

	"commonhub/hub/photo"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// fund opens the pot p1 of EUR with so many cents in it, and the purpose s1.
func (h *hub) fund(cents int64) {
	h.t.Helper()
	h.did(h.s.OpenPlace(ctx(), by("m1"), Opening{Letter: 'p', Name: "Common pot", Unit: "EUR", Target: 100_000}))
	h.did(h.s.OpenPlace(ctx(), by("m1"), Opening{Letter: 's', Name: "Tools"}))
	if cents > 0 {
		h.did(h.s.Contribute(ctx(), by("m1"), gift("h3", cents)))
	}
}

func gift(giver book.Account, cents int64) Contribution {
	return Contribution{Contributed: book.Contributed{Pot: "p1", Amount: cents}, Giver: giver, Memo: "at the summer party"}
}

func bill(cents int64) Bill {
	return Bill{Asked: book.Asked{Pot: "p1", Purpose: "s1", Amount: cents, On: "2026-02-27"}, Memo: "A drill"}
}

func TestExpense(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.fund(5000)
	x := h.did(s.Ask(ctx(), by("m4"), bill(4999)))
	h.refused(s.Approve(ctx(), by("m4"), x))("ledger.own-expense")
	h.refused(s.Pay(ctx(), by("m1"), x))("ledger.expense-is-asked")
	h.refused(s.Return(ctx(), by("m5"), x, ""))("ledger.reason-missing")
	h.did(s.Return(ctx(), by("m5"), x, "Which shop?"))
	h.refused(s.Approve(ctx(), by("m5"), x))("ledger.expense-is-returned")
	h.refused(s.Mend(ctx(), by("m5"), x, bill(4000)))("ledger.not-yours")
	h.did(s.Mend(ctx(), by("m4"), x, bill(4000)))
	h.did(s.Approve(ctx(), by("m5"), x))
	h.refused(s.Pay(ctx(), by("m5"), x))("ledger.stewards-only")
	paid := h.did(s.Pay(ctx(), by("m1"), x))
	h.refused(s.Pay(ctx(), by("m1"), x))("ledger.expense-is-paid")
	h.wants("EUR", "p1 1000, g1 -5000, s1 4000")
	h.did(s.Reverse(ctx(), by("m1"), paid, "Paid twice"))
	h.wants("EUR", "p1 5000, g1 -5000")
	h.did(s.Refuse(ctx(), by("m1"), x, "It was ours before"))
	h.books(func(b book.Books) {
		e, ok := b.Expense(x)
		if !ok || e.State != book.Refused || e.Amount != 4000 || len(e.Steps) != 5 || len(b.OpenExpenses()) != 0 {
			t.Errorf("the expense is %+v", e)
		}
	})
}

func TestPotsAreNeverOverdrawn(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.fund(1000)
	x := h.did(s.Ask(ctx(), by("m4"), bill(1001)))
	h.did(s.Approve(ctx(), by("m5"), x))
	h.refused(s.Pay(ctx(), by("m1"), x))("ledger.pot-empty")
	h.did(s.OpenPlace(ctx(), by("m1"), Opening{Letter: 'p', Name: "Reserve", Unit: "EUR"}))
	h.refused(s.Move(ctx(), by("m1"), book.Moved{From: "p1", To: "p2", Amount: 1001}, "For later"))("ledger.pot-empty")
	h.did(s.Move(ctx(), by("m1"), book.Moved{From: "p1", To: "p2", Amount: 400}, "For later"))
	h.wants("EUR", "p1 600, p2 400, g1 -1000")
}

func TestGifts(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.fund(0)
	h.refused(s.Contribute(ctx(), by("m3"), gift("h3", 5)))("ledger.stewards-only")
	h.refused(s.Contribute(ctx(), by("m1"), gift("h77", 5)))("ledger.no-such-account")
	pledge := h.did(s.Pledge(ctx(), by("m3"), book.Pledged{Pot: "p1", Amount: 700}, "on Friday"))
	lost := h.did(s.Pledge(ctx(), by("m4"), book.Pledged{Pot: "p1", Amount: 1}, ""))
	h.refused(s.Unpledge(ctx(), by("m3"), lost))("ledger.not-yours")
	h.did(s.Unpledge(ctx(), by("m4"), lost))
	kept := gift("h3", 650)
	kept.Pledge = &pledge
	h.did(s.Contribute(ctx(), by("m1"), kept))
	h.refused(s.Contribute(ctx(), by("m1"), kept))("ledger.pledge-over")
	secret := gift("h5", 50)
	secret.Unnamed = true
	index := h.did(s.Contribute(ctx(), by("m1"), secret))
	h.must(h.r.Read(func(v record.View) error {
		n, err := v.Entry(v.Self(), index)
		if err == nil && (n.For != "" || n.Reach != "stewards") {
			t.Errorf("the unnamed gift is told as %s", n.Raw)
		}
		return err
	}))
	h.did(s.SetRule(ctx(), by("m1"), book.RuleUnnamed, 0))
	h.refused(s.Contribute(ctx(), by("m1"), secret))("ledger.unnamed-refused")
	h.wants("EUR", "p1 700, g1 -700")
}

func TestBudgetsAndPeriods(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.fund(9000)
	spend := func(cents int64) {
		x := h.did(s.Ask(ctx(), by("m4"), bill(cents)))
		h.did(s.Approve(ctx(), by("m5"), x))
		h.did(s.Pay(ctx(), by("m1"), x))
	}
	h.did(s.SetBudget(ctx(), by("m1"), book.Budgeted{Purpose: "s1", Unit: "EUR", From: "2026-03", Until: "2026-04", Amount: 5000}))
	spend(1000)
	first := h.did(s.ClosePeriod(ctx(), by("m1"), "2026-03"))
	h.clock.pass(31 * 24 * 3600e9)
	spend(300)
	h.refused(s.ClosePeriod(ctx(), by("m1"), "2026-03"))("ledger.period-taken")
	second := h.did(s.ClosePeriod(ctx(), by("m1"), "2026-04"))
	h.clock.pass(31 * 24 * 3600e9)
	spend(7)
	h.books(func(b book.Books) {
		if spent := b.Spent(b.Budgets()[0]); spent != 1300 {
			t.Errorf("spent %d of the budget, want 1300", spent)
		}
		p, _ := b.PeriodNamed("2026-04")
		if p.First != first+1 || p.Last != second || b.Periods() != 2 {
			t.Errorf("the second period is %+v", p)
		}
		if n := len(b.Months()); n != 3 {
			t.Errorf("%d months", n)
		}
	})
	h.did(s.SetBudget(ctx(), by("m1"), book.Budgeted{Purpose: "s1", Unit: "EUR", From: "2026-03", Until: "2026-04"}))
	h.books(func(b book.Books) {
		if len(b.Budgets()) != 0 {
			t.Error("the budget was not taken back")
		}
	})
}

func TestReceipts(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.fund(0)
	shot := &photo.Picture{JPEG: []byte("a picture"), Width: 60, Height: 40}
	b := bill(100)
	b.Receipts = []Shots{{Original: shot, Public: shot}, {Original: shot}}
	x := h.did(s.Ask(ctx(), by("m4"), b))
	h.refused(s.Attach(ctx(), by("m5"), x, b.Receipts))("ledger.not-yours")
	h.did(s.Attach(ctx(), by("m4"), x, b.Receipts[:1]))
	h.books(func(b book.Books) {
		e, _ := b.Expense(x)
		if len(e.Originals) != 3 || len(e.Public) != 2 {
			t.Errorf("receipts: %v and %v", e.Originals, e.Public)
		}
	})
	for range 5 {
		h.did(s.Attach(ctx(), by("m4"), x, b.Receipts[1:]))
	}
	h.refused(s.Attach(ctx(), by("m4"), x, b.Receipts[1:]))("ledger.many-receipts")
}

func TestOpening(t *testing.T) {
	h := newHub(t)
	s := h.s
	h.fund(0)
	h.did(s.Carry(ctx(), by("m1"), []book.Leg{{Account: "h3", Unit: "hour", Amount: -60}, {Account: "p1", Unit: "EUR", Amount: 500}, {Account: "h4", Unit: "hour", Amount: 90}}))
	h.wants("hour", "h3 -60, h4 90, n3 -30")
	h.wants("EUR", "p1 500, n3 -500")
	h.refused(s.Carry(ctx(), by("m1"), []book.Leg{{Account: "p9", Unit: "EUR", Amount: 5}}))("ledger.void-malformed")
	h.refused(s.Carry(ctx(), by("m1"), []book.Leg{{Account: "h3", Unit: "kwh", Amount: 5}}))("ledger.unit-unknown")
	h.refused(s.OpenPlace(ctx(), by("m1"), Opening{Letter: 'p', Name: "Odd", Unit: "kwh"}))("ledger.unit-unknown")
	h.did(s.Admit(ctx(), by("m1"), book.Admitted{Unit: "kwh", Decimals: 1, Limit: book.Limit{Down: 100, Up: -1}}))
	h.refused(s.Admit(ctx(), by("m1"), book.Admitted{Unit: "kwh", Limit: book.Limit{Down: 100, Up: -1}}))("ledger.decimals-fixed")
	h.did(s.OpenPlace(ctx(), by("m1"), Opening{Letter: 'p', Name: "Battery", Unit: "kwh", InKind: true}))
	sun := gift("h3", 42)
	sun.Pot = "p2"
	h.did(s.Contribute(ctx(), by("m1"), sun))
	h.wants("kwh", "p2 42, g2 -42")
}
