package pages

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

func (s Pages) mountPeople(p *portal.Portal) {
	p.Get("/people", s.people)
	p.Post("/people/invitations", s.invite, s.peopleAgain, portal.Stewards)
	p.Get("/people/invitations/:key", s.invitation, portal.Stewards)
	p.Post("/people/households/:handle/name", s.nameHousehold, s.peopleAgain, portal.Members)
	p.Post("/people/stewards", s.appoint, s.peopleAgain, portal.Stewards)
	p.Post("/people/stewards/:handle/end", s.endSteward, s.peopleAgain, portal.Stewards)
}

// People is who lives on the block, as far as the reader may know.
type People struct {
	Households  []people.Household  `json:"households"`
	Invitations []people.Invitation `json:"invitations"` // open ones, for stewards only
	Household   string              `json:"-"`           // what was typed for a new one
	own         string              // the reader's household
}

func (s Pages) people(r *portal.Request) (portal.Page, error) {
	p := People{Invitations: []people.Invitation{}, Household: r.Form("household"), own: r.Visitor.Household}
	err := s.Record.Read(func(v record.View) error {
		p.Households = s.People.Households(v, v.Self(), r.Visitor.Known())
		if r.Visitor.Steward {
			p.Invitations = s.People.Invitations(v)
		}
		return nil
	})
	return p, err
}

func (s Pages) peopleAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.people(r)
}

// Title of the page.
func (p People) Title(f *web.Frame) string { return f.T("pages.people-title") }

// HTML lists households.
//
//go:noinline
func (p People) HTML(f *web.Frame) templ.Component { return peopleView(f, p) }

// invite reads three forms: `household` names a new one, `into` is the handle of one, `member` is who comes back.
func (s Pages) invite(r *portal.Request) (portal.Outcome, error) {
	o := keyedOrder(r)
	in := people.Inviting{Name: r.Form("household"), Household: r.Form("into"), Member: r.Form("member")}
	i, receipt, err := s.People.Invite(r.Context(), o, in)
	if err != nil {
		return portal.Outcome{}, err
	}
	see := "/people/invitations/" + url.PathEscape(o.Key)
	made := receipt.Events[len(receipt.Events)-1]
	return portal.Outcome{See: see, Created: invited{created(r, i.Household, "/join/"+i.Code, made), i.Code}}, nil
}

// invited answers a script; url is the address to hand on.
type invited struct {
	portal.Created
	Code string `json:"code"`
}

// Invitation is an open invitation, to be spoken, shown or printed.
type Invitation struct {
	people.Invitation
	URL string `json:"url"`
}

func (s Pages) invitation(r *portal.Request) (portal.Page, error) {
	o := order(r)
	o.Key = r.Param("key")
	var i Invitation
	err := s.Record.Read(func(v record.View) (err error) {
		i.Invitation, err = s.People.ShownInvitation(v, o)
		return err
	})
	i.URL = r.URL("/join/" + i.Code)
	return i, err
}

// Title of the page.
func (i Invitation) Title(f *web.Frame) string { return f.T("pages.invitation-title") }

// HTML shows the code as words, as a link and as a picture.
//
//go:noinline
func (i Invitation) HTML(f *web.Frame) templ.Component { return invitationView(f, i) }

// called is how a household is called on pages: by its name, or else its handle.
func called(name, handle string) string {
	if name != "" {
		return name
	}
	return handle
}

func (s Pages) nameHousehold(r *portal.Request) (portal.Outcome, error) {
	handle := r.Param("handle")
	receipt, err := s.People.NameHousehold(r.Context(), order(r), handle, r.Form("household"), body.Reach(r.Form("reach")))
	if err != nil {
		return portal.Outcome{}, err
	}
	return portal.Outcome{See: "/people", Flash: "pages.saved", Created: created(r, handle, "/people", receipt.First())}, nil
}

// appoint takes `until` as a date, whose whole day still belongs to the term.
func (s Pages) appoint(r *portal.Request) (portal.Outcome, error) {
	var until time.Time
	if day := r.Form("until"); day != "" {
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return portal.Outcome{}, fault.New(fault.Invalid, "pages.date-odd").On("until")
		}
		until = t.AddDate(0, 0, 1)
	}
	receipt, err := s.People.Appoint(r.Context(), order(r), r.Form("member"), until)
	if err != nil {
		return portal.Outcome{}, err
	}
	return portal.Outcome{See: "/people", Flash: "pages.saved", Created: created(r, r.Form("member"), "/people", receipt.First())}, nil
}

func (s Pages) endSteward(r *portal.Request) (portal.Outcome, error) {
	handle := r.Param("handle")
	receipt, err := s.People.EndSteward(r.Context(), order(r), handle)
	if err != nil {
		return portal.Outcome{}, err
	}
	return portal.Outcome{See: "/people", Flash: "pages.saved", Created: created(r, handle, "/people", receipt.First())}, nil
}
