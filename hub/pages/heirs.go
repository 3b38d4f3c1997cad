package pages

import (
	"strings"

	"commonhub/hub/mirror"
	"commonhub/hub/portal"
	"commonhub/hub/record"
)

// hub names another hub.
type hub struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// named finds what hubs call themselves.
func named(hubs Neighbours, ids ...string) (list []hub) {
	known := map[string]string{}
	for _, n := range hubs.List() {
		known[n.ID] = n.Name
	}
	for _, id := range ids {
		list = append(list, hub{id, called(known[id], id)})
	}
	return list
}

// succession fills in what is said of a hub that carries on from a lost one, or that was lost.
func (p *NeighbourPage) succession(v record.View, hubs Neighbours) {
	if h, ok := mirror.HeirOf(v, p.ID); ok {
		p.Carries, p.old, p.vouchers = &h, named(hubs, h.Old)[0], named(hubs, h.Vouchers...)
	}
	for _, h := range mirror.HeirsOf(v, p.ID) {
		p.Heirs = append(p.Heirs, named(hubs, h.ID)...)
	}
}

// carries is what our own stewards say.
func (s Pages) carries() (h *mirror.Heir) {
	s.Record.Read(func(v record.View) error {
		if found, ok := mirror.HeirOf(v, v.Self().ID()); ok {
			h = &found
		}
		return nil
	})
	return h
}

func (s Pages) succeed(r *portal.Request) (portal.Outcome, error) {
	err := s.Neighbours.Succeed(r.Context(), r.Visitor.Member, strings.ToLower(strings.TrimSpace(r.Form("old"))))
	return portal.Outcome{See: "/neighbours", Flash: "pages.succeeded"}, err
}
