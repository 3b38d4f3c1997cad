package ledger

import (
	"context"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Line names a line: with which hub, in which unit.
type Line struct {
	Hub  string // id
	Unit money.Unit
}

// TrustLine says how much another hub may owe us. Less than now counts at once, more needs its yes. By stewards, as all in this file but
// Send and Recall.
func (s *Service) TrustLine(ctx context.Context, o Order, l Line, most int64) (record.Ref, error) {
	if err := s.accepted(l.Hub); err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, "line-ask "+l.Hub, func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		d := book.LineAsked{Hub: l.Hub, Unit: l.Unit, Decimals: a.Scale(l.Unit).Decimals, Most: most}
		return a.enter(book.LineAskedKind, a.Household, d, nil)
	})
	return receipt.First(), err
}

// accepted asks whether we mirror a hub: else we should never read its answers.
func (s *Service) accepted(hub string) error {
	if !record.ValidID(hub) {
		return fault.New(fault.Invalid, "ledger.no-such-hub").On("hub")
	}
	if len(s.o.Hubs.AcceptedKeys(record.OriginFor(hub))) == 0 {
		return fault.New(fault.Conflict, "ledger.hub-not-accepted").On("hub")
	}
	return nil
}

// AgreeLine says yes to what another hub asks: it lets us owe it most. If it asks for something else by now, nothing happens, and the
// steward should look again.
func (s *Service) AgreeLine(ctx context.Context, o Order, l Line, most int64) (record.Ref, error) {
	if err := s.accepted(l.Hub); err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, "line-agree "+l.Hub, func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		terms := theirTerms(a.View, l)
		if terms.Asked == nil || terms.Asked.Most != most {
			return fault.New(fault.Conflict, "ledger.line-changed")
		}
		asked := book.Citation{Origin: record.OriginFor(l.Hub), Leaf: terms.Asked.Leaf}
		d := book.LineAgreed{Line: asked, Unit: l.Unit, Decimals: terms.Asked.Decimals, Most: most}
		return a.enter(book.LineAgreedKind, a.Household, d, nil)
	})
	return receipt.First(), err
}

func theirTerms(v record.View, l Line) Terms {
	terms, _ := record.Load[Terms](v.Table(service, termsTable), inUnit(l.Hub, l.Unit))
	return terms
}

// onLine is bySteward for an event about lines with one hub, which is in the address of the form.
func (s *Service) onLine(ctx context.Context, o Order, kind, hub string, data any, words *body.Sealed) (record.Ref, error) {
	receipt, err := s.do(ctx, o, kind+" "+hub, func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		return a.enter(kind, a.Household, data, words)
	})
	return receipt.First(), err
}

// CapLines bounds what all lines of a unit come to; -1 is no cap.
func (s *Service) CapLines(ctx context.Context, o Order, d book.LineCapped) (record.Ref, error) {
	return s.bySteward(ctx, o, book.LineCappedKind, d, nil)
}

// FreezeLine stops everything new with a hub, or allows it again. What is on its way is finished all the same.
func (s *Service) FreezeLine(ctx context.Context, o Order, hub string, frozen bool) (record.Ref, error) {
	return s.onLine(ctx, o, book.LineFrozenKind, hub, book.LineFrozen{Hub: hub, Frozen: frozen}, nil)
}

// ShutLine ends a line on which nobody owes anything.
func (s *Service) ShutLine(ctx context.Context, o Order, l Line) (record.Ref, error) {
	return s.onLine(ctx, o, book.LineShutKind, l.Hub, book.LineShut{Hub: l.Hub, Unit: l.Unit}, nil)
}

// AskWriteoff proposes to take the balance of a frozen line out of the books. decision names who decided it, and where; everybody reads it.
func (s *Service) AskWriteoff(ctx context.Context, o Order, d book.WriteoffAsked, decision string) (record.Ref, error) {
	sealed, err := sealNeeded(decision, body.Far, maxMemo, "decision", "ledger.decision-missing")
	if err != nil {
		return record.Ref{}, err
	}
	return s.onLine(ctx, o, book.WriteoffAskedKind, d.Hub, d, sealed)
}

// AgreeWriteoff does what a steward of another household proposed.
func (s *Service) AgreeWriteoff(ctx context.Context, o Order, ask uint64) (record.Ref, error) {
	return s.bySteward(ctx, o, book.WriteoffAgreedKind, book.WriteoffAgreed{Ask: ask}, nil, ask)
}

// FarTransfer is a payment to a household of another hub.
type FarTransfer struct {
	Line
	To     book.Account // household over there
	Amount int64        // minor units
	On     string       // day on which it happened, "" for not said
	Memo   string       // all hubs that we accepted can have it
}

// Send pays a household of another hub, from the actor's. The amount is held until that hub has answered, however long that takes.
func (s *Service) Send(ctx context.Context, o Order, p FarTransfer) (record.Ref, error) {
	memo, err := seal(p.Memo, body.Neighbours, maxMemo, "memo")
	if err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, "send "+p.Hub, func(a *act) error {
		d := book.Sent{Hub: p.Hub, From: book.Account(a.Household), To: p.To, Unit: p.Unit, Amount: p.Amount, On: p.On}
		if err := a.roomThere(d); err != nil {
			return err
		}
		return a.enter(book.SentKind, a.Household, d, memo)
	})
	return receipt.First(), err
}

// roomThere spares people the wait for a no: what the other hub said last, it would hold to. Our own books must not depend on it.
func (a *act) roomThere(d book.Sent) error {
	l, ok := a.TrustLine(d.Hub, d.Unit)
	if !ok || l.Shut {
		return nil // the books say it better
	}
	if a.Table(service, frozenTable).Get([]byte(d.Hub)) != nil {
		return fault.New(fault.Conflict, "ledger.line-frozen-there")
	}
	terms := theirTerms(a.View, Line{d.Hub, d.Unit})
	return a.MayOwe(l, d.Amount, terms.reach(l))
}

// reach is how much they let us owe: what both sides know of.
func (t Terms) reach(l book.TrustLine) int64 {
	if t.Asked != nil && t.Asked.Most == l.Theirs {
		return l.Theirs // we agreed; they need only read it, and will have before they read the payment
	}
	return min(t.Most, l.Theirs)
}

// Recall asks for a payment of the actor's household back, or as a steward for anybody's. It comes back if the other hub has not received
// it when it reads this.
func (s *Service) Recall(ctx context.Context, o Order, payment uint64) (record.Ref, error) {
	receipt, err := s.do(ctx, o, route("recall", payment), func(a *act) error {
		p, ok := a.Payment(payment)
		switch {
		case !ok:
			return missing()
		case string(p.From) != a.Household && !a.Steward:
			return fault.New(fault.Denied, "ledger.not-yours")
		}
		return a.enter(book.RecalledKind, string(p.From), book.Recalled{Sent: payment}, nil)
	})
	return receipt.First(), err
}
