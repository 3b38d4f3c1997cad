package ledger

import (
	"context"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/photo"
	"commonhub/hub/portal"
	"commonhub/services/ledger/book"
	"commonhub/web"
)

const (
	maxShots  = 6 // files of one form: three receipts, each with what everybody may see of it
	maxUpload = photo.MaxUpload
)

// Values of the field "show".
const (
	showAll     = "all"     // everybody sees the receipt as it is
	showPainted = "painted" // everybody sees the file in the field "public", where the browser painted over what is private
	showNone    = "private"
)

// BillPage is /ledger/expenses/new and /ledger/expenses/:index/edit, empty or filled in.
type BillPage struct {
	Action  string `json:"action"`
	Memo    string `json:"memo"`
	Amount  string `json:"amount"` // as it was typed
	Pot     string `json:"pot"`    // code
	Purpose string `json:"purpose"`
	On      string `json:"on,omitempty"`
	Show    string `json:"show"`

	pots     []Pot
	purposes []Name
	today    string
	mends    bool
}

func (s *Service) blankExpense(r *portal.Request) (portal.Page, error) {
	return s.fillBill(r, BillPage{Action: "/ledger/expenses", Show: showAll, Purpose: book.Sundries.Code()})
}

func sentBill(r *portal.Request) BillPage {
	return BillPage{
		Action: r.Path(), Memo: r.Form("memo"), Amount: r.Form("amount"), Pot: r.Form("pot"), Purpose: r.Form("purpose"), On: r.Form("on"),
		Show: r.Form("show"),
	}
}

func (s *Service) expenseFormAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.fillBill(r, sentBill(r))
}

func (s *Service) mendAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	p := sentBill(r)
	p.mends = true
	return s.fillBill(r, p)
}

func (s *Service) fillBill(r *portal.Request, p BillPage) (portal.Page, error) {
	err := s.look(readerOf(r), func(l sight) error {
		for _, one := range l.pots() {
			if !one.Shut {
				p.pots = append(p.pots, one)
			}
		}
		p.purposes = l.purposes()
		return nil
	})
	if len(p.pots) == 1 {
		p.Pot = p.pots[0].Code
	}
	p.today = r.Now().In(s.o.Zone).Format("2006-01-02")
	return p, err
}

// editExpense answers GET /ledger/expenses/:index/edit with the expense as it is.
func (s *Service) editExpense(r *portal.Request) (portal.Page, error) {
	now, err := s.expensePage(r)
	if err != nil {
		return nil, err
	}
	if !now.May.Mend {
		return nil, fault.New(fault.Denied, "ledger.expense-is-"+now.State)
	}
	p := BillPage{
		Action: path("/ledger/expenses/", now.Index) + "/edit", Memo: now.Memo.Text, Amount: r.Lang.Quantity(now.Sum), Pot: now.Pot.Code,
		Purpose: now.Purpose.Code, On: now.Day, Show: showAll, mends: true,
	}
	return s.fillBill(r, p)
}

// bill reads the form. The receipts come last: they take seconds.
func (s *Service) bill(r *portal.Request) (b Bill, err error) {
	b.Memo, b.On = r.Form("memo"), r.Form("on")
	pot, err := accountOf(r.Form("pot"), "pot")
	if err != nil {
		return b, fault.New(fault.Invalid, "ledger.no-such-pot").On("pot")
	}
	purpose, err := accountOf(r.Form("purpose"), "purpose")
	if err != nil {
		return b, fault.New(fault.Invalid, "ledger.no-such-purpose").On("purpose")
	}
	b.Pot, b.Purpose = pot, purpose
	err = s.look(Reader{}, func(l sight) (err error) {
		place, _ := l.Place(pot)
		b.Amount, err = amountOf(r, l.Scale(place.Unit))
		return err
	})
	if err == nil {
		b.Receipts, err = s.receipts(r)
	}
	return b, err
}

// receipts develops the files of the fields "receipt" and "public", which belong together in their order.
func (s *Service) receipts(r *portal.Request) ([]Shots, error) {
	originals, err := s.develop(r.Context(), r, "receipt")
	if err != nil {
		return nil, err
	}
	painted, err := s.develop(r.Context(), r, "public")
	if err != nil {
		return nil, err
	}
	var all []Shots
	for i, one := range originals {
		shots := Shots{Original: one}
		switch {
		case r.Form("show") == showAll:
			shots.Public = one
		case r.Form("show") == showPainted && i < len(painted):
			shots.Public = painted[i]
		}
		all = append(all, shots)
	}
	return all, nil
}

func (s *Service) develop(ctx context.Context, r *portal.Request, field string) (all []*photo.Picture, err error) {
	files, err := r.Files(field)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		one, err := s.developOne(ctx, f)
		if err != nil {
			return nil, fault.Of(err).On("receipt")
		}
		all = append(all, one)
	}
	return all, nil
}

func (s *Service) developOne(ctx context.Context, f portal.Upload) (*photo.Picture, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return s.darkroom.Develop(ctx, in)
}

func (s *Service) postExpense(r *portal.Request) (portal.Outcome, error) {
	b, err := s.bill(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	ref, err := s.Ask(r.Context(), orderOf(r), b)
	return made(r, ref, "/ledger/expenses/", "ledger.flash-asked"), err
}

func (s *Service) postMend(r *portal.Request) (portal.Outcome, error) {
	index, err := indexOf(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	b, err := s.bill(r)
	if err == nil {
		_, err = s.Mend(r.Context(), orderOf(r), index, b)
	}
	return portal.Outcome{See: path("/ledger/expenses/", index), Flash: "ledger.flash-asked"}, err
}

func (s *Service) postReceipts(r *portal.Request) (portal.Outcome, error) {
	index, err := indexOf(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	shots, err := s.receipts(r)
	if err == nil {
		_, err = s.Attach(r.Context(), orderOf(r), index, shots)
	}
	return portal.Outcome{See: path("/ledger/expenses/", index), Flash: "ledger.flash-receipt"}, err
}

// Title of the form.
func (p BillPage) Title(f *web.Frame) string {
	if p.mends {
		return f.T("ledger.title-mend")
	}
	return f.T("ledger.title-ask")
}

// HTML is the form.
//
//go:noinline
func (p BillPage) HTML(f *web.Frame) templ.Component { return billPage(f, p) }

// potChoices offers pots by their codes.
func potChoices(f *web.Frame, pots []Pot, chosen string) []web.Choice {
	var all []web.Choice
	for _, one := range pots {
		label := one.called(f) + " · " + unitName(f, one.Holds.Unit)
		all = append(all, web.Choice{Value: one.Code, Label: label, Chosen: one.Code == chosen})
	}
	return all
}

func shows(f *web.Frame, chosen string) []web.Choice {
	var all []web.Choice
	for _, show := range []string{showAll, showNone} {
		all = append(all, web.Choice{Value: show, Label: f.T("ledger.show-" + show), Chosen: show == chosen})
	}
	return all
}
