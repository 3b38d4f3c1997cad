package callout

import (
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// ListPage is /callouts: what is live, and what ended within a day.
type ListPage struct {
	Items   []Item  `json:"callouts"`
	Blocked []Muted `json:"blocked,omitempty"` // for stewards
}

// Muted is a hub, or one member of it, of whom our stewards want to hear nothing.
type Muted struct {
	Hub     string `json:"hub"`
	HubName string `json:"hub_name,omitempty"`
	Member  string `json:"member,omitempty"`
	Name    string `json:"name,omitempty"`
}

func (s *Service) list(r *portal.Request) (portal.Page, error) {
	var p ListPage
	err := s.record.Read(func(v record.View) error {
		p.Items = s.List(v, readerOf(r))
		if r.Visitor.Steward {
			p.Blocked = s.muted(v)
		}
		return nil
	})
	return p, err
}

func (s *Service) muted(v record.View) []Muted {
	var list []Muted
	for k := range v.Table(service, "blocked").From(nil) {
		m := Muted{Hub: string(k[:hubLength]), Member: string(k[hubLength+1:])}
		o := record.OriginFor(m.Hub)
		if o != v.Self() {
			m.HubName = s.o.Hubs.HubName(v, o)
		}
		if m.Member != "" {
			m.Name = s.o.Members.NameOf(v, o, m.Member, true)
		}
		list = append(list, m)
	}
	return list
}

// Title of the list.
func (p ListPage) Title(f *web.Frame) string { return f.T("callout.title-list") }

// HTML is the list.
func (p ListPage) HTML(f *web.Frame) templ.Component { return listPage(f, p) }

// Until is when the first one expires.
func (p ListPage) Until() time.Time { return soonest(p.Items) }

func soonest(items []Item) time.Time {
	var first time.Time
	for _, i := range items {
		if i.Over == "" && (first.IsZero() || i.Expires.Before(first)) {
			first = i.Expires
		}
	}
	return first
}

// TodayPart is the share of the home page: what is live, and the way to call out.
type TodayPart struct {
	Items []Item `json:"callouts"`
}

func (s *Service) today(r *portal.Request) (portal.Part, error) {
	p := TodayPart{Items: []Item{}}
	err := s.record.Read(func(v record.View) error {
		for _, i := range s.List(v, readerOf(r)) {
			if i.live() {
				p.Items = append(p.Items, i)
			}
		}
		return nil
	})
	return p, err
}

// HTML is the part.
func (p TodayPart) HTML(f *web.Frame) templ.Component { return todayPart(f, p) }

func (s *Service) postBlock(r *portal.Request) (portal.Outcome, error) {
	err := s.Block(r.Context(), orderOf(r), r.Form("hub"), r.Form("member"))
	return portal.Outcome{See: "/callouts", Flash: "callout.flash-blocked"}, err
}

func (s *Service) postUnblock(r *portal.Request) (portal.Outcome, error) {
	err := s.Unblock(r.Context(), orderOf(r), r.Form("hub"), r.Form("member"))
	return portal.Outcome{See: "/callouts", Flash: "callout.flash-unblocked"}, err
}

// look is how a state is tinted.
func (i Item) look() string {
	switch {
	case i.Over == isResolved:
		return "good"
	case i.Over != "":
		return ""
	case i.Exercise:
		return "warn"
	}
	return "bad"
}

// tongue marks words with the language that their author said.
func tongue(lang string) templ.Attributes {
	if lang == "" {
		return nil
	}
	return templ.Attributes{"lang": lang}
}
