package pages

import (
	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/web"
)

func (s Pages) mountSignIn(p *portal.Portal) {
	p.Get("/sign-in", signInForm, portal.Fresh)
	p.Post("/sign-in", s.signIn, signInAgain, portal.Fresh)
	p.Get("/recover", recoverForm, portal.Fresh)
	p.Post("/recover", s.recover, recoverAgain, portal.Fresh)
	p.Post("/sign-out", s.signOut, nil, portal.Members)
}

// SignIn asks for name and secret.
type SignIn struct {
	Name string `json:"name"`
	Back string `json:"back"` // path that it leads to
}

func signInForm(r *portal.Request) (portal.Page, error) {
	return SignIn{Name: r.Form("name"), Back: r.Back("/")}, nil
}

func signInAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) { return signInForm(r) }

func (s Pages) signIn(r *portal.Request) (portal.Outcome, error) {
	w, err := s.People.SignIn(r.Context(), r.Form("name"), r.Secret("secret"), from(r))
	if err != nil {
		return portal.Outcome{}, err
	}
	return arrive(r, w, r.Back("/"), ""), nil
}

// Title of the page.
func (s SignIn) Title(f *web.Frame) string { return f.T("pages.sign-in-title") }

// HTML is the form.
//
//go:noinline
func (s SignIn) HTML(f *web.Frame) templ.Component { return signInView(f, s) }

// Recover asks for a code of the recovery card and a new secret.
type Recover struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

func recoverForm(r *portal.Request) (portal.Page, error) {
	return Recover{Name: r.Form("name"), Code: r.Form("code")}, nil
}

func recoverAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) { return recoverForm(r) }

func (s Pages) recover(r *portal.Request) (portal.Outcome, error) {
	w, err := s.People.Recover(r.Context(), r.Form("name"), r.Form("code"), r.Secret("secret"), from(r))
	if err != nil {
		return portal.Outcome{}, err
	}
	return arrive(r, w, "/me", "pages.recovered"), nil
}

// Title of the page.
func (p Recover) Title(f *web.Frame) string { return f.T("pages.recover-title") }

// HTML is the form.
//
//go:noinline
func (p Recover) HTML(f *web.Frame) templ.Component { return recoverView(f, p) }

// signOut ends the session of this browser; one that has ended meanwhile is no reason to complain. A script, which has no
// session of its own, is told so.
func (s Pages) signOut(r *portal.Request) (portal.Outcome, error) {
	err := s.People.Revoke(r.Context(), order(r), r.Visitor.Session)
	if err != nil && (r.Visitor.Bearer || !fault.Is(err, fault.NotFound)) {
		return portal.Outcome{}, err
	}
	return portal.Outcome{See: "/", SignOut: true, Flash: "pages.signed-out"}, nil
}
