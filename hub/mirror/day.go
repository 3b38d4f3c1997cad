package mirror

import (
	"context"
	"encoding/binary"
	"time"

	"commonhub/hub/record"
)

// Usage is what came of one origin.
type Usage struct {
	Entries uint64 `json:"entries"`
	Bytes   uint64 `json:"bytes"` // of entries, words and pictures
	Bodies  uint64 `json:"bodies"`
}

func (u Usage) plus(o Usage) Usage {
	return Usage{u.Entries + o.Entries, u.Bytes + o.Bytes, u.Bodies + o.Bodies}
}

// day is what came in the last 24 hours. Hours are counted while this hub runs, from its first start on: the clock of a router without
// a battery leaps by months when somebody sets it, and whoever sets ours must not empty or fill what others may send. A hub that is
// switched off at night has longer days. The zero day is empty.
type day struct {
	Hour  int64     `json:"hour"` // of the newest of Hours, at Hour modulo 24
	Hours [24]Usage `json:"hours"`
}

// turn forgets hours that are a day old.
func (d *day) turn(hour int64) {
	if hour-d.Hour >= 24 || hour < d.Hour { // counted from a start that was not kept: our count began again
		*d = day{Hour: hour}
	}
	for d.Hour < hour {
		d.Hour++
		d.Hours[d.Hour%24] = Usage{}
	}
}

func (d *day) add(hour int64, u Usage) {
	d.turn(hour)
	d.Hours[hour%24] = d.Hours[hour%24].plus(u)
}

// giveBack takes one body off again, counted in this hour or in one before.
func (d *day) giveBack(hour int64) {
	d.turn(hour)
	for back := range int64(24) {
		if u := &d.Hours[(hour-back+24)%24]; u.Bodies > 0 {
			u.Bodies--
			return
		}
	}
}

func (d *day) sum(hour int64) (all Usage) {
	d.turn(hour)
	for _, u := range d.Hours {
		all = all.plus(u)
	}
	return all
}

// lifetime counts how long this hub has run, all starts together.
type lifetime struct {
	before time.Duration
	start  time.Time // carries the monotonic clock, which nobody can set
}

var lifetimeKey = []byte("nanoseconds")

// livedTable is private: its one key holds how long the hub had run when it was last stopped.
const livedTable = "lived"

func loadLifetime(v record.View) lifetime {
	before := time.Duration(record.ParseNum(v.Private(service, livedTable).Get(lifetimeKey)))
	return lifetime{max(0, before), time.Now()}
}

func (l lifetime) now() time.Duration { return l.before + time.Since(l.start) }

func (m *Mirror) hour() int64 { return int64(m.lived.now() / time.Hour) }

// spend notes what came of an origin. Our own record has no bounds, and is not counted.
func (m *Mirror) spend(o record.Origin, u Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[o.ID()]
	if h != nil {
		h.count(m.hour(), u)
	}
}

// count adds to today's. The caller holds Mirror.mu.
func (h *hub) count(hour int64, u Usage) {
	if h.note.Day == nil {
		h.note.Day = &day{}
	}
	h.note.Day.add(hour, u)
}

// today is what came of an origin in the last 24 hours of running.
func (m *Mirror) today(id string) Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.hubs[id]; h != nil {
		return h.today(m.hour())
	}
	return Usage{}
}

func (h *hub) today(hour int64) Usage {
	if h.note.Day == nil {
		return Usage{}
	}
	return h.note.Day.sum(hour)
}

// keepDays writes down what was counted, so that a start does not give anybody a new day. It is called where a bound was met, and at the
// end; a power cut in between forgives a few hours, which is cheaper than wearing out flash for them.
func (m *Mirror) keepDays(ctx context.Context) error {
	m.mu.Lock()
	notes := map[string]memory{}
	for id, h := range m.hubs {
		if h.note.Day != nil {
			notes[id] = h.copied()
		}
	}
	m.mu.Unlock()
	return m.keep(ctx, notes)
}

// copied is the note of a hub that nobody changes any more. The caller holds Mirror.mu.
func (h *hub) copied() memory {
	n := h.note
	if n.Day != nil {
		d := *n.Day
		n.Day = &d
	}
	return n
}

func (l lifetime) encode() []byte { return binary.BigEndian.AppendUint64(nil, uint64(l.now())) }
