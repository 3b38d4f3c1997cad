package pages

import (
	"commonhub/hub/mirror"
	"commonhub/web"
)

// drawn is how many hubs the map shows, and strangers how many of them may be merely seen: anybody can invent those.
const (
	drawn     = 60
	strangers = 12
)

// numbered is a hub with its number on the map, 0 if it is not drawn.
type numbered struct {
	mirror.Neighbour
	place web.Place
}

// placed numbers the hubs in the order of the list and says where each belongs: neighbours on the first ring, what is read over others
// further out on the side of the neighbour that it comes through, and what was merely seen outside.
func placed(hubs []mirror.Neighbour) (list []numbered) {
	at, rim := map[string]web.Place{}, rim(hubs)
	seen := 0
	for _, h := range inOrder(hubs) {
		one := numbered{Neighbour: h}
		if h.Status == mirror.Idle {
			seen++
		}
		if h.State != mirror.Blocked && len(at) < drawn && (h.Status != mirror.Idle || seen <= strangers) {
			one.place = place(h, len(at)+1, at, rim)
			at[h.ID] = one.place
		}
		list = append(list, one)
	}
	return list
}

// inOrder puts accepted hubs first, then what was stopped, what is read over others, what was seen, and what is blocked.
func inOrder(hubs []mirror.Neighbour) (list []mirror.Neighbour) {
	fits := []func(n mirror.Neighbour) bool{
		func(n mirror.Neighbour) bool { return n.State == mirror.Accepted },
		func(n mirror.Neighbour) bool { return n.State == mirror.Forked },
		func(n mirror.Neighbour) bool { return n.State == mirror.Seen && n.Via != "" },
		func(n mirror.Neighbour) bool { return n.State == mirror.Seen && n.Via == "" },
		func(n mirror.Neighbour) bool { return n.State == mirror.Blocked },
	}
	for _, fit := range fits {
		for _, n := range hubs {
			if fit(n) {
				list = append(list, n)
			}
		}
	}
	return list
}

// rim is the ring of hubs that were merely seen: outside all others.
func rim(hubs []mirror.Neighbour) int {
	rim := 2
	for _, h := range hubs {
		if h.Via != "" {
			rim = max(rim, h.Hops+1)
		}
	}
	return rim
}

func place(n mirror.Neighbour, number int, at map[string]web.Place, rim int) web.Place {
	p := web.Place{Number: number, Ring: 1, Look: look(n.Status), Line: string(n.Quality)}
	switch via, known := at[n.Via]; {
	case n.Status == mirror.Idle:
		p.Ring, p.Under = rim, -1
	case n.Status == mirror.Far:
		p.Ring, p.Under, p.Line = max(2, n.Hops), via.Number, "far"
		if !known {
			p.Under = -1
		}
	}
	return p
}

// look is how a status is drawn.
func look(s mirror.Status) string {
	switch s {
	case mirror.Synced:
		return "full"
	case mirror.Behind:
		return "half"
	case mirror.Away:
		return "dashed"
	case mirror.Closed:
		return "square"
	}
	return "hollow"
}

// tone colours a status.
func tone(s mirror.Status) string {
	switch s {
	case mirror.Synced:
		return "good"
	case mirror.Behind, mirror.Away:
		return "warn"
	case mirror.Closed:
		return "bad"
	}
	return ""
}

// legend names the looks, in the order of their worth.
func legend() []mirror.Status {
	return []mirror.Status{mirror.Synced, mirror.Behind, mirror.Away, mirror.Closed, mirror.Far}
}

// chart is the map of all that have a place.
func chart(f *web.Frame, list []numbered) web.Map {
	var places []web.Place
	for _, n := range list {
		if n.place.Number > 0 {
			places = append(places, n.place)
		}
	}
	return web.NewMap(f.T("pages.map-label"), places)
}
