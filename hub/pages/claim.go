package pages

import (
	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/web"
)

func (s Pages) mountClaim(p *portal.Portal) {
	p.Get("/claim/:code", s.claimForm, portal.Fresh)
	p.Post("/claim/:code", s.claim, s.claimAgain, portal.Fresh)
}

// Entry is what both doors, claim and join, ask for; it carries what was typed when a form comes back. The secret is
// never among it.
type Entry struct {
	Name     string     `json:"name"`    // for signing in: private
	Display  string     `json:"display"` // for others to see, "" for none
	Reach    body.Reach `json:"reach"`
	Language string     `json:"language"`
}

func entry(r *portal.Request) Entry {
	e := Entry{Name: r.Form("name"), Display: r.Form("display"), Reach: body.Reach(r.Form("reach")), Language: r.Form("language")}
	if e.Reach == "" {
		e.Reach = body.Neighbours
	}
	return e
}

// newcomer reads the form as people wants it. A language that was not sent is the one that the page is shown in.
func newcomer(r *portal.Request) people.Newcomer {
	n := people.Newcomer{
		Code: r.Param("code"), Household: r.Form("household"), Name: r.Form("name"), Display: r.Form("display"),
		Secret: r.Secret("secret"), Language: r.Form("language"), Reach: body.Reach(r.Form("reach")),
	}
	if n.Language == "" {
		n.Language = r.Lang.Code
	}
	return n
}

// Claim is the form by which a hub gets its first steward.
type Claim struct {
	Entry
	Household string `json:"household"` // displayed name
	path      string
}

func (s Pages) claimForm(r *portal.Request) (portal.Page, error) {
	if err := s.People.Claimable(r.Param("code"), from(r)); err != nil {
		return nil, err
	}
	e := entry(r)
	e.Language = r.Lang.Code
	return Claim{Entry: e, path: r.Path()}, nil
}

func (s Pages) claim(r *portal.Request) (portal.Outcome, error) {
	w, err := s.People.UseClaim(r.Context(), order(r), newcomer(r), from(r))
	if err != nil {
		return portal.Outcome{}, err
	}
	return arrive(r, w, "/", "pages.claimed"), nil
}

func (s Pages) claimAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return Claim{Entry: entry(r), Household: r.Form("household"), path: r.Path()}, nil
}

// Title of the page.
func (c Claim) Title(f *web.Frame) string { return f.T("pages.claim-title") }

// HTML is the form.
//
//go:noinline
func (c Claim) HTML(f *web.Frame) templ.Component { return claimView(f, c) }
