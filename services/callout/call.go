package callout

import (
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// call is a call-out, folded from the events of its author's record, or from the messages that came before them.
type call struct {
	Leaf     string     `json:"leaf"` // of callout.raised
	At       int64      `json:"at"`
	By       string     `json:"by"`
	For      string     `json:"for,omitempty"`
	Exercise bool       `json:"exercise,omitempty"`
	Reach    body.Reach `json:"reach"`
	Told     []telling  `json:"told"` // what was said, oldest first, never empty
	Over     string     `json:"over,omitempty"`
	OverAt   int64      `json:"over_at,omitempty"`
	OverBy   string     `json:"over_by,omitempty"`
}

// telling is the first words of a call-out, or an update.
type telling struct {
	Leaf     string   `json:"leaf"`
	Index    uint64   `json:"index"`
	At       int64    `json:"at"`
	By       string   `json:"by"`
	Urgency  Urgency  `json:"urgency"`
	Severity Severity `json:"severity"`
	Lang     string   `json:"lang,omitempty"`
	Ends     int64    `json:"ends"`
}

// Values of call.Over.
const (
	isCancelled = "cancelled"
	isResolved  = "resolved"
	isExpired   = "expired" // by the reader's clock, never stored
)

// now is what counts: the last that was said.
func (c *call) now() telling { return c.Told[len(c.Told)-1] }

// live tells whether it is to be shown on every page.
func (c *call) live(now time.Time) bool {
	return c.Over == "" && c.now().Ends > millis(now) && c.At <= millis(now.Add(ahead))
}

// fate is "" for one that is live, or what ended it.
func (c *call) fate(now time.Time) string {
	if c.Over == "" && c.now().Ends <= millis(now) {
		return isExpired
	}
	return c.Over
}

// ended is when it ended, by itself or by a word.
func (c *call) ended() int64 {
	if c.Over != "" {
		return min(c.OverAt, c.now().Ends)
	}
	return c.now().Ends
}

// begin reads callout.raised; false means that it is void.
func begin(n record.Entry) (call, bool) {
	d, ok := record.Decode[raisedData](n.Event)
	if !ok || n.V != 1 || n.Kind != raised || !n.Reach.Travels() || !handle(n.By) || !handle(n.For) && n.For != "" {
		return call{}, false
	}
	t, ok := tellingOf(n, d.Urgency, d.Severity, d.Lang, d.Expires)
	return call{
		Leaf: t.Leaf, At: t.At, By: n.By, For: n.For, Exercise: d.Exercise, Reach: n.Reach, Told: []telling{t},
	}, ok
}

func tellingOf(n record.Entry, u Urgency, s Severity, lang, expires string) (telling, bool) {
	ends, err := time.Parse(time.RFC3339, expires)
	if err != nil || !u.valid() || !s.valid() || n.Event.Body == "" || !ends.After(n.At) || ends.Sub(n.At) > longest {
		return telling{}, false
	}
	return telling{record.Hex(n.Leaf), n.Index, millis(n.At), n.By, u, s, tag(lang), millis(ends)}, true
}

// handle tells whether s can be a member's or household's handle.
func handle(s string) bool {
	for i := range len(s) {
		if (s[i] < 'a' || s[i] > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != "" && len(s) <= maxHandle
}

const maxHandle = 20 // bytes

// follow reads an update, a cancellation or a resolution of c; false means that it is void. Who of the hub may say so, the hub has
// asked before it wrote it down. What is over stays over.
func (c *call) follow(n record.Entry) bool {
	if n.V != 1 || !handle(n.By) || c.Over != "" {
		return false
	}
	switch n.Kind {
	case cancelled:
		c.Over = isCancelled
	case resolved:
		c.Over = isResolved
	default:
		return c.update(n)
	}
	c.OverAt, c.OverBy = millis(n.At), n.By
	return true
}

func (c *call) update(n record.Entry) bool {
	d, ok := record.Decode[updatedData](n.Event)
	if !ok || n.Kind != updated || n.Reach != c.Reach || len(c.Told) >= maxTold || millis(n.At) >= c.now().Ends {
		return false
	}
	t, ok := tellingOf(n, d.Urgency, d.Severity, d.Lang, d.Expires)
	if ok {
		c.Told = append(c.Told, t)
	}
	return ok
}

// about is the call-out that an update, cancellation or resolution belongs to: always one of its own record.
func about(n record.Entry) (ID, bool) {
	d, ok := record.Decode[overData](n.Event) // all three have this field
	if !ok {
		return "", false
	}
	return cite{n.Origin, d.Callout}.id()
}
