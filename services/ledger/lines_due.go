package ledger

import (
	"bytes"
	"strings"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Rows of the table of what is due: answers to payments of ours that we have not finished, and payments to us that we have not answered.
// A row is there exactly as long as both sides' tables say so, in whatever order records come.
func dueAnswer(sent uint64) []byte { return append([]byte{'a'}, record.Num(sent)...) }

func duePayment(hub string, p TheirPayment) []byte {
	return append([]byte("p"+hub+"\x00"+string(p.Unit)+"\x00"), record.Num(p.Index)...)
}

// settleDue is told of every own event, once it is in the books.
func settleDue(e record.Edit, b book.Books, n record.Entry) error {
	switch n.Kind {
	case book.SentKind:
		return dueFor(e, b, record.Hex(n.Leaf)) // theirs was replayed before ours
	case book.FinishedKind:
		d, _ := record.Decode[book.Finished](n.Event)
		return e.Own(dueTable).Delete(dueAnswer(d.Sent))
	case book.ReceivedKind, book.BouncedKind:
		d, _ := record.Decode[struct{ Payment book.Citation }](n.Event)
		p, ok := record.Load[TheirPayment](e.Own(sentTable).Table, d.Payment.Key())
		if ok {
			return e.Own(dueTable).Delete(duePayment(d.Payment.Origin.ID(), p))
		}
	}
	return nil
}

// maxDue bounds what one round of answers writes. The record asks again until nothing is due.
const maxDue = 64

// answers are the events that our record owes to others', tried on paper one after the other.
type answers struct {
	record.View
	book.Books
	s        *Service
	decision *record.Decision
	next     uint64
	written  int
}

// Due names the lines that may be raised, the payments of ours that were answered, and those to us that were not.
func (s *Service) Due(v record.View) *record.Decision {
	a := &answers{View: v, Books: book.OnPaper(reading(v)), s: s, decision: v.Decide(), next: v.Size(v.Self())}
	a.raise()
	a.finish()
	a.receive()
	return a.decision
}

func (a *answers) full() bool { return a.written >= maxDue }

// enter appends what the books accept.
func (a *answers) enter(kind, household string, data any) *fault.Fault {
	e := record.Event{V: 1, Kind: kind, For: household, Data: record.Data(data)}
	e.At = a.Now().Add(time.Duration(a.written) * time.Millisecond)
	void, err := a.Enter(record.Entry{Ref: record.Ref{Origin: a.Self(), Index: a.next}, Event: e})
	if void != nil {
		return void
	}
	if err != nil {
		return fault.Of(err) // paper cannot fail
	}
	a.decision.Append(e)
	a.next++
	a.written++
	return nil
}

// raise puts into force what we asked for and the other hub agreed to.
func (a *answers) raise() {
	for _, l := range a.OpenAsks() {
		yes := a.Table(service, agreedTable).Get([]byte(l.Hub + l.Asked.Leaf))
		if yes == nil || a.full() {
			continue
		}
		cite := book.Citation{Origin: record.OriginFor(l.Hub), Leaf: string(yes)}
		a.enter(book.LineRaisedKind, "", book.LineRaised{Line: l.Asked.Index, Agreed: cite}) // frozen lines wait
	}
}

// finish ends what was answered.
func (a *answers) finish() {
	for k := range a.Table(service, dueTable).Prefix([]byte{'a'}) {
		if a.full() {
			return
		}
		p, ok := a.Payment(record.ParseNum(k[1:]))
		answer, known := record.Load[TheirAnswer](a.Table(service, answerTable), []byte(p.Hub+p.Leaf))
		if !ok || !known {
			continue
		}
		cite := book.Citation{Origin: record.OriginFor(p.Hub), Leaf: answer.Leaf}
		a.enter(book.FinishedKind, string(p.From), book.Finished{Sent: p.Index, Answer: cite, Received: answer.Why == ""})
	}
}

// receive answers payments to us, in the order of their record. A hub with which we never had a line gets no answer: its claims stay
// listed, and it cannot make our record grow.
func (a *answers) receive() {
	due := a.Table(service, dueTable)
	for from, more := []byte{'p'}, true; more; {
		more = false
		for k, leaf := range due.From(from) {
			hub, unit, _ := strings.Cut(string(k[1:len(k)-9]), "\x00")
			if a.full() {
				return
			}
			if _, open := a.TrustLine(hub, money.Unit(unit)); !open {
				from, more = append(bytes.Clone(k[:len(k)-8]), bytes.Repeat([]byte{0xff}, 8)...), true
				break
			}
			a.answer(book.Citation{Origin: record.OriginFor(hub), Leaf: string(leaf)})
		}
	}
}

// answer receives a payment if it can, and else says for good that it will not.
func (a *answers) answer(cite book.Citation) {
	p, ok := record.Load[TheirPayment](a.Table(service, sentTable), cite.Key())
	if !ok {
		return
	}
	why := ""
	switch {
	case p.Recalled:
		why = "recalled"
	case !a.s.o.Members.HasHousehold(a.View, string(p.To)):
		why = "no-such-account"
	default:
		d := book.Received{Payment: cite, From: p.From, To: p.To, Unit: p.Unit, Amount: p.Amount}
		if refused := a.enter(book.ReceivedKind, string(p.To), d); refused != nil {
			why = strings.TrimPrefix(refused.Key, service+".")
		}
	}
	if why != "" {
		a.enter(book.BouncedKind, "", book.Bounced{Payment: cite, Why: why})
	}
}

// Whole tells the mirror that accounts with a hub rest on every entry of its record.
func (s *Service) Whole(v record.View, o record.Origin) bool {
	return len(booksOf(v).TrustLines(o.ID())) > 0
}
