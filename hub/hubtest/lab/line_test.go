package lab

import (
	"fmt"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// partition is how long the line stays cut: long enough for gossip to forget the other side for good.
const partition = 120 * time.Second

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
	<-time.After(partition) // the weather, not a wait for anything
	if b.arrived(lower, "From the upper side") || b.arrived(upper, "From the lower side") || b.equal() {
		t.Error("a notice has crossed the cut")
	}
	b.lab.Heal(2, 3)
	healed := time.Now()
	called := b.callAcross(reach)
	within(t, lossPatience, "all records are equal", b.equal)
	equal := time.Since(healed).Round(time.Millisecond)
	words := within(t, lossPatience, "both sides have both notices", crossed)
	hubtest.Report(t, "cut for %v: all records equal %v after healing, with all words %v later; call-outs at once after healing: %s",
		partition, equal, words, hubtest.Percentiles(called))
}

// callAcross has the two blocks at the cut call out, and waits for all those on the other side who have accepted them.
func (b *blocks) callAcross(reach int) (took []time.Duration) {
	b.t.Helper()
	for from, others := range map[int][]*hubtest.Hub{1: b.hubs[2:min(5, 2+reach)], 2: b.hubs[max(0, 2-reach):2]} {
		words := fmt.Sprintf("Called by block %d after the cut", from+1)
		start := time.Now()
		path := hubtest.NewCrier(b.hubs[from], b.people[from]).Say(words)
		arrived := hubtest.Await(others, start, path, words)
		if len(arrived) < len(others) {
			b.t.Errorf("%q arrived at %d of %d blocks beyond the cut", words, len(arrived), len(others))
		}
		took = append(took, arrived...)
	}
	return took
}

// TestCallOutsInBadWeather has five blocks that accepted each other on a fair day. From end to end, a fifth of all packets is lost at
// first, and then half of them.
func TestCallOutsInBadWeather(t *testing.T) {
	t.Parallel()
	b := settle(t, Line(t, 5, Link{Delay: 50 * time.Millisecond}))
	becomeNeighbours(t, b, 4)
	var criers []*hubtest.Crier
	for i, h := range b.hubs {
		criers = append(criers, hubtest.NewCrier(h, b.people[i]))
	}
	for _, loss := range []float64{0, 5, 15} {
		for i := 1; i < 5; i++ {
			b.lab.Change(i, i+1, Link{Loss: loss, Delay: 50 * time.Millisecond})
		}
		took := hubtest.CryInTurns(t, b.hubs, criers, 20, fmt.Sprintf("%.0f %% lost", loss))
		hubtest.Report(t, "%.0f %% lost on each of four links: of 80 arrivals of call-outs %s", loss, hubtest.Percentiles(took))
	}
}
