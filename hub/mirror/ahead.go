package mirror

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"commonhub/hub/fault"
)

// A long catch-up asks for bundles ahead of the one that is being proved: over a link of 60 ms there and back, asking for one after the
// other would leave it idle for longer than a bundle takes, and where packets are lost one connection cannot fill it.
const (
	connections = 6              // to one hub
	bundlesHeld = 32             // of all pulls together, under way or waiting for one before them
	aheadBytes  = 128 << 10      // of one of them, unpacked; one that is larger is fetched again when its turn comes
	slowBundle  = answerTime / 4 // when one takes so long, fewer are asked for at a time
	joined      = 8              // bundles that are handed over together at the most
)

// piece is what we lack of one bundle.
type piece struct {
	start, end uint64
	entries    [][]byte
	err        error
	large      bool // too large to be fetched ahead
}

// runAhead is one catch-up: a producer asks, and pieces are used in their order.
type runAhead struct {
	s       *source
	coming  chan chan piece    // a place for each piece, in order; closed behind the last one
	over    chan time.Duration // what each fetch took
	large   atomic.Bool        // this record has bundles that must be fetched one by one
	fetches sync.WaitGroup
	next    chan piece // the user's: taken out of coming and not here yet
}

// each fetches what lies between two sizes and hands it to use in order, several bundles together if they are here together. Where there
// is nothing to fetch, use still hears of one empty piece. It returns the first error, and only when nothing is under way any more.
func (s *source) each(ctx context.Context, from, to uint64, use func([]piece) error) error {
	ctx, cancel := context.WithCancel(ctx)
	a := &runAhead{s: s, coming: make(chan chan piece, bundlesHeld), over: make(chan time.Duration, bundlesHeld)}
	defer a.letGo(cancel)
	a.fetches.Go(func() { a.produce(ctx, from, to) })
	for {
		batch := a.batch(ctx)
		if len(batch) == 0 {
			return ctx.Err()
		}
		err := useGood(batch, use)
		a.s.m.releaseBundles(len(batch))
		if err != nil {
			return err
		}
	}
}

// useGood hands over what came before the first piece that failed, and returns why that one did.
func useGood(batch []piece, use func([]piece) error) error {
	last := batch[len(batch)-1]
	if last.err != nil {
		batch = batch[:len(batch)-1]
	}
	if len(batch) > 0 {
		if err := use(batch); err != nil {
			return err
		}
	}
	return last.err
}

// letGo ends all fetches and gives back the room of what nobody used.
func (a *runAhead) letGo(cancel func()) {
	cancel()
	if a.next != nil {
		a.s.m.releaseBundles(1)
	}
	for range a.coming {
		a.s.m.releaseBundles(1)
	}
	a.fetches.Wait()
}

// batch waits for the next piece and takes those behind it that are here already, up to one that failed. It is empty behind the last one.
func (a *runAhead) batch(ctx context.Context) (batch []piece) {
	for len(batch) < joined && (len(batch) == 0 || batch[len(batch)-1].err == nil) {
		if a.next == nil {
			a.next = a.place(len(batch) == 0)
		}
		if a.next == nil || len(batch) > 0 && len(a.next) == 0 {
			break
		}
		p := <-a.next
		a.next = nil
		if p.large {
			p.entries, p.err = a.s.fetchEntries(ctx, p.start, p.end, maxBundleBytes)
		}
		batch = append(batch, p)
	}
	return batch
}

// place is where the next piece will come, nil if there is none, or if none was asked for yet and we do not wait.
func (a *runAhead) place(wait bool) chan piece {
	if wait {
		return <-a.coming
	}
	select {
	case got := <-a.coming:
		return got
	default:
		return nil
	}
}

// produce asks for all pieces, as many at once as the link has shown that it can take: it begins with one, which is right for 50 kbit/s.
func (a *runAhead) produce(ctx context.Context, from, to uint64) {
	defer close(a.coming)
	atOnce, under := 1, 0
	for start, more := from, true; more; {
		p := piece{start: start, end: min(to, start-start%bundleSize+bundleSize)}
		for ; under >= atOnce; under-- {
			select {
			case took := <-a.over:
				atOnce = steer(atOnce, took)
			case <-ctx.Done():
				return
			}
		}
		got := make(chan piece, 1)
		if !a.s.m.holdBundle(ctx) {
			return
		}
		a.coming <- got // has room: there are no more places than bundles held
		a.fetches.Go(func() { a.fetch(ctx, p, got) })
		under++
		start, more = p.end, p.end < to
	}
}

// steer says how many fetches may be under way after one that took so long.
func steer(atOnce int, took time.Duration) int {
	if took > slowBundle {
		return max(1, atOnce/2)
	}
	return min(atOnce+1, connections)
}

func (a *runAhead) fetch(ctx context.Context, p piece, got chan<- piece) {
	began := time.Now()
	if p.large = a.large.Load(); !p.large {
		p.entries, p.err = a.s.fetchEntries(ctx, p.start, p.end, aheadBytes)
	}
	if fault.Of(p.err).Key == tooLarge {
		a.large.Store(true)
		p.large, p.err = true, nil
	}
	got <- p
	a.over <- time.Since(began)
}

// holdBundle waits until one more bundle may be in memory; false when ctx ended.
func (m *Mirror) holdBundle(ctx context.Context) bool {
	select {
	case m.bundles <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (m *Mirror) releaseBundles(n int) {
	for range n {
		<-m.bundles
	}
}
