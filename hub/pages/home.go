package pages

import (
	"github.com/a-h/templ"

	"commonhub/hub/mirror"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

func (s Pages) mountHome(p *portal.Portal) {
	p.Get("/", func(r *portal.Request) (portal.Page, error) { return s.home(p, r) })
}

// Home is the start page: what matters today, as far as the services have something to say.
type Home struct {
	Claimed    bool          `json:"claimed"`
	Households int           `json:"households"`
	Members    int           `json:"members"`
	Neighbours int           `json:"neighbours"` // accepted ones
	Steps      []Step        `json:"steps"`      // what a steward of a young hub has yet to do
	Today      []portal.Part `json:"today"`
}

// Step is one of the first things to do.
type Step struct {
	Key  string `json:"key"` // of its sentence
	Path string `json:"path"`
	Done bool   `json:"done"`
}

func (s Pages) home(p *portal.Portal, r *portal.Request) (portal.Page, error) {
	h := Home{Steps: []Step{}}
	for _, n := range s.Neighbours.List() {
		if n.State == mirror.Accepted {
			h.Neighbours++
		}
	}
	err := s.Record.Read(func(v record.View) error {
		h.Claimed = s.People.Claimed(v)
		h.Households, h.Members = s.People.Count(v)
		if r.Visitor.Steward {
			h.Steps = h.steps(s.People.CodesLeft(v, r.Visitor.Member) > 0)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	h.Today, err = p.Parts(r)
	return h, err
}

// steps are shown until all are done; nothing else on the page depends on them.
func (h Home) steps(card bool) []Step {
	invited, accepted := h.Households > 1, h.Neighbours > 0
	if card && invited && accepted {
		return []Step{}
	}
	return []Step{
		{"pages.step-claim", "/me", true},
		{"pages.step-card", "/me#card", card},
		{"pages.step-invite", "/people", invited},
		{"pages.step-neighbour", "/neighbours", accepted},
	}
}

// Title greets.
func (h Home) Title(f *web.Frame) string { return f.T("pages.home-title", f.HubName) }

// HTML shows the parts, or the way in where there is nothing yet.
//
//go:noinline
func (h Home) HTML(f *web.Frame) templ.Component { return homeView(f, h) }
