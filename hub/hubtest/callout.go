package hubtest

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// CallOut is what a member sends to /callouts; see services/callout for the words.
type CallOut struct {
	Text     string `json:"text"`
	Severity string `json:"severity"`
	Urgency  string `json:"urgency"`
	Exercise string `json:"exercise,omitempty"`
	Sure     string `json:"sure"`
}

// Crier calls out for one hub, as often as the rules let a hub within a day: three members twice each, the steward two exercises, and
// each of these eight is updated nine times. All of it goes the same way to other hubs, as a message of its own.
type Crier struct {
	hub    *Hub
	people []*Member // the steward first
	paths  []string  // of the call-outs raised so far
	said   int
}

const (
	crierReal      = 6
	crierExercises = 2
	crierCalls     = crierReal + crierExercises
	crierMost      = 10 * crierCalls
)

// NewCrier has two more members join a hub that was settled by its steward.
func NewCrier(h *Hub, steward *Member) *Crier {
	h.t.Helper()
	c := &Crier{hub: h, people: []*Member{steward}}
	for _, name := range []string{"ben", "cleo"} {
		m := h.Join(name, name)
		m.Token = h.Console("token", "--member", m.Handle)
		c.people = append(c.people, m)
	}
	return c
}

// Say calls out the words, or updates an earlier call-out with them, and returns the path of its page.
func (c *Crier) Say(words string) string {
	c.hub.t.Helper()
	n := c.said % crierCalls
	author := c.people[n%len(c.people)]
	say := CallOut{Text: words, Severity: "severe", Urgency: "immediate", Sure: "yes"}
	if n >= crierReal {
		author, say.Exercise = c.people[0], "yes"
	}
	if c.said >= crierMost {
		c.hub.t.Fatalf("a hub may say %d things a day", crierMost)
	}
	c.said++
	if n < len(c.paths) {
		author.Act(c.paths[n]+"/update", say)
		return c.paths[n]
	}
	var p Posted
	author.Do("/callouts", say, &p)
	c.paths = append(c.paths, "/callouts/"+p.ID)
	return c.paths[n]
}

// Await polls until the page at path shows the words at all hubs, and returns after how long each did, counted from start. Hubs that
// do not show them within Patience are missing in the list.
func Await(hubs []*Hub, start time.Time, path, words string) (took []time.Duration) {
	waiting := slices.Clone(hubs)
	for len(waiting) > 0 && time.Since(start) < Patience {
		waiting = slices.DeleteFunc(waiting, func(h *Hub) bool {
			shown := h.Shows(path, words)
			if shown {
				took = append(took, time.Since(start))
			}
			return shown
		})
		time.Sleep(pollEvery)
	}
	return took
}

// CryInTurns has the criers call out n times in turns, and waits each time until all other hubs show it. It fails the test if one does
// not, and returns how long each arrival took.
func CryInTurns(t testing.TB, hubs []*Hub, criers []*Crier, n int, why string) (took []time.Duration) {
	t.Helper()
	for i := range n {
		c := criers[i%len(criers)]
		others := slices.DeleteFunc(slices.Clone(hubs), func(h *Hub) bool { return h == c.hub })
		words := fmt.Sprintf("Call %d of hub %s, %s", c.said+1, c.hub.URL, why)
		start := time.Now()
		path := c.Say(words)
		arrived := Await(others, start, path, words)
		if len(arrived) < len(others) {
			t.Errorf("%q arrived at %d of %d hubs", words, len(arrived), len(others))
		}
		took = append(took, arrived...)
	}
	return took
}

// Percentiles describes durations: how many, the median, the 95th percentile and the worst.
func Percentiles(took []time.Duration) string {
	if len(took) == 0 {
		return "none"
	}
	slices.Sort(took)
	at := func(percent int) time.Duration { return took[(len(took)-1)*percent/100].Round(time.Millisecond) }
	return fmt.Sprintf("%d, p50 %v, p95 %v, worst %v", len(took), at(50), at(95), at(100))
}
