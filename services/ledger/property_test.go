package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// chaos does one random thing; most make sense, many are refused.
func (h *hub) chaos(r *rand.Rand) error {
	who := by(fmt.Sprintf("m%d", 1+r.IntN(9)))
	house := func() book.Account { return book.Account(fmt.Sprintf("h%d", 1+r.IntN(10))) }
	some := func() uint64 { return r.Uint64N(h.r.Size() + 1) }
	amount := []int64{0, -1, 1, 30, 600, 1 << 40, 1 << 62}[r.IntN(7)]
	if r.IntN(2) == 0 {
		amount = 1 + r.Int64N(300)
	}
	unit := []money.Unit{money.Hour, money.Hour, money.Hour, "kwh", "EUR", "nonsense"}[r.IntN(6)]
	limit := book.Limit{Down: r.Int64N(900), Up: r.Int64N(900), Soft: r.IntN(6) == 0}
	s, err := h.s, error(nil)
	switch r.IntN(20) {
	case 0, 1, 2, 3, 4:
		_, err = s.Give(ctx(), who, Transfer{To: house(), Unit: unit, Amount: amount})
	case 5:
		_, err = s.Give(ctx(), by("m1"), Transfer{From: house(), To: house(), Unit: unit, Amount: amount})
	case 6:
		_, err = s.Request(ctx(), who, Transfer{From: house(), Unit: unit, Amount: amount})
	case 7:
		_, err = s.Agree(ctx(), who, some())
	case 8:
		_, err = s.Decline(ctx(), who, some())
	case 9, 10:
		_, err = s.Reverse(ctx(), by("m1"), some(), "because")
	case 11:
		_, err = s.SetLimit(ctx(), by("m1"), book.Limited{Account: house(), Unit: unit, Limit: limit})
	case 12:
		_, err = s.Admit(ctx(), by("m1"), book.Admitted{Unit: unit, Decimals: r.IntN(3), Limit: limit})
	case 13:
		err = h.randomLevy(r, unit)
	case 14:
		g := gift(house(), amount)
		g.Unnamed, g.Pot = r.IntN(2) == 0, book.Account(fmt.Sprintf("p%d", 1+r.IntN(3)))
		_, err = s.Contribute(ctx(), by("m1"), g)
	case 15:
		_, err = s.Ask(ctx(), who, bill(amount))
	case 16:
		_, err = s.Approve(ctx(), who, some())
	case 17:
		_, err = s.Pay(ctx(), by("m1"), some())
	case 18:
		_, err = s.OpenPlace(ctx(), by("m1"), Opening{Letter: "psn"[r.IntN(3)], Name: "x", Unit: unit})
	case 19:
		_, err = s.ClosePeriod(ctx(), by("m1"), fmt.Sprint("p", r.IntN(30)))
	}
	return err
}

func (h *hub) randomLevy(r *rand.Rand, u money.Unit) error {
	p := LevyPlan{Month: fmt.Sprintf("2026-%02d", 1+r.IntN(12)), Unit: u, Flat: r.Int64N(20), Permille: r.Int64N(30)}
	var total int64
	err := h.r.Read(func(v record.View) error {
		shares, err := h.s.PreviewLevy(v, p)
		total = sumOf(shares)
		return err
	})
	if err == nil {
		_, err = h.s.Levy(ctx(), by("m1"), p, total)
	}
	return err
}

// Whatever is ordered: sums are zero, nobody crosses a hard limit by a move of theirs, nothing that a command wrote is void, and both a
// rebuild and an auditor without a hub come to the same books.
func TestAnyCommands(t *testing.T) {
	for seed := range uint64(6) {
		h, r := newHub(t), rand.New(rand.NewPCG(seed, 4))
		h.fund(5000)
		worked := 0
		for range 400 {
			before := h.lines()
			if err := h.chaos(r); err != nil {
				if fault.Of(err).Kind == fault.Internal {
					t.Fatal(err)
				}
				continue
			}
			worked++
			h.keptLimits(before)
		}
		if worked < 80 {
			t.Fatalf("seed %d: only %d commands worked, so that little was tried", seed, worked)
		}
		h.wantVoids(map[string]int{})
		live := h.tables()
		h.must(h.r.Rebuild())
		if live != h.tables() {
			t.Fatalf("seed %d: a rebuild came to other books", seed)
		}
		h.audited()
	}
}

