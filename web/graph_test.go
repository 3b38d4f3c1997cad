package web

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// cents and minutes are amounts as the ledger makes them.
type cents int64

func (c cents) Spelling() (int64, int, bool, string) { return int64(c), 2, false, "EUR" }

type minutes int64

func (m minutes) Spelling() (int64, int, bool, string) { return int64(m), 0, true, "hour" }

func drawn(t *testing.T, lang string, part func(*Frame) templ.Component) string {
	t.Helper()
	f := frame(t, words(t).Match(lang))
	var b bytes.Buffer
	if err := part(f).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAxisIsRound(t *testing.T) {
	for _, c := range []struct {
		low, high Amount
		want      string
	}{
		{cents(0), cents(0), "0.00 0.50 1.00"},
		{cents(0), cents(123456), "0 500 1,000 1,500"},
		{cents(-30000), cents(9900), "−300 −200 −100 0 100"},
		{cents(0), cents(137), "0.00 0.50 1.00 1.50"},
		{minutes(0), minutes(100), "0:00 0:30 1:00 1:30 2:00"},
		{minutes(-600), minutes(1500), "−10:00 0:00 10:00 20:00 30:00"},
		{minutes(0), minutes(0), "0:00 0:15 0:30 0:45 1:00"},
		{cents(math.MinInt64), cents(math.MaxInt64), "−50,000,000,000,000,000 0 50,000,000,000,000,000"},
	} {
		var got []string
		for _, tick := range newAxis(minor(c.low), minor(c.high), c.high).ticks() {
			got = append(got, words(t).Match("en").Quantity(tick.shown))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("from %v to %v: %v, want %s", c.low, c.high, got, c.want)
		}
	}
}

// year is a graph of so many months.
func year(kind GraphKind, months, series int) Graph {
	g := Graph{Label: "A year", Kind: kind, Across: "Month"}
	for i := range months {
		g.Slots = append(g.Slots, fmt.Sprintf("September %d", i))
	}
	for n := range series {
		s := Series{Name: fmt.Sprint("Series ", n)}
		for i := range months {
			s.Values = append(s.Values, cents((i-3)*(n+1)*12345))
		}
		g.Series = append(g.Series, s)
	}
	return g
}

var numbers = regexp.MustCompile(`\s(?:[xy][12]?|cx|cy)="([^"]*)"`)

func TestNamesOfSlotsDoNotTouch(t *testing.T) {
	for _, months := range []int{1, 2, 3, 7, 12, 14, 31} {
		for _, lang := range []string{"en", "ar"} {
			d := year(Bars, months, 1).draw(words(t).Match(lang))
			last := math.Inf(-1)
			var at []float64
			for _, n := range d.names {
				x, _ := strconv.ParseFloat(n.x, 64)
				at = append(at, x)
			}
			slices.Sort(at)
			for _, x := range at {
				if x-last < 12*letter {
					t.Errorf("%d months in %s: names stand at %v", months, lang, at)
				}
				last = x
			}
			if len(d.names) == 0 || d.names[0].text != fmt.Sprint("September ", months-1) {
				t.Errorf("%d months: the names are %v", months, d.names)
			}
		}
	}
}

// Whatever is drawn stays on the paper, in both directions, and every figure is in the table.
func TestGraphsStayOnTheirPaper(t *testing.T) {
	for _, lang := range []string{"en", "ar"} {
		for _, months := range []int{1, 2, 12, 31} {
			for _, kind := range []GraphKind{Lines, Bars, Stack} {
				g := year(kind, months, 4)
				page := drawn(t, lang, func(f *Frame) templ.Component { return Plot(f, g) })
				for _, m := range numbers.FindAllStringSubmatch(page, -1) {
					if v, err := strconv.ParseFloat(m[1], 64); err != nil || v < 0 || v > graphWidth {
						t.Errorf("%s, %d months, kind %d: %s", lang, months, kind, m[0])
					}
				}
				if cells := strings.Count(page, "<td>"); cells != 4*months {
					t.Errorf("the table of %d months has %d figures", months, cells)
				}
				if !strings.Contains(page, `role="img" aria-label="A year"`) {
					t.Error("the picture has no name")
				}
			}
		}
	}
}

func TestTimeRunsAsTheReaderReads(t *testing.T) {
	first := regexp.MustCompile(`<circle cx="([0-9.]+)"`)
	ahead := map[string]float64{}
	for _, lang := range []string{"en", "ar"} {
		page := drawn(t, lang, func(f *Frame) templ.Component { return Plot(f, year(Lines, 5, 1)) })
		ahead[lang], _ = strconv.ParseFloat(first.FindStringSubmatch(page)[1], 64)
	}
	if ahead["en"] > graphWidth/2 || ahead["ar"] < graphWidth/2 {
		t.Errorf("the first month stands at %v", ahead)
	}
}

func TestStackedPartsMeet(t *testing.T) {
	g := Graph{Label: "Parts", Kind: Stack, Across: "Month", Slots: []string{"May"}, Series: []Series{
		{"a", []Amount{cents(100)}}, {"b", []Amount{cents(300)}}, {"c", []Amount{cents(-200)}},
	}}
	d := g.draw(words(t).Match("en"))
	if len(d.bars) != 3 {
		t.Fatalf("%d bars", len(d.bars))
	}
	top := func(b bar) float64 { v, _ := strconv.ParseFloat(b.y, 64); return v }
	tall := func(b bar) float64 { v, _ := strconv.ParseFloat(b.height, 64); return v }
	if math.Abs(top(d.bars[1])+tall(d.bars[1])-top(d.bars[0])) > 0.2 {
		t.Errorf("the second part does not stand on the first: %+v", d.bars)
	}
	if zero := top(d.bars[0]) + tall(d.bars[0]); math.Abs(top(d.bars[2])-zero) > 0.2 {
		t.Errorf("what is below zero does not hang from it: %+v", d.bars)
	}
}

func TestNothingToDraw(t *testing.T) {
	for _, g := range []Graph{{Label: "Empty"}, {Label: "Empty", Slots: []string{"May"}, Series: []Series{{"a", []Amount{cents(0)}}}}} {
		if page := drawn(t, "en", func(f *Frame) templ.Component { return Plot(f, g) }); strings.Contains(page, "<svg") || !strings.Contains(page, "Empty") {
			t.Errorf("nothing is drawn as %s", page)
		}
	}
}

// What somebody owes goes to the side that reading comes from, and limits are strokes.
func TestSpread(t *testing.T) {
	floor, ceiling := Amount(minutes(-600)), Amount(minutes(900))
	s := Spread{Label: "Hours", Rows: []Held{{"H1B", minutes(-60), &floor, &ceiling, false}, {"H2C", minutes(60), nil, nil, true}}}
	bars := regexp.MustCompile(`<rect x="([0-9.]+)" y="4" width="([0-9.]+)"`)
	for lang, owesFirst := range map[string]bool{"en": true, "ar": false} {
		page := drawn(t, lang, func(f *Frame) templ.Component { return Sides(f, s) })
		found := bars.FindAllStringSubmatch(page, -1)
		owes, _ := strconv.ParseFloat(found[0][1], 64)
		owed, _ := strconv.ParseFloat(found[1][1], 64)
		if owes < owed != owesFirst || found[0][2] != found[1][2] {
			t.Errorf("%s: %v", lang, found)
		}
		if n := strings.Count(page, `stroke-width="2"`); n != 2 {
			t.Errorf("%d strokes for limits, want 2", n)
		}
	}
}
