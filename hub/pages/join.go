package pages

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/web"
)

func (s Pages) mountJoin(p *portal.Portal) {
	p.Get("/join", func(r *portal.Request) (portal.Page, error) { return Knock{}, nil }, portal.Fresh)
	p.Post("/join", s.knock, s.knockAgain, portal.Fresh)
	p.Get("/join/:code", s.joinForm, portal.Fresh)
	p.Post("/join/:code", s.join, s.joinAgain, portal.Fresh)
}

// Knock is where a code is typed in that came on paper or by word of mouth.
type Knock struct {
	Code string `json:"code"`
}

func (s Pages) knock(r *portal.Request) (portal.Outcome, error) {
	if _, err := s.People.Opened(r.Form("code"), from(r)); err != nil {
		return portal.Outcome{}, err
	}
	return portal.Outcome{See: "/join/" + url.PathEscape(r.Form("code"))}, nil
}

func (s Pages) knockAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return Knock{Code: r.Form("code")}, nil
}

// Title of the page.
func (k Knock) Title(f *web.Frame) string { return f.T("pages.join-title") }

// HTML is the form.
//
//go:noinline
func (k Knock) HTML(f *web.Frame) templ.Component { return knockView(f, k) }

// Join is the form behind an invitation.
type Join struct {
	Entry
	Household     string    `json:"household"` // handle
	HouseholdName string    `json:"householdName,omitempty"`
	Member        string    `json:"member,omitempty"` // who is invited back to their handle, "" for a new member
	MemberName    string    `json:"memberName,omitempty"`
	Expires       time.Time `json:"expires,omitzero"`
	path          string
}

func (s Pages) joinForm(r *portal.Request) (portal.Page, error) {
	e := entry(r)
	e.Language = r.Lang.Code
	return s.joinPage(r, e)
}

func (s Pages) joinPage(r *portal.Request, e Entry) (portal.Page, error) {
	i, err := s.People.Opened(r.Param("code"), from(r))
	if err != nil {
		return nil, err
	}
	return Join{
		Entry: e, Household: i.Household, HouseholdName: i.HouseholdName,
		Member: i.Member, MemberName: i.MemberName, Expires: i.Expires, path: r.Path(),
	}, nil
}

func (s Pages) join(r *portal.Request) (portal.Outcome, error) {
	w, err := s.People.Join(r.Context(), order(r), newcomer(r), from(r))
	if err != nil {
		return portal.Outcome{}, err
	}
	return arrive(r, w, "/", "pages.joined"), nil
}

// joinAgain fills the form in again; behind a code that is void by now there is only the door.
func (s Pages) joinAgain(r *portal.Request, f *fault.Fault) (portal.Page, error) {
	page, err := s.joinPage(r, entry(r))
	if err != nil {
		return s.knockAgain(r, f)
	}
	return page, nil
}

// Title of the page.
func (j Join) Title(f *web.Frame) string {
	if j.Member != "" {
		return f.T("pages.back-title")
	}
	return f.T("pages.join-title")
}

// HTML is the form.
//
//go:noinline
func (j Join) HTML(f *web.Frame) templ.Component { return joinView(f, j) }
