package lab

import (
	"fmt"
	"os"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// partition is how long the line stays cut: long enough for the smaller side to be forgotten by gossip where there is time for it.
func partition() time.Duration {
	if os.Getenv("COMMONHUB_LONG") != "" {
		return 120 * time.Second
	}
	return 40 * time.Second
}

// TestLineOfFive has five blocks in a valley, each in sight of the next only, with packets lost on every link. Where each link loses
// a sixth, half of what goes from end to end is lost: there blocks read their next neighbours only.
func TestLineOfFive(t *testing.T) {
	for name, valley := range map[string]struct {
		Link
		reach int // how many blocks away those live who accept each other
	}{
		"5 per cent lost":  {Link{Loss: 5, Delay: 50 * time.Millisecond}, 4},
		"15 per cent lost": {Link{Loss: 15, Delay: 50 * time.Millisecond}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := settle(t, Line(t, 5, valley.Link))
			becomeNeighbours(t, b, valley.reach)
			noticesTravel(t, b, valley.reach)
			healsByItself(t, b, valley.reach)
		})
	}
}

func becomeNeighbours(t *testing.T, b *blocks, reach int) {
	start := time.Now()
	for i := range b.hubs {
		for j := max(0, i-reach); j < i; j++ {
			b.befriend(i, j)
		}
	}
	hubtest.Report(t, "all up to %d links away have accepted each other after %v", reach, time.Since(start).Round(time.Millisecond))
}

func noticesTravel(t *testing.T, b *blocks, reach int) {
	var took []time.Duration
	for n := range 6 {
		title := fmt.Sprintf("Notice %d of the first block", n)
		b.post(0, title)
		took = append(took, within(t, lossPatience, title+" has arrived", func() bool { return b.arrived(reach, title) }))
	}
	hubtest.Report(t, "a notice, with its words, to the page of a block %d links away: %s", reach, spread(took))
	hubtest.Report(t, "all records equal %v later", within(t, lossPatience, "all records are equal", b.equal))
}

// healsByItself cuts the line in the middle. What the far side of the cut must get is what the nearest block there has posted.
func healsByItself(t *testing.T, b *blocks, reach int) {
	upper, lower := max(0, 2-reach), min(4, 1+reach) // who reads across the cut, of block 3 and of block 2
	crossed := func() bool { return b.arrived(lower, "From the upper side") && b.arrived(upper, "From the lower side") }
	b.lab.Cut(2, 3)
	b.post(1, "From the upper side")
	b.post(2, "From the lower side")
	within(t, lossPatience, "each side has its own", func() bool {
		return b.arrived(0, "From the upper side") && b.arrived(3, "From the lower side")
	})
	<-time.After(partition()) // the weather, not a wait for anything
	if b.arrived(lower, "From the upper side") || b.arrived(upper, "From the lower side") || b.equal() {
		t.Error("a notice has crossed the cut")
	}
	b.lab.Heal(2, 3)
	equal := within(t, lossPatience, "all records are equal", b.equal)
	words := within(t, lossPatience, "both sides have both notices", crossed)
	hubtest.Report(t, "cut for %v: all records equal %v after healing, with all words %v later", partition(), equal, words)
}
