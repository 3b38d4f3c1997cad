package ledger

import (
	"context"
	"slices"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Admit lets households owe each other in a unit, or changes the limits of one. By stewards, as all in this file.
func (s *Service) Admit(ctx context.Context, o Order, d book.Admitted) (record.Ref, error) {
	return s.bySteward(ctx, o, book.AdmittedKind, d, nil)
}

// SetLimit says how far one household may go.
func (s *Service) SetLimit(ctx context.Context, o Order, d book.Limited) (record.Ref, error) {
	receipt, err := s.do(ctx, o, "limit", func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		if !s.o.Members.HasHousehold(a.View, string(d.Account)) {
			return fault.New(fault.Invalid, "ledger.no-such-account").On("account")
		}
		return a.enter(book.LimitedKind, string(d.Account), d, nil)
	})
	return receipt.First(), err
}

// SetRule sets a rule of the block.
func (s *Service) SetRule(ctx context.Context, o Order, rule string, value int64) (record.Ref, error) {
	return s.bySteward(ctx, o, book.RuledKind, book.Ruled{Rule: rule, Value: value}, nil)
}

// Opening is a pot, a purpose or a named account as a steward describes it.
type Opening struct {
	Letter byte // p, s or n
	Name   string
	Unit   money.Unit // of a pot, as what follows
	InKind bool
	Target int64 // 0 for none
}

// OpenPlace opens a pot, a purpose or a named account under the next number.
func (s *Service) OpenPlace(ctx context.Context, o Order, in Opening) (record.Ref, error) {
	name, err := sealNeeded(in.Name, body.Far, maxName, "name", "ledger.name-missing")
	if err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, "open", func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		d := book.Opened{Account: a.Next(in.Letter), Unit: in.Unit, InKind: in.InKind, Target: in.Target}
		return a.enter(book.OpenedKind, a.Household, d, name)
	})
	return receipt.First(), err
}

// ChangePlace renames (unless name is ""), sets a target, shuts or reopens.
func (s *Service) ChangePlace(ctx context.Context, o Order, d book.Changed, name string) (record.Ref, error) {
	sealed, err := seal(name, body.Far, maxName, "name")
	if err != nil {
		return record.Ref{}, err
	}
	return s.bySteward(ctx, o, book.ChangedKind, d, sealed)
}

// SetBudget says what may be spent on a purpose; amount 0 takes a budget back.
func (s *Service) SetBudget(ctx context.Context, o Order, d book.Budgeted) (record.Ref, error) {
	return s.bySteward(ctx, o, book.BudgetedKind, d, nil)
}

// ClosePeriod closes all that is in the books and in no closed period yet.
func (s *Service) ClosePeriod(ctx context.Context, o Order, code string) (record.Ref, error) {
	return s.bySteward(ctx, o, book.ClosedKind, book.Closed{Period: code}, nil)
}

// legsEach is how many balances one event carries: as many as fit in it, with room to spare.
const legsEach = 80

// Carry brings the balances of earlier books in, all or none.
func (s *Service) Carry(ctx context.Context, o Order, legs []book.Leg) (record.Ref, error) {
	receipt, err := s.do(ctx, o, "carry", func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		for _, l := range legs {
			if l.Account.Household() && !s.o.Members.HasHousehold(a.View, string(l.Account)) {
				return fault.New(fault.Invalid, "ledger.no-such-account").On("account")
			}
		}
		for some := range slices.Chunk(legs, legsEach) {
			if err := a.enter(book.CarriedKind, a.Household, book.Carried{Legs: some}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	return receipt.First(), err
}

// LevyPlan is a levy before it happens: a share of each household, in minor units, and thousandths of what it has if that is positive.
type LevyPlan struct {
	Month    string // "2026-03"
	Unit     money.Unit
	Flat     int64
	Permille int64
}

func (p LevyPlan) check() error {
	if p.Flat < 0 || p.Flat > money.Most || p.Permille < 0 || p.Permille > 1000 || p.Flat+p.Permille == 0 {
		return fault.New(fault.Invalid, "ledger.levy-nothing").On("flat")
	}
	return nil
}

// PreviewLevy works out what each household would pay now.
func (s *Service) PreviewLevy(v record.View, p LevyPlan) (map[book.Account]int64, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return s.levyShares(v, booksOf(v), p), nil
}

func (s *Service) levyShares(v record.View, b book.Books, p LevyPlan) map[book.Account]int64 {
	var all []book.Account
	for _, h := range s.o.Members.HouseholdHandles(v) {
		all = append(all, book.Account(h))
	}
	return b.LevyShares(p.Unit, all, p.Flat, p.Permille)
}

// Levy takes a levy whose preview came to total. If it comes to something else by now, nothing happens, and the steward should look again.
func (s *Service) Levy(ctx context.Context, o Order, p LevyPlan, total int64) (record.Ref, error) {
	if err := p.check(); err != nil {
		return record.Ref{}, err
	}
	receipt, err := s.do(ctx, o, "levy", func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		shares := s.levyShares(a.View, a.Books, p)
		if sumOf(shares) != total {
			return fault.New(fault.Conflict, "ledger.levy-changed")
		}
		return a.enter(book.LeviedKind, a.Household, book.Levied{Month: p.Month, Unit: p.Unit, To: book.Levies, Shares: shares}, nil)
	})
	return receipt.First(), err
}

func sumOf(shares map[book.Account]int64) (sum int64) {
	for _, s := range shares {
		sum += s
	}
	return sum
}
