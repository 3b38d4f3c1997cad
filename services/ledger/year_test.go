package ledger

import (
	"fmt"
	"math/rand/v2"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/photo"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// hostile is what somebody may write to an entry who thinks of the programs that will read it.
func hostile() []string {
	return []string{
		"help in the garden", "", "=HYPERLINK(\"http://evil\",\"pay\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "a; index:1, leaf:00", "two\nlines\n2026-01-01 * forged\n    pot:p1  1 EUR",
		"\"quoted\", with, commas", "(99) code", "! * =", "مساعدة في الحديقة", "| note", "<b>&amp;</b> ]]>", "\u202egnp.exe", "'", "=1", "  spaces  at  both ends  ",
	}
}

// liveAYear lives a year of a block: so many events of credit in three units and a fund in two, reversals, a levy and a closed period each month.
func (h *hub) liveAYear(events int) {
	h.t.Helper()
	r := rand.New(rand.NewPCG(2026, 11))
	h.fund(500_000)
	h.did(h.s.OpenPlace(ctx(), by("m1"), Opening{Letter: 'p', Name: "=Reserve()", Unit: "EUR"}))
	h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: "kwh", Decimals: 1, Limit: book.Limit{Down: 5000, Up: 5000}}))
	h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: "litre", Limit: book.Limit{Down: 900, Up: -1, Soft: true}}))
	h.did(h.s.OpenPlace(ctx(), by("m1"), Opening{Letter: 'p', Name: "Battery", Unit: "kwh", InKind: true}))
	start := h.clock.Now()
	for month := 0; month < 12; {
		h.some(r)
		h.clock.pass(time.Duration(365*24) * time.Hour / time.Duration(events))
		if passed := int(h.clock.Now().Sub(start) / (730 * time.Hour)); passed > month {
			name := start.AddDate(0, month, 0).Format("2006-01")
			h.must(h.levyFlat(name))
			h.did(h.s.ClosePeriod(ctx(), by("m1"), name))
			month = passed
		}
	}
	for range 20 {
		h.some(r) // of the open period
	}
}

func (h *hub) levyFlat(month string) error {
	_, err := h.s.Levy(ctx(), by("m1"), LevyPlan{Month: month, Unit: money.Hour, Flat: 1}, int64(h.houses))
	if err != nil && fault.Of(err).Key == "ledger.levy-changed" {
		return nil // somebody is at their floor: no levy this month
	}
	return err
}

// some does one thing that people do; what the rules refuse does not happen.
func (h *hub) some(r *rand.Rand) {
	h.t.Helper()
	house := func() int { return 1 + r.IntN(h.houses) }
	who := by(fmt.Sprintf("m%d", house()))
	memo := hostile()[r.IntN(len(hostile()))]
	day := ""
	if r.IntN(2) == 0 {
		day = h.clock.Now().AddDate(0, 0, -r.IntN(40)).Format(time.DateOnly)
	}
	var err error
	switch n := r.IntN(20); {
	case n < 12:
		t := Transfer{To: book.Account(fmt.Sprintf("h%d", house())), Unit: []money.Unit{money.Hour, "kwh", "litre"}[r.IntN(3)], Amount: 1 + r.Int64N(90), On: day, Memo: memo}
		_, err = h.s.Give(ctx(), who, t)
	case n < 14:
		g := gift(book.Account(fmt.Sprintf("h%d", house())), 1+r.Int64N(9000))
		g.On, g.Unnamed, g.Memo, g.Pot = day, r.IntN(3) == 0, memo, book.Account(fmt.Sprintf("p%d", 1+r.IntN(3)))
		_, err = h.s.Contribute(ctx(), by("m1"), g)
	case n < 16:
		h.spend(r, day)
	case n < 18:
		err = h.askAndAgree(r, memo)
	case n == 18:
		_, err = h.s.Reverse(ctx(), by("m1"), r.Uint64N(h.r.Size()), "it was wrong")
	default:
		_, err = h.s.Move(ctx(), by("m1"), book.Moved{From: "p1", To: "p2", Amount: 1 + r.Int64N(500)}, "for later")
	}
	if err != nil && fault.Of(err).Kind == fault.Internal {
		h.t.Fatal(err)
	}
}

// spend pays an expense of the fund, with a receipt that is public, or for stewards alone.
func (h *hub) spend(r *rand.Rand, day string) {
	h.t.Helper()
	b := bill(1 + r.Int64N(3000))
	b.On = day
	shot := &photo.Picture{JPEG: []byte(fmt.Sprint("picture ", r.Uint64())), Width: 60, Height: 40}
	b.Receipts = []Shots{{Original: shot}}
	if r.IntN(2) == 0 {
		b.Receipts[0].Public = shot
	}
	x := h.did(h.s.Ask(ctx(), by("m4"), b))
	h.did(h.s.Approve(ctx(), by("m5"), x))
	if _, err := h.s.Pay(ctx(), by("m1"), x); err != nil && fault.Of(err).Key != "ledger.pot-empty" {
		h.t.Fatal(err)
	}
}

func (h *hub) askAndAgree(r *rand.Rand, memo string) error {
	payer, asker := 1+r.IntN(h.houses), 1+r.IntN(h.houses)
	t := Transfer{From: book.Account(fmt.Sprintf("h%d", payer)), Unit: money.Hour, Amount: 1 + r.Int64N(60), Memo: memo}
	ref, err := h.s.Request(ctx(), by(fmt.Sprintf("m%d", asker)), t)
	if err == nil {
		_, err = h.s.Agree(ctx(), by(fmt.Sprintf("m%d", payer)), ref.Index)
	}
	return err
}
