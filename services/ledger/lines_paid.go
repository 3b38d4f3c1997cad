package ledger

import (
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// sent notes a payment to us. It binds the hub that wrote it, whatever its own books make of it: what it signed, it owes. Whether the line
// has room and who the receiver is, is asked when it is due.
func (t theirs) sent(d book.Sent) error {
	if !t.us(d.Hub) {
		return nil
	}
	if !d.From.Household() || !d.To.Household() || !d.Unit.Valid() || money.Valid(d.Amount) != nil || t.n.For != string(d.From) {
		return malformed()
	}
	cite := book.Cite(t.n.Ref)
	if t.Own(sentTable).Get(cite.Key()) != nil {
		return fault.New(fault.Conflict, "ledger.void-twice")
	}
	p := TheirPayment{Sent: d, Index: t.n.Index, At: t.n.At}
	if err := record.Save(t.Own(sentTable), cite.Key(), p); err != nil {
		return err
	}
	if err := t.Own(sentIndexTable).Put(t.at(p.Index), []byte(cite.Leaf)); err != nil {
		return err
	}
	if _, answered := book.On(writing(t.Edit)).AnswerTo(cite); answered {
		return nil // ours was replayed before theirs
	}
	return t.Own(dueTable).Put(duePayment(t.hub, p), []byte(cite.Leaf))
}

// payment finds a payment to us by its index in their record.
func (t theirs) payment(index uint64) (p TheirPayment, cite book.Citation, ok bool) {
	leaf := t.Own(sentIndexTable).Get(t.at(index))
	if leaf == nil {
		return p, cite, false
	}
	cite = book.Citation{Origin: t.n.Origin, Leaf: string(leaf)}
	p, ok = record.Load[TheirPayment](t.Own(sentTable).Table, cite.Key())
	return p, cite, ok
}

func (t theirs) recalled(d book.Recalled) error {
	p, cite, ok := t.payment(d.Sent)
	if !ok {
		return nil
	}
	if t.n.For != string(p.From) {
		return malformed()
	}
	p.Recalled = true
	return record.Save(t.Own(sentTable), cite.Key(), p)
}

func (t theirs) received(d book.Received) error {
	if d.Payment.Origin != t.Self() {
		return nil
	}
	if !d.Unit.Valid() || money.Valid(d.Amount) != nil {
		return malformed()
	}
	if err := t.answer(TheirAnswer{Received: d, Leaf: record.Hex(t.n.Leaf)}); err != nil {
		return err
	}
	return t.entry(d.Payment, d.Unit, -d.Amount)
}

func (t theirs) bounced(d book.Bounced) error {
	if d.Payment.Origin != t.Self() {
		return nil
	}
	if d.Why == "" {
		return malformed()
	}
	return t.answer(TheirAnswer{Received: book.Received{Payment: d.Payment}, Leaf: record.Hex(t.n.Leaf), Why: d.Why})
}

// answer keeps the first answer to a payment of ours.
func (t theirs) answer(a TheirAnswer) error {
	key := []byte(t.hub + a.Payment.Leaf)
	if t.Own(answerTable).Get(key) != nil {
		return fault.New(fault.Conflict, "ledger.answered-already")
	}
	if err := record.Save(t.Own(answerTable), key, a); err != nil {
		return err
	}
	return dueFor(t.Edit, book.On(writing(t.Edit)), a.Payment.Leaf)
}

// answers tells whether it speaks of this payment and of all of it.
func (a TheirAnswer) answers(p book.Payment) bool {
	return a.Why != "" || a.From == p.From && a.To == p.To && a.Unit == p.Unit && a.Amount == p.Amount
}

// dueFor notes that a payment of ours has been answered, if it has and still waits for that.
func dueFor(e record.Edit, b book.Books, leaf string) error {
	p, ok := b.PaymentOf(leaf)
	if !ok || p.State != book.OnTheWay {
		return nil
	}
	a, ok := record.Load[TheirAnswer](e.Own(answerTable).Table, []byte(p.Hub+leaf))
	if !ok || !a.answers(p) {
		return nil
	}
	return e.Own(dueTable).Put(dueAnswer(p.Index), []byte{})
}

func (t theirs) finished(d book.Finished) error {
	p, cite, ok := t.payment(d.Sent)
	if !ok {
		return nil
	}
	if p.Finished != nil {
		return fault.New(fault.Gone, "ledger.payment-over")
	}
	p.Finished = &d.Received
	if err := record.Save(t.Own(sentTable), cite.Key(), p); err != nil || !d.Received {
		return err
	}
	return t.entry(cite, p.Unit, p.Amount)
}

// entry adds a line to what their statement of the line says.
func (t theirs) entry(payment book.Citation, u money.Unit, amount int64) error {
	key := append([]byte(t.hub), payment.Key()...)
	if err := record.Save(t.Own(entryTable), key, TheirEntry{u, amount, t.n.Index}); err != nil {
		return err
	}
	side, _ := record.Load[Side](t.Own(sideTable).Table, inUnit(t.hub, u))
	sum, ok := money.Add(side.Balance, amount)
	if !ok {
		return fault.New(fault.Invalid, "ledger.amount-huge")
	}
	return record.Save(t.Own(sideTable), inUnit(t.hub, u), Side{sum, side.Entries + 1})
}

func (t theirs) writeoffAsked(d book.WriteoffAsked) error {
	if !t.us(d.Hub) {
		return nil
	}
	w := book.Writeoff{WriteoffAsked: d, Index: t.n.Index, By: t.n.By, For: t.n.For}
	return record.Save(t.Own(writeoffTable), t.at(w.Index), w)
}

// writeoffAgreed: their side of the line is even now, ours is not. People here may do the same; nothing does it for them.
func (t theirs) writeoffAgreed(d book.WriteoffAgreed) error {
	w, ok := record.Load[book.Writeoff](t.Own(writeoffTable).Table, t.at(d.Ask))
	if !ok {
		return nil
	}
	if w.For == t.n.For || w.By == t.n.By {
		return fault.New(fault.Denied, "ledger.writeoff-own")
	}
	if err := t.Own(writeoffTable).Delete(t.at(d.Ask)); err != nil {
		return err
	}
	return t.entry(book.Cite(t.n.Ref), w.Unit, -w.Amount)
}
