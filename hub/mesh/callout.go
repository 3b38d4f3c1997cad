package mesh

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// A call-out is a whole message that must reach every hub in reach within seconds. The mesh does not read it: whoever takes it from
// CallOuts knows which key must have signed it, and gives it back to CallOut if it deserves to go on. Its first byte is CallOutKind.
const (
	CallOutKind = 2
	CallOutSize = rumourSize // bytes at most
)

const (
	cryTo     = 3 // members at a time, at random
	cryToSure = 2 // of them known to the book, where there are such
	loudFor   = 3 * time.Second
	loudEvery = 250 * time.Millisecond
	softFor   = loudFor + time.Minute
	softEvery = 5 * time.Second

	callOutRate = 10 // new messages a second, from all sources, that somebody will have to check
)

// isCallOut tells whether a message is one to hand on.
func isCallOut(b []byte) bool { return len(b) > 1 && len(b) <= CallOutSize && b[0] == CallOutKind }

// CallOut tells a message to every hub in reach, loudly for a few seconds and softly for a minute, and to those who come later until
// it is over. The caller answers for it: it is ours, or its signature was checked. Telling it again does nothing. It never blocks.
func (m *Mesh) CallOut(message []byte, until time.Time) {
	if !isCallOut(message) {
		return
	}
	m.cries.tell(message, until)
	select {
	case m.called <- struct{}{}:
	default:
	}
}

// CallOuts is where others' messages come out, each once, unchecked. While the buffer is full they are left for their next copy.
func (m *Mesh) CallOuts() <-chan []byte { return m.callOuts }

// crier tells what is to be told. It does not go through memberlist's queue, which pings can starve.
func (m *Mesh) crier(ctx context.Context) {
	for {
		list, again := m.cries.due(time.Now())
		if c := m.current(); c != nil {
			for _, b := range list {
				c.cry(b)
			}
		}
		var wait <-chan time.Time
		if !again.IsZero() {
			wait = time.After(time.Until(again))
		}
		select {
		case <-m.called:
		case <-wait:
		case <-ctx.Done():
			return
		}
	}
}

func (c *circle) cry(b []byte) {
	for _, to := range c.roster.some(cryTo, cryToSure, c.book.has) {
		// Best effort: it is told again.
		_ = c.list.SendBestEffort(&to.node, b)
	}
}

// overhear hands on what others call out.
func (m *Mesh) overhear(ctx context.Context, c *circle) {
	pace := rate.NewLimiter(callOutRate, 4*callOutRate)
	for {
		select {
		case b := <-c.delegate.callOuts:
			m.handOn(b, pace)
		case <-ctx.Done():
			return
		}
	}
}

func (m *Mesh) handOn(b []byte, pace *rate.Limiter) {
	if !isCallOut(b) || !m.cries.first(b) {
		return
	}
	if pace.Allow() {
		select {
		case m.callOuts <- b:
			return
		default:
		}
	}
	m.cries.forget(b)
}
