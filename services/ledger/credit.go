package ledger

import (
	"context"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Transfer is help that was given, as somebody writes it down.
type Transfer struct {
	From, To book.Account // households
	Unit     money.Unit
	Amount   int64  // minor units
	On       string // day on which it happened, "2026-03-01"; "" for not said
	Memo     string
}

func (t Transfer) seal() (*body.Sealed, error) { return seal(t.Memo, body.Hub, maxMemo, "memo") }

// Give pays. A steward may enter it for another household, from its paper slip; the event names both.
func (s *Service) Give(ctx context.Context, o Order, t Transfer) (record.Ref, error) {
	memo, err := t.seal()
	if err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, "give", func(a *act) error { return s.give(a, t, memo) })
	return receipt.First(), err
}

func (s *Service) give(a *act, t Transfer, memo *body.Sealed) error {
	if t.From == "" {
		t.From = book.Account(a.Household)
	}
	slip := string(t.From) != a.Household
	if slip && !a.Steward {
		return fault.New(fault.Denied, "ledger.not-your-account").On("from")
	}
	if err := s.exist(a, t); err != nil {
		return err
	}
	return a.enter(book.GivenKind, string(t.From), book.Given{From: t.From, To: t.To, Unit: t.Unit, Amount: t.Amount, On: t.On, Slip: slip}, memo)
}

// exist asks for the households, which the books do not know.
func (s *Service) exist(a *act, t Transfer) error {
	if !s.o.Members.HasHousehold(a.View, string(t.From)) {
		return fault.New(fault.Invalid, "ledger.no-such-account").On("from")
	}
	if !s.o.Members.HasHousehold(a.View, string(t.To)) {
		return fault.New(fault.Invalid, "ledger.no-such-account").On("to")
	}
	return nil
}

// Request asks another household to pay the actor's.
func (s *Service) Request(ctx context.Context, o Order, t Transfer) (record.Ref, error) {
	memo, err := t.seal()
	if err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, "request", func(a *act) error {
		t := t // a judge may run twice
		t.To = book.Account(a.Household)
		if err := s.exist(a, t); err != nil {
			return err
		}
		data := book.Requested{From: t.From, To: t.To, Unit: t.Unit, Amount: t.Amount, On: t.On}
		return a.enter(book.RequestedKind, a.Household, data, memo)
	})
	return receipt.First(), err
}

// Agree pays what was requested of the actor's household.
func (s *Service) Agree(ctx context.Context, o Order, request uint64) (record.Ref, error) {
	return s.one(ctx, o, book.AgreedKind, book.OfRequest{Request: request}, nil, request)
}

// Decline says no to a request, or takes one's own back.
func (s *Service) Decline(ctx context.Context, o Order, request uint64) (record.Ref, error) {
	return s.one(ctx, o, book.DeclinedKind, book.OfRequest{Request: request}, nil, request)
}

// Reverse undoes all legs of an entry, for a reason that everybody may read. Who received a payment may give it back; anything else is for
// stewards.
func (s *Service) Reverse(ctx context.Context, o Order, entry uint64, reason string) (record.Ref, error) {
	why, err := sealNeeded(reason, body.Far, maxMemo, "reason", "ledger.reason-missing")
	if err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, route("reverse", entry), func(a *act) error {
		p, ok := a.Posting(entry)
		if !ok {
			return missing()
		}
		if !a.Steward && !receivedBy(p, a.Household) {
			return fault.New(fault.Denied, "ledger.reverse-not-yours")
		}
		return a.enter(book.ReversedKind, a.Household, book.Reversed{Entry: entry}, why)
	})
	return receipt.First(), err
}

// receivedBy tells whether an entry is a payment to a household.
func receivedBy(p book.Posting, household string) bool {
	return len(p.Legs) == 2 && p.Legs[0].Account.Household() && string(p.Legs[1].Account) == household
}

func missing() error { return fault.New(fault.NotFound, "ledger.missing") }
