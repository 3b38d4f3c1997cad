package noticeboard

import (
	"github.com/a-h/templ"

	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// TodayPart is the board's share of the home page.
type TodayPart struct {
	Expiring []Item `json:"expiring"` // the reader's own that end soon
	Needs    []Item `json:"needs"`    // the newest that nobody has taken on
	Newest   []Item `json:"newest"`   // of all other kinds
}

const todayItems = 5

func (s *Service) today(r *portal.Request) (portal.Part, error) {
	var p TodayPart
	err := s.record.Read(func(v record.View) error {
		p = s.Today(v, reader(r))
		return nil
	})
	return p, err
}

// Today gathers what matters now to a reader.
func (s *Service) Today(v record.View, r Reader) TodayPart {
	p := TodayPart{Expiring: []Item{}, Needs: []Item{}, Newest: []Item{}}
	if r.known() {
		mine, _, _ := s.List(v, r, Query{Member: r.Member})
		for _, i := range mine {
			if i.Warn(v.Now()) {
				p.Expiring = append(p.Expiring, i)
			}
		}
	}
	needs, _, _ := s.List(v, r, Query{Kind: Need, Limit: 2 * todayItems})
	for _, i := range needs {
		if !i.Taken && i.State == WordsHere && len(p.Needs) < todayItems {
			p.Needs = append(p.Needs, i)
		}
	}
	all, _, _ := s.List(v, r, Query{Limit: 4 * todayItems})
	for _, i := range all {
		if i.Kind != Need && i.State == WordsHere && len(p.Newest) < todayItems {
			p.Newest = append(p.Newest, i)
		}
	}
	return p
}

// HTML is the part.
//
//go:noinline
func (p TodayPart) HTML(f *web.Frame) templ.Component { return todayPart(f, p) }
