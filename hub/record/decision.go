package record

import (
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
)

// Kind of the one event that belongs to no service: an erasure, which takes the body of a cited event away.
const erasedKind = "body.erased"

// erasure is the data of an erasedKind event.
type erasure struct {
	Leaf string `json:"leaf"`
}

// Decision is what a judge wants to happen: events with their bodies, and private writes. It is built in memory and changes
// nothing until the writer carries it out.
type Decision struct {
	now     time.Time
	drafts  []draft
	private []privateWrite
	refresh bool
	err     error
}

type draft struct {
	event Event
	raw   []byte
	leaf  Hash
	words *body.Sealed
}

type privateWrite struct {
	service, table string
	key, value     []byte
	forget         bool
}

// Decide begins a decision in this transaction.
func (v View) Decide() *Decision { return &Decision{now: v.now} }

// Append adds an event, with the words that it commits to if there are any, and returns its leaf hash for later events to cite.
// It stamps the time, a millisecond apart, so that no two of our events have the same bytes.
func (d *Decision) Append(e Event, words ...*body.Sealed) Hash {
	if e.V == 0 {
		e.V = 1
	}
	e.At = d.now.Add(time.Duration(len(d.drafts)) * time.Millisecond)
	dr := draft{event: e}
	if len(words) > 0 && words[0] != nil {
		dr.words = words[0]
		dr.event.Body, dr.event.Reach = words[0].Commitment, words[0].Reach
	}
	raw, err := dr.event.encode()
	if err != nil && d.err == nil {
		d.err = err
	}
	dr.raw, dr.leaf = raw, tlog.RecordHash(raw)
	d.drafts = append(d.drafts, dr)
	return dr.leaf
}

// Erase takes the body of one of our own events away, here and at every mirror that reads this.
func (d *Decision) Erase(by string, leaf Hash) {
	d.Append(Event{Kind: erasedKind, By: by, Data: Data(erasure{Hex(leaf)})})
}

// Keep writes to a private table in the same transaction as the events.
func (d *Decision) Keep(service, table string, key, value []byte) {
	d.private = append(d.private, privateWrite{service: service, table: table, key: key, value: value})
}

// Forget deletes from a private table.
func (d *Decision) Forget(service, table string, key []byte) {
	d.private = append(d.private, privateWrite{service: service, table: table, key: key, forget: true})
}

// Refresh says that pages show what is kept privately here: those that were rendered before are stale.
func (d *Decision) Refresh() { d.refresh = true }

// Empty tells whether the decision would change nothing.
func (d *Decision) Empty() bool { return len(d.drafts) == 0 && len(d.private) == 0 }

// join adds what another decision of the same instant wants, restamped behind this one's events.
func (d *Decision) join(other *Decision) {
	for _, dr := range other.drafts {
		d.Append(dr.event, dr.words)
	}
	d.private = append(d.private, other.private...)
	d.refresh = d.refresh || other.refresh
	if d.err == nil {
		d.err = other.err
	}
}
