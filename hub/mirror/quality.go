package mirror

import (
	"errors"
	"net/url"
	"time"
)

// Quality is how well another hub can be reached, as far as reading it has shown.
type Quality string

const (
	Good  Quality = "good"
	Fair  Quality = "fair" // some questions stayed without an answer, or answers take long
	Poor  Quality = "poor" // many did, or very long
	Lost  Quality = "lost" // the last question had no answer
	Never Quality = ""     // it was never asked
)

// Figures behind a Quality. Two in ten packets lost on each of two links already costs a request in eight.
const (
	triesKept = 16
	fairTrip  = 400 * time.Millisecond
	poorTrip  = 2 * time.Second
)

// trials are what became of the last questions to a hub. Mirror.mu owns it; it is not kept over a start.
type trials struct {
	tries  uint16 // outcomes, the newest in the lowest bit: 1 is an answer
	count  int    // of outcomes, at most triesKept
	trip   time.Duration
	missed bool // the newest question had no answer
}

// answered notes an answer to a small question, and how long it took. The mean moves by a quarter: one slow answer does not make a slow
// link, a dozen do.
func (l *trials) answered(took time.Duration) {
	l.push(1)
	if l.trip == 0 {
		l.trip = took
		return
	}
	l.trip += (took - l.trip) / 4
}

func (l *trials) failed() { l.push(0) }

func (l *trials) push(outcome uint16) {
	l.tries = l.tries<<1 | outcome
	l.count = min(l.count+1, triesKept)
	l.missed = outcome == 0
}

// yield is how many of the last questions were answered, in percent.
func (l *trials) yield() int {
	if l.count == 0 {
		return 0
	}
	answered := 0
	for i := range l.count {
		answered += int(l.tries >> i & 1)
	}
	return answered * 100 / l.count
}

func (l *trials) quality() Quality {
	switch {
	case l.count == 0:
		return Never
	case l.missed:
		return Lost
	case l.yield() < 70 || l.trip > poorTrip:
		return Poor
	case l.yield() < 95 || l.trip > fairTrip:
		return Fair
	}
	return Good
}

// tried notes what became of a small question to a hub. A refusal is an answer, and so is nonsense.
func (m *Mirror) tried(id string, began time.Time, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[id]
	if h == nil || m.ctx.Err() != nil {
		return
	}
	if _, silent := errors.AsType[*url.Error](err); silent {
		h.trials.failed()
		return
	}
	h.trials.answered(time.Since(began))
}
