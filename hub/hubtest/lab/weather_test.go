package lab

import (
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// oneWay is how long a radio hears nothing.
const oneWay = 40 * time.Second

// TestOneWayLink has a radio that is heard and hears nothing. TCP needs both ways, so for records that is a cut; gossip must neither
// forget the hubs behind it nor keep the others from each other.
func TestOneWayLink(t *testing.T) {
	t.Parallel()
	b := settle(t, Line(t, 3, Link{Delay: 10 * time.Millisecond}))
	for i := range b.hubs {
		for j := range i {
			b.befriend(i, j)
		}
	}
	within(t, lossPatience, "all records are equal", b.equal)
	b.lab.OneWay(2, 3)
	b.post(0, "Said above")
	b.post(2, "Said below")
	hubtest.Report(t, "beside a one-way link a notice took %v", within(t, lossPatience, "block 2 has the notice of block 1", func() bool {
		return b.arrived(1, "Said above")
	}))
	<-time.After(oneWay)
	if b.arrived(2, "Said above") || b.arrived(1, "Said below") {
		t.Error("a notice has crossed a link that works one way only")
	}
	for i, h := range b.hubs {
		for j, id := range b.id {
			if _, known := h.Neighbour(id); i != j && !known {
				t.Errorf("hub %d has forgotten hub %d", i+1, j+1)
			}
		}
	}
	b.lab.Heal(2, 3)
	hubtest.Report(t, "one way for %v: all records equal %v after healing", oneWay, within(t, lossPatience, "all records are equal", b.equal))
}

// TestMeetsOneNeighbourAtATime has a hub that is carried to and fro between two others, which never meet.
func TestMeetsOneNeighbourAtATime(t *testing.T) {
	t.Parallel()
	l := New(t, 3)
	l.Join(1, 2, Link{})
	l.Join(2, 3, Link{})
	l.Cut(2, 3)
	b := settle(t, l)
	b.befriend(0, 1)
	meetings := []struct {
		at, away int // hosts
		said     [2]string
	}{
		{3, 1, [2]string{"From the third, first time", "From the carried one, first time"}},
		{1, 3, [2]string{"From the first, second time", "From the carried one, second time"}},
		{3, 1, [2]string{"From the third, third time", "From the carried one, third time"}},
	}
	for n, m := range meetings {
		l.Cut(2, m.away)
		l.Heal(2, m.at)
		if n == 0 {
			b.befriend(2, 1)
		}
		b.post(m.at-1, m.said[0])
		b.post(1, m.said[1])
		took := within(t, lossPatience, "both have the other's notice", func() bool {
			return b.arrived(1, m.said[0]) && b.arrived(m.at-1, m.said[1])
		})
		if b.arrived(m.away-1, m.said[1]) {
			t.Errorf("%q has reached one who is out of sight", m.said[1])
		}
		hubtest.Report(t, "meeting %d: notices exchanged after %v", n+1, took)
	}
}
