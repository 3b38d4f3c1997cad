package ledger

import (
	"encoding/json"
	"testing"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// FuzzTheirEvents has a neighbour write anything at all into its record. Whatever it is, our books add up, nothing of ours is void, no
// limit of the line is crossed, and what is due is answered.
func FuzzTheirEvents(f *testing.F) {
	w := newTown(f)
	w.trust(money.Hour, 100)
	w.a.did(w.a.s.Send(ctx(), by("m3"), w.a.send(w.b, "h4", 40)))
	w.settle()
	forger := w.forger(w.b)
	mine := book.Citation{Origin: w.a.r.Self(), Leaf: w.payment(w.a).Leaf}
	for kind, data := range map[string]any{
		book.SentKind:           book.Sent{Hub: w.a.id(), From: "h1", To: "h2", Unit: money.Hour, Amount: 30},
		book.RecalledKind:       book.Recalled{Sent: 4},
		book.ReceivedKind:       book.Received{Payment: mine, From: "h3", To: "h4", Unit: money.Hour, Amount: 40},
		book.BouncedKind:        book.Bounced{Payment: mine, Why: "recalled"},
		book.FinishedKind:       book.Finished{Sent: 4, Answer: mine, Received: true},
		book.LineAskedKind:      book.LineAsked{Hub: w.a.id(), Unit: "EUR", Decimals: 2, Most: 1 << 40},
		book.LineAgreedKind:     book.LineAgreed{Line: mine, Unit: money.Hour, Most: 100},
		book.LineRaisedKind:     book.LineRaised{Line: 2, Agreed: mine},
		book.LineFrozenKind:     book.LineFrozen{Hub: w.a.id(), Frozen: true},
		book.LineShutKind:       book.LineShut{Hub: w.a.id(), Unit: money.Hour},
		book.WriteoffAskedKind:  book.WriteoffAsked{Hub: w.a.id(), Unit: money.Hour, Amount: -40},
		book.WriteoffAgreedKind: book.WriteoffAgreed{Ask: 5},
	} {
		spelled, _ := json.Marshal(data)
		f.Add(kind, "m1", "h1", spelled)
		f.Add(kind, "", "", spelled)
	}
	f.Fuzz(func(t *testing.T, kind, by, household string, data []byte) {
		raw, err := json.Marshal(struct {
			V    int             `json:"v"`
			Kind string          `json:"kind"`
			At   string          `json:"at"`
			By   string          `json:"by,omitempty"`
			For  string          `json:"for,omitempty"`
			Data json.RawMessage `json:"data,omitempty"`
		}{1, kind, "2026-03-01T10:00:00.000Z", by, household, data})
		if err != nil || len(raw) > record.MaxEntry {
			return
		}
		w.a.t, w.b.t, w.t = t, t, t
		forger.write(raw) // behind all that was tried before: a finding may need them, too
		w.a.must(forger.tell(w.a))
		w.a.rest()
		w.standsFirm()
	})
}

// standsFirm checks a's books, and reads every list that b can fill.
func (w *town) standsFirm() {
	w.t.Helper()
	w.a.wantVoids(map[string]int{})
	w.a.must(w.a.s.look(Reader{Member: "m1", Household: "h1", Steward: true}, func(l sight) error {
		for _, t := range l.TrustLines("") {
			if balance := l.Totals(t.Account(), t.Unit).Balance; balance < -t.Most || balance > t.Theirs {
				w.t.Errorf("the line came to %d, beyond %+v", balance, t)
			}
		}
		for _, line := range l.lines("") {
			_, _ = l.leaving(line.Hub)
			_, _ = l.statement(line.TrustLine, 1<<63, pageSize)
			_, _, _ = l.arriving(line.Hub), l.theirVoids(line.Hub), l.claims(line.Hub)
		}
		return l.Check()
	}))
}
