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

// The acts of /ledger/lines/:hub.

func (s *Service) postTrust(r *portal.Request, hub string) (record.Ref, error) {
	at := Line{hub, money.Unit(r.Form("unit"))}
	most, err := s.optional(r, "most", at.Unit, -1)
	if err != nil {
		return record.Ref{}, err
	}
	if most < 0 {
		return record.Ref{}, fault.New(fault.Invalid, "ledger.amount-missing").On("most")
	}
	return s.TrustLine(r.Context(), orderOf(r), at, most)
}

// figureOf reads a number that a form of ours carried along unseen.
func figureOf(r *portal.Request, field string) (int64, error) {
	n, err := strconv.ParseInt(r.Form(field), 10, 64)
	if err != nil {
		return 0, malformed()
	}
	return n, nil
}

func (s *Service) postAgreeLine(r *portal.Request, hub string) (record.Ref, error) {
	most, err := figureOf(r, "most")
	if err != nil {
		return record.Ref{}, err
	}
	return s.AgreeLine(r.Context(), orderOf(r), Line{hub, money.Unit(r.Form("unit"))}, most)
}

func (s *Service) postFreeze(r *portal.Request, hub string) (record.Ref, error) {
	return s.FreezeLine(r.Context(), orderOf(r), hub, r.Form("frozen") == "yes")
}

func (s *Service) postShut(r *portal.Request, hub string) (record.Ref, error) {
	return s.ShutLine(r.Context(), orderOf(r), Line{hub, money.Unit(r.Form("unit"))})
}

func (s *Service) postWriteoff(r *portal.Request, hub string) (record.Ref, error) {
	amount, err := figureOf(r, "amount")
	if err != nil {
		return record.Ref{}, err
	}
	d := book.WriteoffAsked{Hub: hub, Unit: money.Unit(r.Form("unit")), Amount: amount}
	return s.AskWriteoff(r.Context(), orderOf(r), d, r.Form("decision"))
}

func (s *Service) postWriteoffYes(r *portal.Request, _ string) (record.Ref, error) {
	ask, err := figureOf(r, "ask")
	if err != nil || ask < 0 {
		return record.Ref{}, missing()
	}
	return s.AgreeWriteoff(r.Context(), orderOf(r), uint64(ask))
}

func (s *Service) postCaps(r *portal.Request) (portal.Outcome, error) {
	d := book.LineCapped{Unit: money.Unit(r.Form("unit"))}
	var err error
	if d.Imports, err = s.optional(r, "imports", d.Unit, -1); err != nil {
		return portal.Outcome{}, err
	}
	if d.Exports, err = s.optional(r, "exports", d.Unit, -1); err != nil {
		return portal.Outcome{}, err
	}
	_, err = s.CapLines(r.Context(), orderOf(r), d)
	return portal.Outcome{See: "/ledger/lines", Flash: "ledger.flash-set"}, err
}

// PayPage is /ledger/lines/:hub/pay, empty or filled in.
type PayPage struct {
	Hub    HubRef      `json:"hub"`
	Lines  []LineShown `json:"lines"`
	To     string      `json:"to"` // code of the household over there
	Unit   money.Unit  `json:"unit"`
	Amount string      `json:"amount"` // as it was typed
	On     string      `json:"on,omitempty"`
	Memo   string      `json:"memo,omitempty"`
}

// blankPay answers GET /ledger/lines/:hub/pay?to=&unit=&amount=&memo=.
func (s *Service) blankPay(r *portal.Request) (portal.Page, error) {
	return s.fillPay(r, PayPage{To: r.Query("to"), Unit: money.Unit(r.Query("unit")), Amount: r.Query("amount"), Memo: r.Query("memo")})
}

func (s *Service) payAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.fillPay(r, PayPage{To: r.Form("to"), Unit: money.Unit(r.Form("unit")), Amount: r.Form("amount"), On: r.Form("on"), Memo: r.Form("memo")})
}

func (s *Service) fillPay(r *portal.Request, p PayPage) (portal.Page, error) {
	hub := r.Param("hub")
	err := s.look(readerOf(r), func(l sight) error {
		p.Hub = l.hub(hub)
		for _, t := range l.TrustLines(hub) {
			if !t.Shut {
				p.Lines = append(p.Lines, l.line(t))
			}
		}
		return nil
	})
	if err == nil && (!record.ValidID(hub) || len(p.Lines) == 0) {
		err = missing()
	}
	if err != nil {
		return nil, err
	}
	if p.Unit == "" {
		p.Unit = p.Lines[0].Unit
	}
	return p, nil
}

func (s *Service) postAbroad(r *portal.Request) (portal.Outcome, error) {
	p := FarTransfer{Line: Line{r.Param("hub"), money.Unit(r.Form("unit"))}, On: r.Form("on"), Memo: r.Form("memo")}
	to, err := accountOf(r.Form("to"), "to")
	if err != nil {
		return portal.Outcome{}, err
	}
	p.To = to
	err = s.look(Reader{}, func(l sight) (err error) {
		p.Amount, err = amountOf(r, l.Scale(p.Unit))
		return err
	})
	if err != nil {
		return portal.Outcome{}, err
	}
	ref, err := s.Send(r.Context(), orderOf(r), p)
	return made(r, ref, "/ledger/payments/", "ledger.flash-sent"), err
}

// Title names the hub.
func (p PayPage) Title(f *web.Frame) string { return f.T("ledger.title-pay", p.Hub.Name) }

// HTML is the form.
//
//go:noinline
func (p PayPage) HTML(f *web.Frame) templ.Component { return payPage(f, p) }

// PaymentPage is /ledger/payments/:index: where a payment to another hub is.
type PaymentPage struct {
	Leaving
	Name HubRef `json:"name"`
	Memo Said   `json:"memo"`
}

func (s *Service) showPayment(r *portal.Request) (portal.Page, error) {
	var p PaymentPage
	index, err := indexOf(r)
	if err != nil {
		return nil, err
	}
	err = s.look(readerOf(r), func(l sight) error {
		payment, ok := l.Payment(index)
		if !ok {
			return missing()
		}
		p = PaymentPage{l.left(payment), l.hub(payment.Hub), l.words(index)}
		return nil
	})
	return p, err
}

func (s *Service) paymentAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.showPayment(r)
}

func (s *Service) postRecall(r *portal.Request) (portal.Outcome, error) {
	index, err := indexOf(r)
	if err == nil {
		_, err = s.Recall(r.Context(), orderOf(r), index)
	}
	return portal.Outcome{See: path("/ledger/payments/", index), Flash: "ledger.flash-recalled"}, err
}

// Title of the payment.
func (p PaymentPage) Title(f *web.Frame) string { return f.T("ledger.title-payment") }

// HTML is the payment.
//
//go:noinline
func (p PaymentPage) HTML(f *web.Frame) templ.Component { return paymentPage(f, p) }

// look is the colour of where a payment is.
func (p PaymentPage) look() string {
	switch p.State {
	case book.Arrived:
		return "good"
	case book.GivenBack:
		return "warn"
	}
	return ""
}

func (p PayPage) unitChoices(f *web.Frame) []web.Choice {
	var all []web.Choice
	for _, l := range p.Lines {
		all = append(all, web.Choice{Value: string(l.Unit), Label: unitName(f, l.Unit), Chosen: l.Unit == p.Unit})
	}
	return all
}
