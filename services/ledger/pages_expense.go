package ledger

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/web"
)

// ExpensesPage is /ledger/expenses: all that was ever asked for, newest first.
type ExpensesPage struct {
	Bills []Bills `json:"expenses"`
	Older string  `json:"older,omitempty"`
}

func (s *Service) listExpenses(r *portal.Request) (portal.Page, error) {
	below, err := strconv.ParseUint(r.Query("before"), 10, 63)
	if err != nil {
		below = 1 << 63
	}
	var p ExpensesPage
	err = s.look(readerOf(r), func(l sight) error {
		var next uint64
		p.Bills, next = l.bills(below, pageSize)
		if next > 0 {
			p.Older = path("/ledger/expenses?before=", next)
		}
		return nil
	})
	return p, err
}

// Title of the list.
func (p ExpensesPage) Title(f *web.Frame) string { return f.T("ledger.title-expenses") }

// HTML is the list.
//
//go:noinline
func (p ExpensesPage) HTML(f *web.Frame) templ.Component { return expensesPage(f, p) }

// ExpensePage is /ledger/expenses/:index.
type ExpensePage struct {
	Bills
	Receipts []Scan  `json:"receipts_shown"`
	Stages   []Stage `json:"stages"`

	reason string // as it was sent
}

func (s *Service) showExpense(r *portal.Request) (portal.Page, error) {
	p, err := s.expensePage(r)
	return p, err
}

func (s *Service) expensePage(r *portal.Request) (p ExpensePage, err error) {
	index, err := indexOf(r)
	if err != nil {
		return p, err
	}
	err = s.look(readerOf(r), func(l sight) error {
		x, ok := l.Expense(index)
		if !ok {
			return missing()
		}
		p = ExpensePage{Bills: l.bill(x), Receipts: l.slips(x), Stages: l.stages(x)}
		return nil
	})
	return p, err
}

// slips lists the receipts that the reader may see, those that were erased included: originals are for stewards.
func (l sight) slips(x book.Expense) []Scan {
	all := []Scan{}
	indexes := x.Public
	if l.r.Steward {
		indexes = x.Originals
	}
	for _, index := range indexes {
		n, err := l.Entry(l.Self(), index)
		d, ok := record.Decode[book.Receipt](n.Event)
		if err != nil || !ok {
			continue
		}
		gone := l.View.Body(n.Origin, n.Leaf).State != body.Here
		all = append(all, Scan{index, path("/ledger/receipts/", index) + ".jpg", d.W, d.H, d.Original, gone})
	}
	return all
}

func (l sight) stages(x book.Expense) []Stage {
	all := []Stage{}
	for _, step := range x.Steps {
		stage := Stage{step.Kind, time.UnixMilli(step.At).In(l.s.o.Zone), l.person(step.By), l.name(book.Account(step.For)), Said{State: WordsNone}}
		if step.Kind != book.MendedKind {
			stage.Reason = l.words(step.Index)
		}
		all = append(all, stage)
	}
	return all
}

func (s *Service) expenseAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	p, err := s.expensePage(r)
	p.reason = r.Form("reason")
	return p, err
}

// onExpense makes an act of a command on an expense, which leads back to it.
func (s *Service) onExpense(do func(*portal.Request, uint64) (record.Ref, error), flash string) func(*portal.Request) (portal.Outcome, error) {
	return func(r *portal.Request) (portal.Outcome, error) {
		index, err := indexOf(r)
		if err == nil {
			_, err = do(r, index)
		}
		return portal.Outcome{See: path("/ledger/expenses/", index), Flash: flash}, err
	}
}

func (s *Service) postApprove(r *portal.Request, x uint64) (record.Ref, error) {
	return s.Approve(r.Context(), orderOf(r), x)
}

func (s *Service) postReturn(r *portal.Request, x uint64) (record.Ref, error) {
	return s.Return(r.Context(), orderOf(r), x, r.Form("reason"))
}

func (s *Service) postRefuse(r *portal.Request, x uint64) (record.Ref, error) {
	return s.Refuse(r.Context(), orderOf(r), x, r.Form("reason"))
}

func (s *Service) postDrop(r *portal.Request, x uint64) (record.Ref, error) {
	return s.Drop(r.Context(), orderOf(r), x)
}

func (s *Service) postPay(r *portal.Request, x uint64) (record.Ref, error) {
	return s.Pay(r.Context(), orderOf(r), x)
}

// Title says what it is for.
func (p ExpensePage) Title(f *web.Frame) string { return f.T("ledger.title-expense") }

// HTML is the expense.
//
//go:noinline
func (p ExpensePage) HTML(f *web.Frame) templ.Component { return expensePage(f, p) }

// look is how a state is tinted.
func (b Bills) look() string {
	switch b.State {
	case book.Paid:
		return "good"
	case book.Refused, book.Dropped:
		return ""
	}
	return "warn"
}

func (b Bills) to(act string) string { return path("/ledger/expenses/", b.Index) + "/" + act }

// headline is what it is for, or what stands in its place.
func (b Bills) headline(f *web.Frame) string {
	if b.Memo.State == WordsHere {
		return b.Memo.Text
	}
	return f.T("ledger.words-" + string(b.Memo.State))
}
