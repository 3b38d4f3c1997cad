package web

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Measures of a graph, in units of which a narrow phone shows some 330.
const (
	graphWidth  = 340.0
	graphHeight = 190.0
	graphTop    = 8.0
	graphFoot   = 20.0 // for the names of slots
	letter      = 6.7  // a letter of the labels, on average
	labelGap    = 8.0
)

// drawing is a graph with every place worked out, ready to be written.
type drawing struct {
	pad   float64 // of the figures at the side
	rules []rule
	names []word
	bars  []bar
	lines []curve
	rtl   bool
}

type (
	rule struct {
		y, text string
		zero    bool
	}
	word struct{ x, text string }
	bar  struct {
		x, y, width, height string
		ink                 ink
	}
	curve struct {
		points string
		dots   [][2]string // x and y
		ink    ink
	}
	ink struct{ fill, edge, dashes string }
)

// inks are the looks of series, in their order.
func inks(series int) ink {
	switch series {
	case 0:
		return ink{"var(--moss)", "var(--moss)", "none"}
	case 1:
		return ink{"var(--paper)", "var(--clay)", "none"}
	case 2:
		return ink{"var(--line)", "var(--ink)", "none"}
	}
	return ink{"var(--paper)", "var(--soft)", "3 2"}
}

// draw works out where everything goes.
func (g Graph) draw(l *Lang) drawing {
	low, high := g.extent()
	a := newAxis(low, high, g.Series[0].Values[0])
	d := drawing{rtl: l.Dir == "rtl"}
	d.rule(a, l)
	d.name(g.Slots)
	if g.Kind == Lines {
		d.curve(g, a)
	} else {
		d.stand(g, a)
	}
	return d
}

// rule draws the lines through the graph, with their figures beside.
func (d *drawing) rule(a axis, l *Lang) {
	for _, tick := range a.ticks() {
		text := l.Quantity(tick.shown)
		d.pad = math.Max(d.pad, float64(utf8.RuneCountInString(text))*letter+labelGap)
		d.rules = append(d.rules, rule{coordinate(height(a, tick.at)), text, tick.at == 0})
	}
}

func height(a axis, v float64) float64 {
	return graphTop + (1-a.at(v))*(graphHeight-graphTop-graphFoot)
}

// room is how much of the width a slot has.
func (d *drawing) room(slots int) float64 { return (graphWidth - d.pad) / float64(slots) }

// mirror is where something of a width begins, in the direction of reading.
func (d *drawing) mirror(x, width float64) float64 {
	if d.rtl {
		return graphWidth - x - width
	}
	return x
}

// name writes under the slots what they are: the last one, and before it as many as there is room for.
func (d *drawing) name(slots []string) {
	longest := 0
	for _, s := range slots {
		longest = max(longest, utf8.RuneCountInString(s))
	}
	room, wide, next := d.room(len(slots)), float64(longest)*letter+labelGap, math.Inf(1)
	for i, s := range slices.Backward(slots) {
		x := d.pad + (float64(i)+0.5)*room
		x = math.Max(wide/2, math.Min(x, graphWidth-wide/2))
		if x <= next-wide {
			d.names, next = append(d.names, word{coordinate(d.mirror(x, 0)), s}), x
		}
	}
}

func (d *drawing) curve(g Graph, a axis) {
	room := d.room(len(g.Slots))
	for n, s := range g.Series {
		c := curve{ink: inks(n)}
		var points []string
		for i, v := range s.Values {
			x, y := coordinate(d.mirror(d.pad+(float64(i)+0.5)*room, 0)), coordinate(height(a, minor(v)))
			points, c.dots = append(points, x+","+y), append(c.dots, [2]string{x, y})
		}
		c.points = strings.Join(points, " ")
		d.lines = append(d.lines, c)
	}
}

// stand draws bars, beside or on top of each other.
func (d *drawing) stand(g Graph, a axis) {
	room, beside := d.room(len(g.Slots)), float64(len(g.Series))
	if g.Kind == Stack {
		beside = 1
	}
	thick := math.Min(room*0.8/beside, 28)
	for i := range g.Slots {
		above, below := 0.0, 0.0
		for n, s := range g.Series {
			from, to, place := 0.0, minor(s.Values[i]), float64(n)
			if g.Kind == Stack {
				place, from = 0, above
				if to < 0 {
					from = below
				}
				to += from
				above, below = math.Max(above, to), math.Min(below, to)
			}
			x := d.pad + (float64(i)+0.5)*room + (place-beside/2)*thick
			d.bar(x, thick, height(a, from), height(a, to), inks(n))
		}
	}
}

func (d *drawing) bar(x, thick, from, to float64, ink ink) {
	if from == to {
		return
	}
	d.bars = append(d.bars, bar{
		coordinate(d.mirror(x, thick) + 0.75), coordinate(math.Min(from, to)), coordinate(thick - 1.5), coordinate(math.Abs(from - to)), ink,
	})
}

func (d *drawing) start() string { return coordinate(d.mirror(0, 0)) }
func (d *drawing) left() string  { return coordinate(d.mirror(d.pad, 0)) }
func (d *drawing) right() string { return coordinate(d.mirror(graphWidth, 0)) }

func (r rule) stroke() string {
	if r.zero {
		return "var(--ink)"
	}
	return "var(--line)"
}

// heads are the column heads of the graph as a table.
func (g Graph) heads() []string {
	all := []string{g.Across}
	for _, s := range g.Series {
		all = append(all, s.Name)
	}
	return all
}
