package ledger

import (
	"strconv"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// Ways of a transfer.
const (
	wayGive = "give" // the reader's household pays
	wayAsk  = "ask"  // the other one shall
	waySlip = "slip" // a steward enters it for two others
)

// TransferPage is /ledger/transfer, empty or filled in.
type TransferPage struct {
	Way    string     `json:"way"`
	From   string     `json:"from,omitempty"` // code, for slips
	With   string     `json:"to"`             // code of the other household
	Unit   money.Unit `json:"unit"`
	Amount string     `json:"amount"` // as it was typed
	On     string     `json:"on,omitempty"`
	Memo   string     `json:"memo,omitempty"`

	houses []Name
	units  []book.Admitted
	mine   []Having
	today  string
}

// blankTransfer answers GET /ledger/transfer?to=&unit=&amount=&memo=, which is also what a QR code opens.
func (s *Service) blankTransfer(r *portal.Request) (portal.Page, error) {
	p := TransferPage{
		Way: wayGive, With: r.Query("to"), Unit: money.Unit(r.Query("unit")), Amount: r.Query("amount"), Memo: r.Query("memo"),
	}
	return s.fillTransfer(r, p)
}

func (s *Service) transferAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.fillTransfer(r, sentTransfer(r))
}

func sentTransfer(r *portal.Request) TransferPage {
	return TransferPage{
		Way: r.Form("way"), From: r.Form("from"), With: r.Form("to"), Unit: money.Unit(r.Form("unit")),
		Amount: r.Form("amount"), On: r.Form("on"), Memo: r.Form("memo"),
	}
}

func (s *Service) fillTransfer(r *portal.Request, p TransferPage) (portal.Page, error) {
	err := s.look(readerOf(r), func(l sight) error {
		p.units, p.mine = l.Units(), l.having(book.Account(l.r.Household))
		for _, n := range l.households() {
			if string(n.Account) != l.r.Household || l.r.Steward {
				p.houses = append(p.houses, n)
			}
		}
		return nil
	})
	p.today = r.Now().In(s.o.Zone).Format("2006-01-02")
	if p.Unit == "" {
		p.Unit = money.Hour
	}
	return p, err
}

// transfer reads the form.
func (s *Service) transfer(r *portal.Request) (t Transfer, err error) {
	p := sentTransfer(r)
	other, err := accountOf(p.With, "to")
	if err != nil {
		return t, err
	}
	t = Transfer{From: book.Account(r.Visitor.Household), To: other, Unit: p.Unit, On: p.On, Memo: p.Memo}
	switch p.Way {
	case wayAsk:
		t.From, t.To = other, t.From
	case waySlip:
		if t.From, err = accountOf(p.From, "from"); err != nil {
			return t, err
		}
	}
	scale, err := s.scaleOf(t.Unit)
	if err == nil {
		t.Amount, err = amountOf(r, scale)
	}
	return t, err
}

func (s *Service) postTransfer(r *portal.Request) (portal.Outcome, error) {
	t, err := s.transfer(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	if r.Form("way") == wayAsk {
		ref, err := s.Request(r.Context(), orderOf(r), t)
		return made(r, ref, "/ledger/requests/", "ledger.flash-requested"), err
	}
	ref, err := s.Give(r.Context(), orderOf(r), t)
	return made(r, ref, "/ledger/entries/", "ledger.flash-given"), err
}

// Title of the form.
func (p TransferPage) Title(f *web.Frame) string { return f.T("ledger.title-transfer") }

// HTML is the form.
//
//go:noinline
func (p TransferPage) HTML(f *web.Frame) templ.Component { return transferPage(f, p) }

func (p TransferPage) ways(f *web.Frame) []web.Choice {
	var all []web.Choice
	for _, way := range []string{wayGive, wayAsk, waySlip} {
		if way != waySlip || f.Visitor.Steward {
			all = append(all, web.Choice{Value: way, Label: f.T("ledger.way-" + way), Hint: f.T("ledger.way-" + way + "-hint"), Chosen: way == p.Way})
		}
	}
	return all
}

func unitChoices(f *web.Frame, units []book.Admitted, chosen money.Unit) []web.Choice {
	var all []web.Choice
	for _, u := range units {
		all = append(all, web.Choice{Value: string(u.Unit), Label: unitName(f, u.Unit), Chosen: u.Unit == chosen})
	}
	return all
}

func unitName(f *web.Frame, u money.Unit) string {
	if u == money.Hour {
		return f.T("ledger.unit-hour")
	}
	return string(u)
}

func chosen(code string) book.Account {
	a, err := accountOf(code, "")
	if err != nil {
		return ""
	}
	return a
}

// Asking is a request as pages show it.
type Asking struct {
	book.Request
	FromName Name         `json:"from_name"`
	ToName   Name         `json:"to_name"`
	Sum      money.Amount `json:"sum"`
	Memo     Said         `json:"memo"`
	By       Person       `json:"by"`
}

func (l sight) asking(q book.Request) Asking {
	return Asking{q, l.name(q.From), l.name(q.To), l.Amount(q.Amount, q.Unit), l.words(q.Index), l.person(q.By)}
}

// RequestPage is /ledger/requests/:index.
type RequestPage struct {
	Asking
	mayAgree, mayDecline bool
}

func (s *Service) showRequest(r *portal.Request) (portal.Page, error) {
	var p RequestPage
	index, err := indexOf(r)
	if err != nil {
		return nil, err
	}
	err = s.look(readerOf(r), func(l sight) error {
		q, ok := l.Request(index)
		if !ok {
			return missing()
		}
		p.Asking = l.asking(q)
		open := q.State == book.Open
		p.mayAgree = open && string(q.From) == l.r.Household
		p.mayDecline = p.mayAgree || open && string(q.To) == l.r.Household
		return nil
	})
	return p, err
}

func (s *Service) requestAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.showRequest(r)
}

func (s *Service) postAgree(r *portal.Request, index uint64) (record.Ref, error) {
	return s.Agree(r.Context(), orderOf(r), index)
}

func (s *Service) postDecline(r *portal.Request) (portal.Outcome, error) {
	index, err := indexOf(r)
	if err == nil {
		_, err = s.Decline(r.Context(), orderOf(r), index)
	}
	return portal.Outcome{See: path("/ledger/requests/", index), Flash: "ledger.flash-declined"}, err
}

// Title says what is asked for.
func (p RequestPage) Title(f *web.Frame) string { return f.T("ledger.title-request") }

// HTML is the request.
//
//go:noinline
func (p RequestPage) HTML(f *web.Frame) templ.Component { return requestPage(f, p) }

func path(under string, index uint64) string { return under + strconv.FormatUint(index, 10) }
