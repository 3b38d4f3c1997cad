package ledger

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// town is two hubs that read each other's records, and nothing else of each other.
type town struct {
	t     testing.TB
	a, b  *hub
	marks map[*hub][]record.Checkpoint // in order
}

func newTown(t testing.TB) *town {
	return &town{t, newHub(t), newHub(t), map[*hub][]record.Checkpoint{}}
}

// trust opens a line on which either hub may owe the other so much.
func (w *town) trust(u money.Unit, most int64) {
	w.t.Helper()
	for _, h := range []*hub{w.a, w.b} {
		other := w.other(h)
		h.did(h.s.TrustLine(ctx(), by("m1"), h.lineTo(other, u), most))
		w.settle()
		other.did(other.s.AgreeLine(ctx(), by("m2"), other.lineTo(h, u), most))
		w.settle()
	}
}

func (w *town) other(h *hub) *hub {
	if h == w.a {
		return w.b
	}
	return w.a
}

func (h *hub) id() string { return h.r.Self().ID() }

func (h *hub) lineTo(other *hub, u money.Unit) Line { return Line{other.id(), u} }

// send is a transfer of hours to a household of another hub.
func (h *hub) send(other *hub, to book.Account, minutes int64) FarTransfer {
	return FarTransfer{Line: h.lineTo(other, money.Hour), To: to, Amount: minutes, Memo: "help"}
}

// mark remembers the checkpoint, up to which the other hub may later read.
func (w *town) mark(h *hub) {
	if c := h.r.Checkpoint(); len(w.marks[h]) == 0 || w.marks[h][len(w.marks[h])-1].Size < c.Size {
		w.marks[h] = append(w.marks[h], c)
	}
}

// read brings the other hub's record to h, up to one of its checkpoints. What h has already is left out, as the mirror does.
func (w *town) read(h *hub, to record.Checkpoint) {
	w.t.Helper()
	from := w.other(h)
	var have uint64
	h.must(h.r.Read(func(v record.View) error { have = v.Size(from.r.Self()); return nil }))
	if have >= to.Size {
		return
	}
	var raws [][]byte
	from.must(from.r.Read(func(v record.View) error {
		for n, err := range v.Entries(from.r.Self(), have) {
			if err != nil {
				return err
			}
			if n.Index < to.Size && len(raws) < 256 {
				raws = append(raws, bytes.Clone(n.Raw))
			}
		}
		return nil
	}))
	piece := record.Extension{
		Origin: from.r.Self(), Verifier: note.VerifierList(from.r.Verifier()), Note: to.Note, Start: have, Entries: raws,
	}
	_, err := h.r.Extend(ctx(), piece)
	h.must(err)
	if _, err := h.r.Extend(ctx(), piece); err == nil || fault.Of(err).Key != "record.not-next" {
		w.t.Fatalf("the same piece twice: %v", err)
	}
}

// readSome brings a random part of what is new there, or nothing.
func (w *town) readSome(h *hub, choose func(n int) int) {
	w.t.Helper()
	from := w.other(h)
	w.mark(from)
	marks := w.marks[from]
	w.read(h, marks[choose(len(marks))])
}

// settle lets both read until neither has anything new to say.
func (w *town) settle() {
	w.t.Helper()
	for size := uint64(0); ; {
		for _, h := range []*hub{w.a, w.b} {
			from := w.other(h)
			w.read(h, from.r.Checkpoint())
			h.rest()
			w.mark(h)
		}
		if now := w.a.r.Size() + w.b.r.Size(); now == size {
			return
		} else {
			size = now
		}
	}
}

// rest waits until the writer has answered what it just read: answers come behind what they answer, in the same queue.
func (h *hub) rest() {
	h.t.Helper()
	_, err := h.r.Do(ctx(), record.Command{Judge: func(v record.View) (*record.Decision, error) { return v.Decide(), nil }})
	h.must(err)
}

// owed is the balance of h's line with the other hub.
func (w *town) owed(h *hub, u money.Unit) int64 {
	return h.balance(book.LineWith(w.other(h).r.Self()), u)
}

