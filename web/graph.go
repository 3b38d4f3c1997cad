package web

import "math"

// Graph is figures over time: for each slot (a month, a day) one of every series, all in one unit. Time runs as the reader reads, from the
// right in Arabic. Series differ by shape and filling, so that nobody needs colours, and paper none.
type Graph struct {
	Label  string // what it shows: a caption for all, and the name of the picture for a screen reader
	Kind   GraphKind
	Across string   // what slots are: "Month"
	Slots  []string // their names, oldest first
	Series []Series // at most as many as there are looks: four
}

// GraphKind says how the series are drawn.
type GraphKind int

// Kinds of graphs.
const (
	Lines GraphKind = iota // what there is at the end of each slot
	Bars                   // what moved in each slot, series beside each other
	Stack                  // the same, series on top of each other: parts of a whole
)

// Series is one row of figures.
type Series struct {
	Name   string
	Values []Amount // one for each slot
}

// empty tells whether there is nothing to draw.
func (g Graph) empty() bool {
	for _, s := range g.Series {
		for _, v := range s.Values {
			if minor(v) != 0 {
				return false
			}
		}
	}
	return true
}

func minor(a Amount) float64 {
	m, _, _, _ := a.Spelling()
	return float64(m)
}

// extent is the least and the greatest figure that is drawn. Zero is always in it: a graph that leaves it out makes small changes look large.
func (g Graph) extent() (low, high float64) {
	for slot := range g.Slots {
		above, below := 0.0, 0.0
		for _, s := range g.Series {
			v := minor(s.Values[slot])
			if g.Kind == Stack {
				above, below = above+math.Max(v, 0), below+math.Min(v, 0)
			} else {
				above, below = math.Max(above, v), math.Min(below, v)
			}
		}
		low, high = math.Min(low, below), math.Max(high, above)
	}
	return low, high
}

// like is another quantity of the same unit.
type like struct {
	Amount
	minor    int64
	decimals int
}

func (l like) Spelling() (int64, int, bool, string) {
	_, _, clock, unit := l.Amount.Spelling()
	return l.minor, l.decimals, clock, unit
}

// axis are the round figures at which lines are drawn through a graph: at most six.
type axis struct {
	low, high, step float64
	unit            Amount
}

// newAxis chooses them. A unit counted in minutes has round figures of its own.
func newAxis(low, high float64, unit Amount) axis {
	_, decimals, clock, _ := unit.Spelling()
	one := math.Pow10(decimals)
	if clock {
		one = 60
	}
	if low == high {
		high = one
	}
	a := axis{step: round((high-low)/4, one, clock), unit: unit}
	a.low, a.high = math.Floor(low/a.step)*a.step, math.Ceil(high/a.step)*a.step
	return a
}

// round is the next round figure from raw on, in minor units of which one are a whole.
func round(raw, one float64, clock bool) float64 {
	if clock && raw <= 30 {
		for _, minutes := range []float64{5, 15, 30} {
			if raw <= minutes {
				return minutes
			}
		}
	}
	if !clock {
		one = 1 // powers of ten are round in cents, too
	}
	power := math.Pow10(int(math.Floor(math.Log10(math.Max(raw/one, 1)))))
	for _, digit := range []float64{1, 2, 5} {
		if raw <= digit*power*one {
			return digit * power * one
		}
	}
	return 10 * power * one
}

// tick is a figure at which a line is drawn.
type tick struct {
	at    float64 // minor units
	shown Amount
}

// ticks are the figures from low to high. What an int64 cannot hold is left out.
func (a axis) ticks() (all []tick) {
	_, decimals, clock, _ := a.unit.Spelling()
	whole := math.Pow10(decimals)
	if clock || math.Mod(a.step, whole) != 0 {
		whole = 1
	} else {
		decimals = 0 // whole units need none
	}
	for v := a.low; v <= a.high+a.step/2; v += a.step {
		if math.Abs(v) < math.MaxInt64 {
			all = append(all, tick{v, like{a.unit, int64(v / whole), decimals}})
		}
	}
	return all
}

// at is where a figure stands between low (0) and high (1).
func (a axis) at(v float64) float64 { return (v - a.low) / (a.high - a.low) }
