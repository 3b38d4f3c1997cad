package web

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// No two circles of a map cover each other, however hubs hang on hubs, and what hangs on a hub is nearer to it than to the opposite side.
func TestNoTwoPlacesTouch(t *testing.T) {
	crowd := []Place{}
	for n := 1; n <= 30; n++ {
		crowd = append(crowd, Place{Number: n, Ring: 1})
	}
	for n := 31; n <= 50; n++ {
		crowd = append(crowd, Place{Number: n, Ring: 2, Under: 1 + n%3})
	}
	for n := 51; n <= 60; n++ {
		crowd = append(crowd, Place{Number: n, Ring: 5, Under: -1})
	}
	for name, places := range map[string][]Place{
		"one": crowd[:1], "thirty": crowd[:30], "sixty": crowd, "a fan": {{Number: 1, Ring: 1}, {Number: 2, Ring: 1}, {Number: 3, Ring: 2, Under: 1}},
	} {
		m := NewMap("m", places)
		for _, a := range places {
			for _, b := range append(places, Place{}) {
				p, q := m.at[a.Number], m.at[b.Number]
				if d := math.Hypot(p.x-q.x, p.y-q.y); a.Number != b.Number && d < 2*mapRadius {
					t.Errorf("%s: %d and %d are %.0f apart", name, a.Number, b.Number, d)
				}
			}
		}
	}
	m := NewMap("m", []Place{{Number: 1, Ring: 1}, {Number: 2, Ring: 1}, {Number: 3, Ring: 2, Under: 2}})
	if m.at[3].y < 0 || m.at[2].y < 0 {
		t.Errorf("what hangs on 2 stands at %v, far from %v", m.at[3], m.at[2])
	}
}

func TestChartIsOnePicture(t *testing.T) {
	f := &Frame{Lang: words(t).Match("ar")}
	var b bytes.Buffer
	m := NewMap("a map", []Place{{Number: 1, Ring: 1, Look: "square", Line: "lost"}, {Number: 12, Ring: 2, Under: -1}})
	if err := Chart(f, m).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`role="img" aria-label="a map"`, "<rect", "١٢", `stroke-dasharray="1 6"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
	if n := strings.Count(b.String(), "<line"); n != 1 {
		t.Errorf("%d lines are drawn, want one: what is merely seen has none", n)
	}
}
