package pages

import (
	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

func (s Pages) mountMe(p *portal.Portal) {
	p.Get("/me", s.me, portal.Members)
	p.Post("/me/name", s.setName, s.meAgain, portal.Members)
	p.Post("/me/language", s.setLanguage, s.meAgain, portal.Members)
	p.Post("/me/secret", s.changeSecret, s.meAgain, portal.Members)
	p.Post("/me/sessions/:id/end", s.endSession, s.meAgain, portal.Members)
}

// Me is a member's own corner: who they are here, and the ways in that they have.
type Me struct {
	people.Member
	HouseholdName string           `json:"householdName,omitempty"`
	Reach         body.Reach       `json:"reach"` // of the displayed name
	Settings      people.Settings  `json:"settings"`
	Sessions      []people.Session `json:"sessions"`
	Session       string           `json:"session"` // id of the one that asks, "" for a bearer
	Tokens        []people.Token   `json:"tokens"`
	CodesLeft     int              `json:"recoveryCodesLeft"`
}

func (s Pages) me(r *portal.Request) (portal.Page, error) {
	me, err := s.readMe(r)
	return me, err
}

// meAgain is the page with what was typed; its many forms have no field name in common but those that are secret.
func (s Pages) meAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	me, err := s.readMe(r)
	if len(r.FormAll("display")) > 0 {
		me.Name, me.Reach = r.Form("display"), body.Reach(r.Form("reach"))
	}
	return me, err
}

func (s Pages) readMe(r *portal.Request) (me Me, err error) {
	handle := r.Visitor.Member
	err = s.Record.Read(func(v record.View) error {
		me.Member, err = s.People.Member(v, v.Self(), handle, true)
		if err != nil {
			return err
		}
		me.HouseholdName = s.People.NameOf(v, v.Self(), me.Household, true)
		me.Reach = s.People.ReachOf(v, v.Self(), handle)
		me.Sessions, me.Session = s.People.Sessions(v, handle), r.Visitor.Session
		me.Tokens = s.People.Tokens(v, handle)
		me.CodesLeft = s.People.CodesLeft(v, handle)
		me.Settings, err = s.People.Settings(v, handle)
		return err
	})
	if me.Reach == "" {
		me.Reach = body.Neighbours
	}
	return me, err
}

// Title is the member's name.
func (m Me) Title(f *web.Frame) string {
	if m.Name != "" {
		return m.Name
	}
	return m.Handle
}

// HTML shows everything on one page: on a phone one scroll is quicker than eight taps.
//
//go:noinline
func (m Me) HTML(f *web.Frame) templ.Component { return meView(f, m) }

func (s Pages) setName(r *portal.Request) (portal.Outcome, error) {
	receipt, err := s.People.SetName(r.Context(), order(r), r.Form("display"), body.Reach(r.Form("reach")))
	if err != nil {
		return portal.Outcome{}, err
	}
	o := portal.Outcome{See: "/me", Flash: "pages.saved"}
	if len(receipt.Events) > 0 {
		o.Created = created(r, r.Visitor.Member, "/me", receipt.First())
	}
	return o, nil
}

func (s Pages) setLanguage(r *portal.Request) (portal.Outcome, error) {
	tag := r.Form("language")
	err := s.People.SetLanguage(r.Context(), order(r), tag)
	return portal.Outcome{See: "/me", Language: tag, Flash: "pages.saved"}, err
}

func (s Pages) changeSecret(r *portal.Request) (portal.Outcome, error) {
	err := s.People.ChangeSecret(r.Context(), order(r), r.Visitor.Session, r.Secret("old"), r.Secret("secret"), from(r))
	return portal.Outcome{See: "/me", Flash: "pages.secret-changed"}, err
}

func (s Pages) endSession(r *portal.Request) (portal.Outcome, error) {
	err := s.People.Revoke(r.Context(), order(r), r.Param("id"))
	return portal.Outcome{See: "/me", Flash: "pages.session-ended", SignOut: r.Param("id") == r.Visitor.Session}, err
}
