package ledger

import (
	"strconv"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// GiftPage is /ledger/contribute: what a household promises, and what a steward took in.
type GiftPage struct {
	Pot     string    `json:"pot"` // code
	Giver   string    `json:"giver,omitempty"`
	Amount  string    `json:"amount"` // as it was typed
	Memo    string    `json:"memo,omitempty"`
	On      string    `json:"on,omitempty"`
	Unnamed bool      `json:"unnamed,omitempty"`
	Pledge  string    `json:"pledge,omitempty"` // index
	Pledges []Promise `json:"pledges"`

	pots    []Pot
	houses  []Name
	unnamed bool // gifts of unnamed givers are taken
}

// Promise is a pledge as pages show it.
type Promise struct {
	book.Pledge
	ForName Name         `json:"for_name"`
	PotName Name         `json:"pot_name"`
	Sum     money.Amount `json:"sum"`
	Memo    Said         `json:"memo"`
	mine    bool
}

// blankGift answers GET /ledger/contribute?pledge=, which fills in what was promised.
func (s *Service) blankGift(r *portal.Request) (portal.Page, error) {
	return s.fillGift(r, GiftPage{Pledge: r.Query("pledge")})
}

func (s *Service) giftAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.fillGift(r, GiftPage{
		Pot: r.Form("pot"), Giver: r.Form("giver"), Amount: r.Form("amount"), Memo: r.Form("memo"), On: r.Form("on"),
		Unnamed: r.Form("unnamed") == "yes", Pledge: r.Form("pledge"),
	})
}

func (s *Service) fillGift(r *portal.Request, p GiftPage) (portal.Page, error) {
	err := s.look(readerOf(r), func(l sight) error {
		p.houses, p.unnamed = l.households(), l.Rule(book.RuleUnnamed) != 0
		for _, one := range l.pots() {
			if !one.Shut {
				p.pots = append(p.pots, one)
			}
		}
		p.Pledges = []Promise{}
		for _, one := range l.OpenPledges() {
			promise := l.promise(one)
			p.Pledges = append(p.Pledges, promise)
			if p.Amount == "" && p.Pledge == strconv.FormatUint(one.Index, 10) {
				p.Pot, p.Giver, p.Amount = promise.PotName.Code, promise.ForName.Code, r.Lang.Quantity(promise.Sum)
			}
		}
		return nil
	})
	if len(p.pots) == 1 {
		p.Pot = p.pots[0].Code
	}
	return p, err
}

func (l sight) promise(one book.Pledge) Promise {
	place, _ := l.Place(one.Pot)
	return Promise{
		one, l.name(book.Account(one.For)), l.name(one.Pot), l.Amount(one.Amount, place.Unit), l.words(one.Index), one.For == l.r.Household,
	}
}

// gift reads pot and amount of the form.
func (s *Service) gift(r *portal.Request) (pot book.Account, amount int64, err error) {
	pot, err = accountOf(r.Form("pot"), "pot")
	if err != nil {
		return pot, 0, fault.New(fault.Invalid, "ledger.no-such-pot").On("pot")
	}
	err = s.look(Reader{}, func(l sight) (err error) {
		place, _ := l.Place(pot)
		amount, err = amountOf(r, l.Scale(place.Unit))
		return err
	})
	return pot, amount, err
}

func (s *Service) postGift(r *portal.Request) (portal.Outcome, error) {
	pot, amount, err := s.gift(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	giver, err := accountOf(r.Form("giver"), "giver")
	if err != nil {
		return portal.Outcome{}, err
	}
	c := Contribution{
		Contributed: book.Contributed{Pot: pot, Amount: amount, On: r.Form("on")}, Giver: giver, Unnamed: r.Form("unnamed") == "yes",
		Memo: r.Form("memo"),
	}
	if typed := r.Form("pledge"); typed != "" {
		index, err := strconv.ParseUint(typed, 10, 63)
		if err != nil {
			return portal.Outcome{}, missing()
		}
		c.Contributed.Pledge = &index
	}
	ref, err := s.Contribute(r.Context(), orderOf(r), c)
	return made(r, ref, "/ledger/entries/", "ledger.flash-contributed"), err
}

func (s *Service) postPledge(r *portal.Request) (portal.Outcome, error) {
	pot, amount, err := s.gift(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	ref, err := s.Pledge(r.Context(), orderOf(r), book.Pledged{Pot: pot, Amount: amount}, r.Form("memo"))
	out := made(r, ref, "/events/", "ledger.flash-pledged")
	out.See = "/ledger/contribute"
	return out, err
}

func (s *Service) postUnpledge(r *portal.Request) (portal.Outcome, error) {
	index, err := indexOf(r)
	if err == nil {
		_, err = s.Unpledge(r.Context(), orderOf(r), index)
	}
	return portal.Outcome{See: "/ledger/contribute", Flash: "ledger.flash-unpledged"}, err
}

// Title of the page.
func (p GiftPage) Title(f *web.Frame) string { return f.T("ledger.title-gift") }

// HTML is the page.
//
//go:noinline
func (p GiftPage) HTML(f *web.Frame) templ.Component { return giftPage(f, p) }
