package pages

import (
	"net/url"

	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// Ways in: what is shown once, tokens for scripts and the recovery card. The address that shows it holds only the key of the form
// that made it; the value itself is derived anew for that member, and never stands in an address.
func (s Pages) mountWays(p *portal.Portal) {
	p.Post("/me/tokens", s.makeToken, s.meAgain, portal.Members)
	p.Get("/me/tokens/:key", s.shownToken, portal.Members)
	p.Post("/me/tokens/:id/end", s.endToken, s.meAgain, portal.Members)
	p.Post("/me/card", s.makeCard, s.meAgain, portal.Members)
	p.Get("/me/card/:key", s.shownCard, portal.Members)
}

// TokenShown is a token for scripts, to be copied now.
type TokenShown struct {
	Token string `json:"token"`
}

// madeToken answers a script.
type madeToken struct {
	portal.Created
	Token string `json:"token"`
}

func (s Pages) makeToken(r *portal.Request) (portal.Outcome, error) {
	o := keyedOrder(r)
	bearer, receipt, err := s.People.MakeToken(r.Context(), o, r.Visitor.Member, r.Form("label"))
	if err != nil {
		return portal.Outcome{}, err
	}
	see := "/me/tokens/" + url.PathEscape(o.Key)
	return portal.Outcome{See: see, Created: madeToken{created(r, r.Visitor.Member, see, receipt.First()), bearer}}, nil
}

func (s Pages) shownToken(r *portal.Request) (portal.Page, error) {
	o := order(r)
	o.Key = r.Param("key")
	var t TokenShown
	err := s.Record.Read(func(v record.View) (err error) {
		t.Token, err = s.People.ShownToken(v, o)
		return err
	})
	return t, err
}

func (s Pages) endToken(r *portal.Request) (portal.Outcome, error) {
	err := s.People.RevokeToken(r.Context(), order(r), r.Param("id"))
	return portal.Outcome{See: "/me", Flash: "pages.token-ended"}, err
}

// Title of the page.
func (t TokenShown) Title(f *web.Frame) string { return f.T("pages.token-title") }

// HTML shows the token.
//
//go:noinline
func (t TokenShown) HTML(f *web.Frame) templ.Component { return tokenView(f, t) }

// Card is a recovery card, to be printed.
type Card struct {
	Codes []string `json:"codes"`
	URL   string   `json:"url"` // where they are used
}

func (s Pages) makeCard(r *portal.Request) (portal.Outcome, error) {
	o := keyedOrder(r)
	codes, err := s.People.MakeCard(r.Context(), o)
	if err != nil {
		return portal.Outcome{}, err
	}
	return portal.Outcome{See: "/me/card/" + url.PathEscape(o.Key), Created: Card{codes, r.URL("/recover")}}, nil
}

func (s Pages) shownCard(r *portal.Request) (portal.Page, error) {
	o := order(r)
	o.Key = r.Param("key")
	c := Card{URL: r.URL("/recover")}
	err := s.Record.Read(func(v record.View) (err error) {
		c.Codes, err = s.People.ShownCard(v, o)
		return err
	})
	return c, err
}

// Title of the page.
func (c Card) Title(f *web.Frame) string { return f.T("pages.card-title") }

// HTML shows the codes.
//
//go:noinline
func (c Card) HTML(f *web.Frame) templ.Component { return cardView(f, c) }
