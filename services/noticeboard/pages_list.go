package noticeboard

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// ListPage is /notices: the board, or a part of it.
type ListPage struct {
	Items  []Item `json:"notices"`
	Older  string `json:"older,omitempty"` // path of the next page
	Kind   Kind   `json:"kind,omitempty"`
	Hub    string `json:"hub,omitempty"`
	Query  string `json:"q,omitempty"`
	Past   bool   `json:"past,omitempty"`
	Mine   bool   `json:"mine,omitempty"`
	Locked bool   `json:"locked,omitempty"` // some are for members of this hub alone

	before  string
	self    string // id of our hub
	hubName string
	hubs    []hubLink
	flags   int
	until   time.Time
}

// hubLink is a hub whose notices can be listed alone.
type hubLink struct{ id, name string }

// list answers GET /notices?kind=&hub=&q=&show=past|mine&before=.
func (s *Service) list(r *portal.Request) (portal.Page, error) {
	p := ListPage{
		Kind: Kind(r.Query("kind")), Hub: r.Query("hub"), Query: cut(r.Query("q"), 200), before: r.Query("before"),
		Past: r.Query("show") == "past", Mine: r.Query("show") == "mine" && r.Visitor.Known(),
	}
	if p.Kind != "" && !p.Kind.valid() || p.Hub != "" && !record.ValidID(p.Hub) {
		return nil, fault.New(fault.NotFound, "notice.no-such-list")
	}
	err := s.record.Read(func(v record.View) error {
		s.fill(v, reader(r), &p)
		return nil
	})
	return p, err
}

func (s *Service) fill(v record.View, r Reader, p *ListPage) {
	q := Query{Kind: p.Kind, Past: p.Past, Text: p.Query, Before: p.before}
	if p.Hub != "" {
		q.Hub = record.OriginFor(p.Hub)
		p.hubName = s.o.Hubs.HubName(v, q.Hub)
	}
	if p.Mine {
		q.Member = r.Member
	}
	for _, o := range v.Origins() {
		if o != v.Self() {
			p.hubs = append(p.hubs, hubLink{o.ID(), s.o.Hubs.HubName(v, o)})
		}
	}
	p.self = v.Self().ID()
	var next string
	p.Items, next, p.Locked = s.List(v, r, q)
	if next != "" {
		p.Older = p.path("before", next)
	}
	if r.Steward {
		p.flags = len(s.Flags(v, r))
	}
	p.until = soonest(p.Items)
}

// Until is when the first notice shown expires.
func (p ListPage) Until() time.Time { return p.until }

func soonest(items []Item) time.Time {
	var first time.Time
	for _, i := range items {
		if !i.Expired && (first.IsZero() || i.Expires.Before(first)) {
			first = i.Expires
		}
	}
	return first
}

// path is this list with one parameter changed, from its beginning.
func (p ListPage) path(name, value string) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("kind", string(p.Kind))
	set("hub", p.Hub)
	set("q", p.Query)
	if p.Past {
		set("show", "past")
	}
	if p.Mine {
		set("show", "mine")
	}
	q.Del(name)
	set(name, value)
	if len(q) == 0 {
		return "/notices"
	}
	return "/notices?" + q.Encode()
}

// Title says which part of the board it is.
func (p ListPage) Title(f *web.Frame) string {
	switch {
	case p.Mine:
		return f.T("notice.title-mine")
	case p.Past:
		return f.T("notice.title-past")
	case p.hubName != "":
		return f.T("notice.title-hub", p.hubName)
	}
	return f.T("notice.title-list")
}

// HTML is the list.
//
//go:noinline
func (p ListPage) HTML(f *web.Frame) templ.Component { return listPage(f, p) }

// filters are the kinds to choose from.
func (p ListPage) filters(f *web.Frame) []web.Filter {
	list := []web.Filter{{Path: p.path("kind", ""), Label: f.T("notice.kind-all"), Current: p.Kind == ""}}
	for _, k := range Kinds() {
		list = append(list, web.Filter{Path: p.path("kind", string(k)), Label: f.T("notice.kinds-" + string(k)), Current: p.Kind == k})
	}
	return list
}

// byHub are the hubs to choose from, none where there is only ours.
func (p ListPage) byHub(f *web.Frame) []web.Filter {
	if len(p.hubs) == 0 {
		return nil
	}
	list := []web.Filter{
		{Path: p.path("hub", ""), Label: f.T("notice.hub-all"), Current: p.Hub == ""},
		{Path: p.path("hub", p.self), Label: f.T("notice.hub-ours"), Current: p.Hub == p.self},
	}
	for _, h := range p.hubs {
		list = append(list, web.Filter{Path: p.path("hub", h.id), Label: h.name, Current: p.Hub == h.id})
	}
	return list
}

// whole tells whether nothing narrows the list: only then is an empty one an empty board.
func (p ListPage) whole() bool {
	return p.Kind == "" && p.Hub == "" && p.Query == "" && !p.Past && !p.Mine && p.before == ""
}

// FlagsPage is /notices/flagged, for stewards.
type FlagsPage struct {
	Items []Item `json:"notices"`
}

func (s *Service) flags(r *portal.Request) (portal.Page, error) {
	var p FlagsPage
	return &p, s.record.Read(func(v record.View) error {
		p.Items = s.Flags(v, reader(r))
		return nil
	})
}

// Title of the page.
func (p *FlagsPage) Title(f *web.Frame) string { return f.T("notice.title-flagged") }

// HTML is the list.
func (p *FlagsPage) HTML(f *web.Frame) templ.Component { return flagsPage(f, p) }