func (h *hub) lines() (all map[book.Leg]book.Totals) {
	all = map[book.Leg]book.Totals{}
	h.books(func(b book.Books) {
		for _, one := range b.Balances() {
			all[book.Leg{Account: one.Account, Unit: one.Unit}] = one.Totals
		}
	})
	return all
}

// keptLimits tells whether what changed since before stays within hard limits, or at least came closer to them.
func (h *hub) keptLimits(before map[book.Leg]book.Totals) {
	h.t.Helper()
	h.books(func(b book.Books) {
		h.must(b.Check())
		for at, now := range h.lines() {
			limit, limited := b.LimitOf(at.Account, at.Unit)
			free, was := now.Balance-now.Held, before[at].Balance-before[at].Held // what is held is asked for when it is held
			down := limit.Down >= 0 && free < -limit.Down && free < was
			up := limit.Up >= 0 && now.Balance > limit.Up && now.Balance > before[at].Balance
			if limited && !limit.Soft && (down || up) {
				h.t.Fatalf("%s went from %d to %d %s, beyond %+v", at.Account, before[at].Balance, now.Balance, at.Unit, limit)
			}
		}
	})
}

// audited replays the record in memory.
func (h *hub) audited() {
	h.t.Helper()
	paper := book.On(book.NewMemory())
	h.must(h.r.Read(func(v record.View) error {
		for n, err := range v.Entries(v.Self(), 0) {
			if err != nil {
				return err
			}
			if void, err := paper.Enter(n); err != nil || void != nil {
				return fmt.Errorf("event %d is void: %v, %v", n.Index, void, err)
			}
		}
		return nil
	}))
	h.books(func(b book.Books) {
		if got, want := fmt.Sprint(paper.Balances()), fmt.Sprint(b.Balances()); got != want {
			h.t.Errorf("an auditor comes to %s, the hub to %s", got, want)
		}
	})
}

// What a hub's own commands would refuse is void when it stands in the record all the same.
func TestForgedEventsAreVoid(t *testing.T) {
	h := newHub(t)
	h.fund(1000)
	x := h.did(h.s.Ask(ctx(), by("m4"), bill(900)))
	event := func(kind, member, household string, data any) record.Event {
		return record.Event{Kind: kind, By: member, For: household, Data: record.Data(data)}
	}
	h.write(
		event(book.ApprovedKind, "m4", "h4", book.OfExpense{Expense: x}),
		event(book.PaidKind, "m1", "h1", book.OfExpense{Expense: x}),
		event(book.GivenKind, "m4", "h4", book.Given{From: "h3", To: "h4", Unit: money.Hour, Amount: 5}),
		event(book.GivenKind, "m4", "h4", book.Given{From: "h4", To: "h3", Unit: money.Hour, Amount: 5000}),
		event(book.GivenKind, "", "h4", book.Given{From: "h4", To: "h3", Unit: money.Hour, Amount: 5}),
		event(book.GivenKind, "m4", "h4", map[string]any{"from": "h4", "to": "h3", "unit": "hour", "amount": 1e30}),
		event(book.ReversedKind, "m1", "h1", book.Reversed{Entry: x - 1}),
		event("ledger.gifted", "m1", "h1", nil),
		event(book.CarriedKind, "m1", "h1", book.Carried{Legs: []book.Leg{{Account: "h3", Unit: "hour", Amount: 1 << 62}, {Account: "h3", Unit: "hour", Amount: 1 << 62}}}),
	)
	h.wantVoids(map[string]int{"ledger.own-expense": 1, "ledger.expense-is-asked": 1, "ledger.void-malformed": 5, "ledger.below-floor": 1, "ledger.void-unknown": 1})
	h.wants(money.Hour, "")
	h.wants("EUR", "p1 1000, g1 -1000")
}
