package mirror

import (
	"context"
	"sync"

	"commonhub/hub/record"
)

// A long catch-up asks for bundles ahead of the one that is being proved: over a link of 60 ms there and back, asking for one after the
// other would leave it idle for longer than the bundle took, and where packets are lost one connection cannot fill it.
const (
	bundlesAhead = 6 // of one pull, each over a connection of its own
	bundlesHeld  = 8 // of all pulls together: a hostile one is 2 MB
)

// piece is what we lack of one bundle.
type piece struct {
	start, end uint64
	entries    [][]byte
	err        error
}

// each fetches what lies between two sizes, a bundle at a time and several at once, and hands the pieces to use in their order. Where there
// is nothing to fetch, use still hears of it once. It returns the first error, and only when nothing is under way any more.
func (s *source) each(ctx context.Context, from, to uint64, use func(piece) error) error {
	ctx, cancel := context.WithCancel(ctx)
	fetching := sync.WaitGroup{}
	defer fetching.Wait()
	defer cancel()
	coming := make(chan chan piece, bundlesAhead-1)
	fetching.Go(func() {
		defer close(coming)
		for start, more := from, true; more; {
			p := piece{start: start, end: min(to, start-start%bundleSize+bundleSize)}
			got := make(chan piece, 1)
			if !s.m.claimBundle(ctx, coming, got) {
				return
			}
			fetching.Go(func() {
				p.entries, p.err = s.fetchEntries(ctx, p.start, p.end)
				got <- p
			})
			start, more = p.end, p.end < to
		}
	})
	return s.m.takeAll(ctx, cancel, coming, use)
}

// claimBundle waits until one more bundle may be held, and queues the place where it will come. False when ctx ended.
func (m *Mirror) claimBundle(ctx context.Context, coming chan<- chan piece, got chan piece) bool {
	select {
	case m.bundles <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	select {
	case coming <- got:
		return true
	case <-ctx.Done():
		<-m.bundles
		return false
	}
}

// takeAll hands over what comes, and gives the room of each back when it was used. An error ends the fetching, and
// what is still to come is let go.
func (m *Mirror) takeAll(ctx context.Context, cancel func(), coming <-chan chan piece, use func(piece) error) (failed error) {
	for got := range coming {
		if failed == nil {
			p := <-got
			if failed = p.err; failed == nil {
				failed = use(p)
			}
		}
		<-m.bundles
		if failed != nil {
			cancel()
		}
	}
	if failed == nil {
		failed = ctx.Err()
	}
	return failed
}

// extension is a piece with what proves it against a checkpoint.
func (s *source) extension(c record.Checkpoint, proofs *prover, p piece) (record.Extension, error) {
	proof, err := proofs.consistency(p.end)
	return record.Extension{Origin: s.origin, Verifier: s.known, Note: c.Note, Start: p.start, Entries: p.entries, Proof: proof}, err
}