// said spells a whole statement with each payment by its name, which is the same on both sides; sign turns the other side's around.
func (w *town) said(h *hub, u money.Unit, sign int64) string {
	w.t.Helper()
	var all []string
	h.must(h.s.look(Reader{Member: "m1"}, func(l sight) error {
		t, _ := l.TrustLine(w.other(h).id(), u)
		rows, next := l.statement(t, 1<<63, 1<<30)
		if next != 0 {
			return fmt.Errorf("the statement goes on at %d", next)
		}
		sum := int64(0)
		for _, row := range rows {
			if !row.There {
				return fmt.Errorf("%s: entry %d is not in the other hub's books", h.id(), row.Index)
			}
			all = append(all, fmt.Sprintf("%s %s>%s %d", row.Payment.Key(), row.From.Account, row.To.Account, sign*row.Amount))
			sum += row.Amount
		}
		shown := l.line(t)
		if !shown.Agrees() || shown.Entries != shown.There.Entries || sum != shown.Balance {
			return fmt.Errorf("%s: the sides are %+v", h.id(), shown)
		}
		return nil
	}))
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// agree compares both hubs' statements, and that nothing is under way, held, void or due.
func (w *town) agree(units ...money.Unit) (lines int) {
	w.t.Helper()
	for _, u := range units {
		mine, theirs := w.said(w.a, u, 1), w.said(w.b, u, -1)
		if mine != theirs {
			w.t.Fatalf("the statements in %s differ:\n%s\n\n%s", u, mine, theirs)
		}
		if w.owed(w.a, u) != -w.owed(w.b, u) {
			w.t.Fatalf("a owes %d, b owes %d", w.owed(w.a, u), w.owed(w.b, u))
		}
		lines += strings.Count(mine, ">")
	}
	for _, h := range []*hub{w.a, w.b} {
		w.quiet(h)
	}
	return lines
}

func (w *town) quiet(h *hub) {
	w.t.Helper()
	h.wantVoids(map[string]int{})
	h.must(h.s.look(Reader{}, func(l sight) error {
		for range l.Table(service, dueTable).From(nil) {
			return fmt.Errorf("%s still owes an answer", h.id())
		}
		if v := l.theirVoids(w.other(h).id()); len(v) > 0 {
			return fmt.Errorf("%s calls honest events void: %v", h.id(), v)
		}
		if c := l.claims(w.other(h).id()); len(c) > 0 {
			return fmt.Errorf("%s does not know %v", h.id(), c)
		}
		if ways := l.OnTheWay(); len(ways) > 0 {
			return fmt.Errorf("%s waits for %d answers", h.id(), len(ways))
		}
		for _, b := range l.Balances() {
			if b.Held != 0 {
				return fmt.Errorf("%s holds %d of %s", h.id(), b.Held, b.Account)
			}
		}
		sums := map[money.Unit]book.Abroad{}
		for _, t := range l.TrustLines("") {
			if t.Way != 0 {
				return fmt.Errorf("%s counts %d on the way", h.id(), t.Way)
			}
			sum, balance := sums[t.Unit], l.Totals(t.Account(), t.Unit).Balance
			sums[t.Unit] = book.Abroad{Owing: sum.Owing + max(0, balance), Owed: sum.Owed + max(0, -balance)}
		}
		for u, sum := range sums {
			if kept := l.Books.Abroad(u); kept != sum {
				return fmt.Errorf("%s: all lines in %s come to %+v, kept is %+v", h.id(), u, sum, kept)
			}
		}
		return l.Check()
	}))
}

// lineTables are the tables that other hubs' records fill, and what is due.
func lineTables() []string {
	return []string{"line", "line-frozen", "line-cap", "line-sum", "line-ask", "sent", "sent-leaf", "answer", "writeoff",
		termsTable, frozenTable, sentTable, sentIndexTable, agreedTable, answerTable, sideTable, entryTable, writeoffTable, theirVoidsTable, dueTable}
}
