package web

import "math"

// Spread is one figure for each of a list of people or things, to both sides of zero, with how far each may go.
type Spread struct {
	Label string // what it shows
	Rows  []Held
}

// Held is one row of a Spread.
type Held struct {
	Code   string // short: what it stands for says a table beside
	Value  Amount
	Down   *Amount // how far down it may go, as a figure below zero; nil for as far as it likes
	Up     *Amount
	Beyond bool // Value is outside
}

const (
	spreadRow  = 22.0
	spreadPad  = 46.0 // for codes
	spreadTail = 62.0 // for figures
)

func (s Spread) axis() axis {
	low, high := 0.0, 0.0
	for _, r := range s.Rows {
		low, high = math.Min(low, minor(r.Value)), math.Max(high, minor(r.Value))
		for _, limit := range []*Amount{r.Down, r.Up} {
			if limit != nil {
				low, high = math.Min(low, minor(*limit)), math.Max(high, minor(*limit))
			}
		}
	}
	if low == high {
		high = 1
	}
	return axis{low: low, high: high, unit: s.Rows[0].Value}
}

// across is how far from the start of reading a figure is drawn.
func across(a axis, v float64) float64 {
	return spreadPad + a.at(v)*(graphWidth-spreadPad-spreadTail)
}

// place is an x from the start of reading, for a reader's direction.
func place(l *Lang, x, width float64) string {
	if l.Dir == "rtl" {
		x = graphWidth - x - width
	}
	return coordinate(x)
}

// bar is where the bar of a row begins, and how wide it is.
func (s Spread) bar(l *Lang, r Held, a axis) (x, width string) {
	zero, end := across(a, 0), across(a, minor(r.Value))
	thick := math.Abs(zero - end)
	return place(l, math.Min(zero, end), thick), coordinate(thick)
}

func (s Spread) box() string { return "0 0 340 " + coordinate(spreadRow*float64(len(s.Rows))) }

func (r Held) ink() ink {
	switch {
	case r.Beyond:
		return ink{"var(--clay)", "var(--clay)", "none"}
	case minor(r.Value) < 0:
		return inks(1)
	}
	return inks(0)
}
