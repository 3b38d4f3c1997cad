package ledger

import (
	"context"
	"strings"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// Pledge promises something to a pot, for the actor's household.
func (s *Service) Pledge(ctx context.Context, o Order, d book.Pledged, memo string) (record.Ref, error) {
	sealed, err := seal(memo, body.Far, maxMemo, "memo")
	if err != nil {
		return record.Ref{}, err
	}
	return s.one(ctx, o, book.PledgedKind, d, sealed)
}

// Unpledge takes a promise of the actor's household back.
func (s *Service) Unpledge(ctx context.Context, o Order, pledge uint64) (record.Ref, error) {
	return s.one(ctx, o, book.UnpledgedKind, book.OfPledge{Pledge: pledge}, nil, pledge)
}

// Contribution is what a steward took in for a pot.
type Contribution struct {
	book.Contributed
	Giver   book.Account // household
	Unnamed bool         // to readers; the stewards know
	Memo    string
}

// Contribute writes down what came in. By the steward who took it.
func (s *Service) Contribute(ctx context.Context, o Order, c Contribution) (record.Ref, error) {
	memo, err := c.seal()
	if err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, "contribute", func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		if !s.o.Members.HasHousehold(a.View, string(c.Giver)) {
			return fault.New(fault.Invalid, "ledger.no-such-account").On("giver")
		}
		giver := string(c.Giver)
		if c.Unnamed {
			giver = ""
		}
		return a.enter(book.ContributedKind, giver, c.Contributed, memo)
	})
	return receipt.First(), err
}

// seal keeps the name of an unnamed giver, and what is said about the gift, to stewards.
func (c Contribution) seal() (*body.Sealed, error) {
	memo, err := seal(c.Memo, body.Far, maxMemo, "memo")
	if err != nil || !c.Unnamed {
		return memo, err
	}
	return sealWords(words{strings.TrimSpace(c.Memo), string(c.Giver)}, body.Stewards), nil
}

// Move takes from one pot to another. By stewards.
func (s *Service) Move(ctx context.Context, o Order, d book.Moved, memo string) (record.Ref, error) {
	sealed, err := sealNeeded(memo, body.Far, maxMemo, "memo", "ledger.reason-missing")
	if err != nil {
		return record.Ref{}, err
	}
	return s.bySteward(ctx, o, book.MovedKind, d, sealed)
}
