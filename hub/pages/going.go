package pages

import (
	"net/http"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/web"
)

// Going: taking everything along, erasing, leaving. Each says what stays before it does anything.
func (s Pages) mountGoing(p *portal.Portal) {
	p.Raw(http.MethodGet, "/me/data.json", http.HandlerFunc(s.download), portal.Members)
	p.Get("/me/erase", farewell(false), portal.Members)
	p.Post("/me/erase", s.erase, farewellAgain(false), portal.Members)
	p.Get("/me/leave", farewell(true), portal.Members)
	p.Post("/me/leave", s.leave, farewellAgain(true), portal.Members)
}

// download streams the member's own data. What breaks off half-way cannot be answered any more: a JSON reader notices,
// and the operator reads why.
func (s Pages) download(w http.ResponseWriter, req *http.Request) {
	r := portal.From(req)
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+r.Visitor.Member+`.json"`)
	h.Set("Cache-Control", "no-store")
	if err := s.People.Export(req.Context(), r.Visitor.Member, w); err != nil && req.Context().Err() == nil {
		s.Log.Error("download broke off", "member", r.Visitor.Member, "err", err)
	}
}

// Farewell asks once more before something goes for good.
type Farewell struct {
	Leaving bool `json:"leaving"` // false: only the words and pictures go
}

func farewell(leaving bool) func(*portal.Request) (portal.Page, error) {
	return func(*portal.Request) (portal.Page, error) { return Farewell{leaving}, nil }
}

func farewellAgain(leaving bool) func(*portal.Request, *fault.Fault) (portal.Page, error) {
	return func(*portal.Request, *fault.Fault) (portal.Page, error) { return Farewell{leaving}, nil }
}

func (s Pages) erase(r *portal.Request) (portal.Outcome, error) {
	if err := sure(r); err != nil {
		return portal.Outcome{}, err
	}
	_, err := s.People.EraseMine(r.Context(), order(r))
	return portal.Outcome{See: "/me", Flash: "pages.erased"}, err
}

// leave erases first, if asked to: afterwards there is nobody left who could.
func (s Pages) leave(r *portal.Request) (portal.Outcome, error) {
	if err := sure(r); err != nil {
		return portal.Outcome{}, err
	}
	if err := s.People.MayLeave(r.Visitor.Member); err != nil {
		return portal.Outcome{}, err
	}
	if r.Form("erase") == "yes" {
		if _, err := s.People.EraseMine(r.Context(), order(r)); err != nil {
			return portal.Outcome{}, err
		}
	}
	receipt, err := s.People.Leave(r.Context(), order(r))
	if err != nil {
		return portal.Outcome{}, err
	}
	return portal.Outcome{
		See: "/", SignOut: true, Flash: "pages.left",
		Created: created(r, r.Visitor.Member, "/", receipt.Events[len(receipt.Events)-1]),
	}, nil
}

// sure wants the box ticked: one tap must not be enough.
func sure(r *portal.Request) error {
	if r.Form("sure") != "yes" {
		return fault.New(fault.Invalid, "pages.sure-missing").On("sure")
	}
	return nil
}

// Title of the page.
func (p Farewell) Title(f *web.Frame) string {
	if p.Leaving {
		return f.T("pages.leave-title")
	}
	return f.T("pages.erase-title")
}

// HTML says what goes and what stays.
//
//go:noinline
func (p Farewell) HTML(f *web.Frame) templ.Component { return farewellView(f, p) }
