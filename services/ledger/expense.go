package ledger

import (
	"context"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/photo"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// Bill is an expense as somebody asks for it.
type Bill struct {
	book.Asked
	Memo     string // what it is for; everybody reads it
	Receipts []Shots
}

// Shots are the two files of one receipt. The original is for stewards; what everybody sees of it is the submitter's choice, and may be
// nothing.
type Shots struct {
	Original *photo.Picture
	Public   *photo.Picture
}

// sealedShots are bodies, made before the queue.
type sealedShots struct {
	Shots
	original, public *body.Sealed
}

func sealShots(all []Shots) []sealedShots {
	var sealed []sealedShots
	for _, one := range all {
		out := sealedShots{Shots: one, original: body.Seal(one.Original.JPEG, body.Stewards)}
		if one.Public != nil {
			out.public = body.Seal(one.Public.JPEG, body.Far)
		}
		sealed = append(sealed, out)
	}
	return sealed
}

// Ask asks the fund for money, with its receipts if they are there.
func (s *Service) Ask(ctx context.Context, o Order, b Bill) (record.Ref, error) {
	memo, err := sealNeeded(b.Memo, body.Far, maxMemo, "memo", "ledger.memo-missing")
	if err != nil {
		return record.Ref{}, err
	}
	shots := sealShots(b.Receipts)
	receipt, err := s.do(ctx, o, "ask", func(a *act) error {
		expense := a.next
		if err := a.enter(book.AskedKind, a.Household, b.Asked, memo); err != nil {
			return err
		}
		return a.attach(expense, shots)
	})
	return receipt.First(), err
}

// attach adds receipts to an expense: each original, and behind it what everybody sees of it.
func (a *act) attach(expense uint64, shots []sealedShots) error {
	for _, one := range shots {
		original := a.next
		d := book.Receipt{Expense: expense, W: one.Original.Width, H: one.Original.Height, Original: true}
		if err := a.enter(book.ReceiptKind, a.Household, d, one.original); err != nil {
			return err
		}
		if one.public == nil {
			continue
		}
		d = book.Receipt{Expense: expense, W: one.Public.Width, H: one.Public.Height, Of: &original}
		if err := a.enter(book.ReceiptKind, a.Household, d, one.public); err != nil {
			return err
		}
	}
	return nil
}

// Attach adds receipts to an expense of the actor's household, also later.
func (s *Service) Attach(ctx context.Context, o Order, expense uint64, receipts []Shots) (record.Ref, error) {
	if len(receipts) == 0 {
		return record.Ref{}, fault.New(fault.Invalid, "ledger.receipt-missing").On("receipt")
	}
	shots := sealShots(receipts)
	receipt, err := s.do(ctx, o, route("attach", expense), func(a *act) error { return a.attach(expense, shots) })
	return receipt.First(), err
}

// Mend puts right what was returned, and asks again.
func (s *Service) Mend(ctx context.Context, o Order, expense uint64, b Bill) (record.Ref, error) {
	memo, err := sealNeeded(b.Memo, body.Far, maxMemo, "memo", "ledger.memo-missing")
	if err != nil {
		return record.Ref{}, err
	}
	shots := sealShots(b.Receipts)
	receipt, err := s.do(ctx, o, route("mend", expense), func(a *act) error {
		if err := a.enter(book.MendedKind, a.Household, book.Mended{Expense: expense, Asked: b.Asked}, memo); err != nil {
			return err
		}
		return a.attach(expense, shots)
	})
	return receipt.First(), err
}

// Approve says that the fund should pay: by a member of another household than the asker's.
func (s *Service) Approve(ctx context.Context, o Order, expense uint64) (record.Ref, error) {
	return s.one(ctx, o, book.ApprovedKind, book.OfExpense{Expense: expense}, nil, expense)
}

// Return gives an expense back as incomplete, and Refuse ends it; both with a reason that everybody may read, by another household.
func (s *Service) Return(ctx context.Context, o Order, expense uint64, reason string) (record.Ref, error) {
	return s.turn(ctx, o, book.ReturnedKind, expense, reason)
}

// Refuse: see Return.
func (s *Service) Refuse(ctx context.Context, o Order, expense uint64, reason string) (record.Ref, error) {
	return s.turn(ctx, o, book.RefusedKind, expense, reason)
}

func (s *Service) turn(ctx context.Context, o Order, kind string, expense uint64, reason string) (record.Ref, error) {
	why, err := sealNeeded(reason, body.Far, maxMemo, "reason", "ledger.reason-missing")
	if err != nil {
		return record.Ref{}, err
	}
	return s.one(ctx, o, kind, book.OfExpense{Expense: expense}, why, expense)
}

// Drop takes an expense of the actor's household back.
func (s *Service) Drop(ctx context.Context, o Order, expense uint64) (record.Ref, error) {
	return s.one(ctx, o, book.DroppedKind, book.OfExpense{Expense: expense}, nil, expense)
}

// Pay writes down that the money was handed over. By the steward who did.
func (s *Service) Pay(ctx context.Context, o Order, expense uint64) (record.Ref, error) {
	return s.bySteward(ctx, o, book.PaidKind, book.OfExpense{Expense: expense}, nil, expense)
}
