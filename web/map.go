package web

import (
	"fmt"
	"math"
	"strconv"
)

// Place is one circle of a Map. Ring 0 is the middle, and has one place.
type Place struct {
	Number int    // written into the circle; a table beside the map says what it stands for. 0 is the middle
	Ring   int    // how far out, from 1 on
	Under  int    // Number of the place that it hangs on, one ring further in or more; -1 for none: it has no line
	Look   string // "full", "half", "hollow", "dashed" or "square": shape and filling, so that nobody needs colours
	Line   string // of its line: "good", "fair", "poor" or "lost"
}

// Map lays places out on rings around the middle. What hangs on something stays near it. It is drawn the same in both directions of
// writing. Looks and lines are given as attributes: the page's stylesheet has no room for them.
type Map struct {
	Label  string
	Places []Place
	at     map[int]point
}

type point struct{ x, y, angle float64 }

// Measures of a map, in units of which a narrow phone shows some 330.
const (
	mapRadius = 15.0 // of a circle
	mapStep   = 58.0 // between rings
	mapGap    = 2*mapRadius + 6
)

// NewMap computes where everything goes. Places that hang on others must come behind them.
func NewMap(label string, places []Place) Map {
	m := Map{Label: label, Places: places, at: map[int]point{0: {}}}
	radius := 0.0
	for ring := 1; ; ring++ {
		members := onRing(places, ring)
		if len(members) == 0 && !anyBeyond(places, ring) {
			break
		}
		if len(members) == 0 {
			continue
		}
		radius = math.Max(radius+mapStep, mapGap*float64(len(members))/(2*math.Pi))
		m.spread(members, radius)
	}
	return m
}

func onRing(places []Place, ring int) (members []Place) {
	for _, p := range places {
		if p.Ring == ring {
			members = append(members, p)
		}
	}
	return members
}

func anyBeyond(places []Place, ring int) bool {
	for _, p := range places {
		if p.Ring > ring {
			return true
		}
	}
	return false
}

// spread gives each member of a ring an angle: those that hang on a place of another ring beside it, in a fan, and all evenly where fans
// would cover each other.
func (m *Map) spread(members []Place, radius float64) {
	fans := map[int]int{}
	for _, p := range members {
		fans[p.Under]++
	}
	gap, even := mapGap/radius, 2*math.Pi/float64(len(members))
	done := map[int]int{}
	taken := []float64{}
	for i, p := range members {
		angle := -math.Pi/2 + float64(i)*even
		if p.Under > 0 {
			fan := m.at[p.Under].angle + (float64(done[p.Under])-float64(fans[p.Under]-1)/2)*gap
			angle = free(fan, gap, taken)
		}
		done[p.Under]++
		taken = append(taken, angle)
		m.at[p.Number] = point{radius * math.Cos(angle), radius * math.Sin(angle), angle}
	}
}

// free is the first angle from a wanted one on at which no place stands. The ring is long enough for all, so a turn finds one, or
// lets two touch.
func free(wanted, gap float64, taken []float64) float64 {
	for angle := wanted; angle < wanted+2*math.Pi; angle += gap / 4 {
		clear := true
		for _, t := range taken {
			if apart := math.Abs(math.Remainder(angle-t, 2*math.Pi)); apart < gap*0.98 {
				clear = false
			}
		}
		if clear {
			return angle
		}
	}
	return wanted
}

// frame is the rectangle that holds all circles.
func (m Map) frame() (left, top, width, height float64) {
	right, bottom := 0.0, 0.0
	for _, p := range m.at {
		left, right = math.Min(left, p.x), math.Max(right, p.x)
		top, bottom = math.Min(top, p.y), math.Max(bottom, p.y)
	}
	const margin = mapRadius + 6
	return left - margin, top - margin, right - left + 2*margin, bottom - top + 2*margin
}

func (m Map) box() string {
	left, top, width, height := m.frame()
	return fmt.Sprintf("%.0f %.0f %.0f %.0f", left, top, width, height)
}

// width keeps a small map small, and lets a large one shrink to the page.
func (m Map) width() string {
	_, _, width, _ := m.frame()
	return strconv.Itoa(int(width))
}

func (m Map) x(number int) string { return coordinate(m.at[number].x) }
func (m Map) y(number int) string { return coordinate(m.at[number].y) }

// corner is where a square of a circle's size begins.
func (m Map) corner(number int) (x, y string) {
	return coordinate(m.at[number].x - mapRadius), coordinate(m.at[number].y - mapRadius)
}

func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// stroke is the line of a link: the better, the wider; broken ones are broken.
func (p Place) stroke() (colour, width, dashes string) {
	switch p.Line {
	case "good":
		return "var(--moss)", "5", "none"
	case "fair":
		return "var(--moss)", "2.5", "none"
	case "poor":
		return "var(--sun)", "2", "7 4"
	case "lost":
		return "var(--clay)", "2", "1 6"
	}
	return "var(--soft)", "1.5", "4 4"
}

// paint is the filling, edge, dashes and ink of a place.
func (p Place) paint() (fill, edge, dashes, ink string) {
	switch p.Look {
	case "full":
		return "var(--moss)", "var(--moss)", "none", "var(--on-moss)"
	case "half":
		return "var(--sun-tint)", "var(--sun)", "none", "var(--sun)"
	case "dashed":
		return "var(--paper)", "var(--clay)", "4 3", "var(--ink)"
	case "square":
		return "var(--clay-tint)", "var(--clay)", "none", "var(--clay)"
	}
	return "var(--paper)", "var(--soft)", "none", "var(--ink)"
}
