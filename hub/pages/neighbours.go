package pages

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/mirror"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

func (s Pages) mountNeighbours(p *portal.Portal) {
	p.Get("/neighbours", s.neighbours, portal.Fresh) // what the mesh saw is no part of the generation
	p.Post("/neighbours", s.addNeighbour, s.neighboursAgain, portal.Stewards)
	p.Get("/neighbours/:id", s.neighbour, portal.Fresh)
	p.Raw(http.MethodGet, "/neighbours/:id/fork/:which", http.HandlerFunc(s.forkNote))
	p.Post("/neighbours/:id/accept", s.accept, s.neighbourAgain, portal.Stewards)
	p.Post("/neighbours/:id/block", s.decide(Neighbours.Block, "pages.blocked"), s.neighbourAgain, portal.Stewards)
	p.Post("/neighbours/succeed", s.succeed, s.neighboursAgain, portal.Stewards)
	p.Post("/neighbours/:id/vouch", s.decide(Neighbours.Vouch, "pages.vouched"), s.neighbourAgain, portal.Stewards)
	p.Post("/neighbours/:id/quota", s.setQuota, s.neighbourAgain, portal.Stewards)
	p.Post("/neighbours/:id/tier", s.setTier, s.neighbourAgain, portal.Stewards)
	p.Post("/neighbours/:id/release", s.decide(Neighbours.Release, "pages.released"), s.neighbourAgain, portal.Stewards)
}

// NeighbourList is every hub that we know of, and what the people of another hub compare to know ours.
type NeighbourList struct {
	ID         string             `json:"id"`    // of our hub
	Words      string             `json:"words"` // our own safety number
	Neighbours []mirror.Neighbour `json:"neighbours"`
	Self       mirror.Self        `json:"self"`
	Address    string             `json:"-"`                 // what was typed
	Carries    *mirror.Heir       `json:"carries,omitempty"` // the lost hub that ours carries on from, as our stewards say
	lost       string             // what was typed
}

func (s Pages) neighbours(r *portal.Request) (portal.Page, error) {
	return NeighbourList{
		ID: s.Record.Self().ID(), Words: s.Neighbours.OurWords(), Neighbours: s.Neighbours.List(), Address: r.Form("url"), Carries: s.carries(), lost: r.Form("old"),
		Self: s.Neighbours.Self(),
	}, nil
}

func (s Pages) neighboursAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.neighbours(r)
}

// Title of the page.
func (n NeighbourList) Title(f *web.Frame) string { return f.T("pages.neighbours-title") }

// HTML lists accepted hubs first.
//
//go:noinline
func (n NeighbourList) HTML(f *web.Frame) templ.Component { return neighboursView(f, n) }

// in lists the hubs of one state.
func (n NeighbourList) in(state mirror.State) []mirror.Neighbour {
	var some []mirror.Neighbour
	for _, one := range n.Neighbours {
		if one.State == state {
			some = append(some, one)
		}
	}
	return some
}

// strangers tells whether there are hubs of which we read nothing.
func (n NeighbourList) strangers() bool {
	return slices.ContainsFunc(n.Neighbours, func(one mirror.Neighbour) bool { return one.Status == mirror.Idle })
}

func (s Pages) addNeighbour(r *portal.Request) (portal.Outcome, error) {
	n, err := s.Neighbours.Add(r.Context(), r.Form("url"))
	return portal.Outcome{See: "/neighbours/" + n.ID, Flash: "pages.neighbour-added", Created: n}, err
}

// NeighbourPage is one hub, with what a steward compares before accepting it.
type NeighbourPage struct {
	mirror.Neighbour
	OwnWords  string       `json:"ownWords"`
	Fork      *mirror.Fork `json:"fork,omitempty"`      // evidence that it signed two records, once it did
	ForkEvent uint64       `json:"forkEvent,omitempty"` // index of our event about that
	Carries   *mirror.Heir `json:"carries,omitempty"`   // what it says of the hub that it carries on from
	Heirs     []hub        `json:"heirs,omitempty"`     // hubs that say that they carry on from it
	form      map[string]string
	old       hub
	vouchers  []hub
}

func (s Pages) neighbour(r *portal.Request) (portal.Page, error) {
	for _, n := range s.Neighbours.List() {
		if n.ID == r.Param("id") {
			page := NeighbourPage{Neighbour: n, OwnWords: s.Neighbours.OurWords()}
			err := s.Record.Read(func(v record.View) error {
				if fork, event, ok := mirror.ForkOf(v, n.ID); ok {
					page.Fork, page.ForkEvent = &fork, event
				}
				page.succession(v, s.Neighbours)
				return nil
			})
			return page, err
		}
	}
	return nil, fault.New(fault.NotFound, "pages.no-such-neighbour")
}

// forkNote offers one of the two signed notes that contradict each other, as they were signed.
func (s Pages) forkNote(w http.ResponseWriter, req *http.Request) {
	r := portal.From(req)
	var fork mirror.Fork
	err := s.Record.Read(func(v record.View) error {
		fork, _, _ = mirror.ForkOf(v, r.Param("id"))
		return nil
	})
	signed := map[string]string{"first": fork.First, "second": fork.Second}[r.Param("which")]
	if err != nil || signed == "" {
		http.Error(w, r.Lang.T("portal.not-found"), http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.note"`, r.Param("id"), r.Param("which")))
	h.Set("Cache-Control", "no-cache")
	io.WriteString(w, signed)
}

// neighbourAgain shows the hub with what a steward typed.
func (s Pages) neighbourAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	shown, err := s.neighbour(r)
	if page, ok := shown.(NeighbourPage); ok && strings.HasSuffix(r.Path(), "/quota") {
		page.form = map[string]string{}
		for _, b := range bounds(page.Neighbour) {
			page.form[b.name] = r.Form(b.name)
		}
		return page, err
	}
	return shown, err
}

// Title is the hub's own name.
func (n NeighbourPage) Title(f *web.Frame) string { return called(n.Name, n.ID) }

// HTML shows the hub and, to a steward, what can be decided.
//
//go:noinline
func (n NeighbourPage) HTML(f *web.Frame) templ.Component { return neighbourView(f, n) }

// decide is a steward's verdict about a hub.
func (s Pages) decide(verdict func(Neighbours, context.Context, string, string) error, flash string) func(*portal.Request) (portal.Outcome, error) {
	return func(r *portal.Request) (portal.Outcome, error) {
		err := verdict(s.Neighbours, r.Context(), r.Visitor.Member, r.Param("id"))
		return portal.Outcome{See: "/neighbours/" + r.Param("id"), Flash: flash}, err
	}
}

// accept wants the box ticked that says that people have compared the numbers.
func (s Pages) accept(r *portal.Request) (portal.Outcome, error) {
	if r.Form("compared") != "yes" {
		return portal.Outcome{}, fault.New(fault.Invalid, "pages.compare-first").On("compared")
	}
	return s.decide(Neighbours.Accept, "pages.accepted")(r)
}
