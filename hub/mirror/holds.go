package mirror

import (
	"fmt"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"commonhub/hub/record"
)

// Whoever reads our record says what it holds of it already. A hub that was restored from an old copy, or that is itself a copy, learns from
// that before it shows a second record to somebody who has seen the first: it answers "not now", asks its neighbours what they
// keep, and is mended or refuses to go on. The claim is a hint, and nobody is put off for long: who then still holds another record has
// the proof of a fork in hands, as it should.
const (
	holdsHeader = "Commonhub-Holds"
	holdsRoot   = 16 // characters of the root
	putOff      = time.Minute
)

// How often claims of others may make us ask our neighbours.
const (
	doubtEvery = 20 * time.Second
	doubtBurst = 3
)

// claim spells what we hold of a record for its author; no header without anything.
func (m *Mirror) claim(held record.Checkpoint) http.Header {
	if held.Note == nil || held.Size == 0 {
		return nil
	}
	return http.Header{holdsHeader: {fmt.Sprintf("%s %d %s", m.o.Record.Self().ID(), held.Size, held.Root.String()[:holdsRoot])}}
}

// toPutOff tells whether a reader is a neighbour that says that it holds of our record what this machine never signed, and is to come again
// when we have asked about that.
func (m *Mirror) toPutOff(req *http.Request) bool {
	var id, root string
	var size uint64
	if n, err := fmt.Sscanf(req.Header.Get(holdsHeader), "%s %d %s", &id, &size, &root); n != 3 || err != nil || m.signedLike(size, root) {
		return false
	}
	if _, refused := m.o.Record.Refused(); refused {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[id]
	if h == nil || h.state != Accepted {
		return false
	}
	if time.Since(h.doubted) > 10*putOff {
		h.doubted = time.Now()
	}
	return time.Since(h.doubted) < putOff
}

// signedLike tells whether our record had a root that begins so at a size.
func (m *Mirror) signedLike(size uint64, root string) (same bool) {
	err := m.o.Record.Read(func(v record.View) error {
		if size > v.Size(v.Self()) {
			return nil
		}
		ours, err := v.RootAt(v.Self(), size)
		same = err == nil && ours.String()[:holdsRoot] == root
		return err
	})
	return same || err != nil
}

// doubt has our neighbours asked soon what they keep of our record.
func (m *Mirror) doubt() {
	select {
	case m.doubts <- struct{}{}:
	default:
	}
}

// doubting asks them, at a pace that liars cannot raise.
func (m *Mirror) doubting() {
	pacer := rate.NewLimiter(rate.Every(doubtEvery), doubtBurst)
	for {
		select {
		case <-m.doubts:
		case <-m.ctx.Done():
			return
		}
		if pacer.Wait(m.ctx) != nil {
			return
		}
		if _, _, err := m.AskOurs(m.ctx, answerTime); err != nil {
			m.o.Log.Error("our own record is in doubt", "error", err)
		}
	}
}
