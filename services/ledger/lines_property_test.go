package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"commonhub/hub/fault"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// across does one random thing with the other hub's line; most make sense, many are refused.
func (w *town) across(h *hub, r *rand.Rand) error {
	other, s := w.other(h), h.s
	who := by(fmt.Sprintf("m%d", 1+r.IntN(9)))
	steward := by([]string{"m1", "m2"}[r.IntN(2)])
	l := h.lineTo(other, []money.Unit{money.Hour, money.Hour, "EUR", "kwh"}[r.IntN(4)])
	some := func() uint64 { return r.Uint64N(h.r.Size() + 1) }
	amount := []int64{0, -1, 1, 30, 200, 700, 1 << 40}[r.IntN(7)]
	if r.IntN(3) > 0 {
		amount = 1 + r.Int64N(120)
	}
	var err error
	switch r.IntN(21) {
	default:
		to := book.Account(fmt.Sprintf("h%d", 1+r.IntN(11))) // h10 and h11 do not exist
		_, err = s.Send(ctx(), who, FarTransfer{Line: l, To: to, Amount: amount})
	case 0:
		err = w.recallSome(h, r, who)
	case 1:
		_, err = s.TrustLine(ctx(), steward, l, r.Int64N(600))
	case 2, 3:
		var asked int64
		h.must(h.s.look(Reader{}, func(g sight) error {
			if raise := theirTerms(g.View, l).Asked; raise != nil {
				asked = raise.Most
			}
			return nil
		}))
		_, err = s.AgreeLine(ctx(), steward, l, asked)
	case 4:
		_, err = s.FreezeLine(ctx(), steward, other.id(), r.IntN(8) == 0)
	case 5:
		c := book.LineCapped{Unit: l.Unit, Imports: []int64{-1, 100, 900}[r.IntN(3)], Exports: []int64{-1, 100, 900}[r.IntN(3)]}
		_, err = s.CapLines(ctx(), steward, c)
	case 6:
		_, err = s.ShutLine(ctx(), steward, l)
	case 7:
		_, err = s.Reverse(ctx(), steward, some(), "because")
	}
	return err
}

func (w *town) recallSome(h *hub, r *rand.Rand, who Order) error {
	var ways []book.Payment
	h.books(func(b book.Books) { ways = b.OnTheWay() })
	if len(ways) == 0 {
		return nil
	}
	p := ways[r.IntN(len(ways))]
	if r.IntN(2) == 0 {
		who.Member = p.By
	}
	_, err := h.s.Recall(ctx(), who, p.Index)
	return err
}

// Whatever two hubs order, and in whatever pieces, however late and however often their records come: when all has been read, both
// statements say the same line by line, sums are zero, and nothing is held.
func TestAnyCommandsOnTwoHubs(t *testing.T) {
	const rounds = 80
	lines, bounced, recalled := 0, 0, 0
	for seed := range uint64(rounds) {
		w, r := newTown(t), rand.New(rand.NewPCG(seed, 7))
		for _, h := range []*hub{w.a, w.b} {
			h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: "EUR", Decimals: 2, Limit: book.Limit{Down: 400, Up: 900}}))
		}
		w.a.did(w.a.s.Admit(ctx(), by("m1"), book.Admitted{Unit: "kwh", Decimals: 1, Limit: book.Limit{Down: -1, Up: -1}})) // b has none
		w.trust(money.Hour, 300)
		for range 160 {
			h := []*hub{w.a, w.b}[r.IntN(2)]
			act := w.across
			if r.IntN(4) == 0 {
				act = func(h *hub, r *rand.Rand) error { return h.chaos(r) }
			}
			before := h.lines()
			if err := act(h, r); err != nil && fault.Of(err).Kind == fault.Internal {
				t.Fatal(err)
			}
			h.rest()
			h.keptLimits(before)
			w.mark(h)
			if r.IntN(3) == 0 {
				w.readSome([]*hub{w.a, w.b}[r.IntN(2)], r.IntN)
			}
			if r.IntN(200) == 0 {
				w.replays(h, seed)
			}
		}
		w.settle()
		lines += w.agree(money.Hour, "EUR", "kwh")
		b, c := w.ends()
		bounced, recalled = bounced+b, recalled+c
		for _, h := range []*hub{w.a, w.b} {
			w.replays(h, seed)
			h.audited()
		}
	}
	if lines < 8*rounds || bounced < rounds || recalled < rounds/4 {
		t.Errorf("hardly anything happened: %d payments arrived, %d bounced, %d of them as recalled", lines, bounced, recalled)
	}
	t.Logf("%d payments arrived, %d bounced, %d of them as recalled", lines, bounced, recalled)
}

// replays compares a rebuild with the tables as they grew.
func (w *town) replays(h *hub, seed uint64) {
	w.t.Helper()
	h.rest()
	live := h.tables()
	h.must(h.r.Rebuild())
	if again := h.tables(); live != again {
		w.t.Fatalf("seed %d: a rebuild comes to other books:\n%s\n\n%s", seed, live, again)
	}
}

// ends counts the payments that came back, and those of them that had been asked back.
func (w *town) ends() (bounced, recalled int) {
	for _, h := range []*hub{w.a, w.b} {
		h.books(func(b book.Books) {
			for i := range h.r.Size() {
				p, ok := b.Payment(i)
				if ok && p.State == book.GivenBack {
					bounced++
					if p.Recalled {
						recalled++
					}
				}
			}
		})
	}
	return bounced, recalled
}
