package lab

import (
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"
)

// Link says what happens to frames, in each direction alike.
type Link struct {
	Loss   float64       // per cent of frames, at random
	Delay  time.Duration // one way
	Rate   int           // bits per second, 0 is no limit; what would wait longer than a second is lost
	Broken bool          // everything is lost
}

const (
	backlog    = time.Second // how much a slow link keeps waiting, as the buffer of a modem does
	queueLimit = 2000        // frames under way in one direction
)

// direction carries frames one way. Frames keep their order: jitter would reorder them, and TCP takes that for loss.
type direction struct {
	mu    sync.Mutex // guards all below
	link  Link
	queue []frame
	free  time.Time // when a slow link has sent all that it was given
	sent  int64     // bytes of whole frames that were pushed, the lost ones too
	ended bool
	wake  chan struct{} // has one element when the queue has become longer, or the end has come
}

type frame struct {
	due   time.Time
	bytes []byte
}

func newDirection(link Link) *direction { return &direction{link: link, wake: make(chan struct{}, 1)} }

// push sends a frame on its way, or loses it. It keeps a copy.
func (d *direction) push(b []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.sent += int64(len(b))
	if d.link.Broken || rand.Float64()*100 < d.link.Loss || len(d.queue) >= queueLimit {
		return
	}
	sent := now
	if d.link.Rate > 0 {
		sent = later(now, d.free).Add(time.Duration(len(b)) * 8 * time.Second / time.Duration(d.link.Rate))
		if sent.Sub(now) > backlog {
			return
		}
		d.free = sent
	}
	due := sent.Add(d.link.Delay)
	if n := len(d.queue); n > 0 {
		due = later(due, d.queue[n-1].due) // the delay may have become shorter meanwhile
	}
	d.queue = append(d.queue, frame{due, slices.Clone(b)})
	d.poke()
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// poke wakes deliver; the lock is held.
func (d *direction) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// deliver writes frames when they are due, until the end. A host that takes no frames at present loses them, as on any link.
func (d *direction) deliver(to *os.File) {
	for {
		first, wait, more := d.next()
		if !more {
			return
		}
		if first != nil {
			_, _ = to.Write(first)
			continue
		}
		select {
		case <-d.wake:
		case <-time.After(wait):
		}
	}
}

// next takes the first frame if it is due, or tells how long to wait for it; there is no more after the end.
func (d *direction) next() (due []byte, wait time.Duration, more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return nil, 0, false
	}
	if len(d.queue) == 0 {
		return nil, time.Hour, true
	}
	if wait = time.Until(d.queue[0].due); wait > 0 {
		return nil, wait, true
	}
	due = d.queue[0].bytes
	d.queue[0].bytes = nil // the array behind the queue lives on
	d.queue = d.queue[1:]
	return due, 0, true
}

func (d *direction) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	d.poke()
}

func (d *direction) change(to func(*Link)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	to(&d.link)
	if d.link.Broken {
		d.queue = nil // what is under way is lost with the link
	}
}
