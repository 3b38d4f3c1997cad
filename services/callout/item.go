package callout

import (
	"slices"
	"strings"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Reader is for whom something is read; the zero Reader is any guest, whose pages everybody shares.
type Reader struct {
	Member  string
	Steward bool
}

func (r Reader) known() bool { return r.Member != "" }

// WordState says what became of words.
type WordState string

// States of words.
const (
	WordsHere       WordState = "here"
	WordsNotFetched WordState = "not-fetched"
	WordsErased     WordState = "erased"
	WordsLost       WordState = "lost"
	WordsUnreadable WordState = "unreadable"
)

// Item is a call-out in a list.
type Item struct {
	ID       ID         `json:"id"`
	URL      string     `json:"url"` // path
	Hub      string     `json:"hub"` // id
	HubName  string     `json:"hub_name,omitempty"`
	By       string     `json:"by"`
	Name     string     `json:"name,omitempty"`
	At       time.Time  `json:"at"`
	Exercise bool       `json:"exercise,omitempty"`
	Urgency  Urgency    `json:"urgency"`
	Severity Severity   `json:"severity"`
	Words    WordState  `json:"words"`
	Text     string     `json:"text,omitempty"`
	Lang     string     `json:"lang,omitempty"`
	Reach    body.Reach `json:"reach"`
	Expires  time.Time  `json:"expires"`
	Over     string     `json:"over,omitempty"` // cancelled, resolved or expired
	Ended    *time.Time `json:"ended,omitempty"`
	Recorded bool       `json:"recorded"` // false: heard from its hub, and not yet read in its record
	Seen     int        `json:"seen"`
	Coming   int        `json:"coming"`
	BadClock bool       `json:"clock_wrong,omitempty"`
	Blocked  bool       `json:"blocked,omitempty"` // by our stewards; shown to them alone
}

// live tells whether it belongs above every page.
func (i Item) live() bool { return i.Over == "" && !i.BadClock && !i.Blocked }

func (s *Service) item(v record.View, r Reader, id ID, c call, recorded bool) Item {
	o, now := id.Origin(), c.now()
	i := Item{
		ID: id, URL: "/callouts/" + string(id), Hub: o.ID(), By: c.By, Name: s.o.Members.NameOf(v, o, c.By, r.known()), At: s.local(c.At),
		Exercise: c.Exercise, Urgency: now.Urgency, Severity: now.Severity, Lang: now.Lang, Reach: c.Reach, Expires: s.local(now.Ends),
		Over: c.fate(v.Now()), Recorded: recorded, BadClock: c.At > millis(v.Now().Add(ahead)), Blocked: isBlocked(v, o, c.By),
	}
	if o != v.Self() {
		i.HubName = s.o.Hubs.HubName(v, o)
	}
	if i.Over != "" {
		ended := s.local(c.ended())
		i.Ended = &ended
	}
	i.Text, i.Words = s.words(v, o, leafOf(now.Leaf))
	for _, flags := range v.Table(service, "answer").Prefix(under(string(id), "")) {
		i.Seen++
		if len(flags) == 1 && flags[0]&isComing != 0 {
			i.Coming++
		}
	}
	return i
}

func (s *Service) local(ms int64) time.Time { return at(ms).In(s.o.Zone) }

// words reads what an event says, from its body, or from the message that brought it before.
func (s *Service) words(v record.View, o record.Origin, leaf record.Hash) (string, WordState) {
	b := v.Body(o, leaf)
	switch b.State {
	case body.Here:
		if text := string(b.Bytes); readable(text) {
			return text, WordsHere
		}
		return "", WordsUnreadable
	case body.Erased:
		return "", WordsErased
	}
	if m, ok := s.relay.get(idOf(o, leaf)); ok {
		return m.text, WordsHere
	}
	if b.State == body.Lost {
		return "", WordsLost
	}
	return "", WordsNotFetched
}

// recent lists the call-outs of the record that end, or ended, after an instant. Those of clocks that run far ahead come last.
func (s *Service) recent(v record.View, since time.Time) []ID {
	var ids []ID
	for k := range v.Table(service, "index").From([]byte(num(millis(since) + 1))) {
		if len(ids) >= maxRecent {
			break
		}
		ids = append(ids, ID(k[8:]))
	}
	return ids
}

// maxRecent bounds a list. It is far above what the limits of thirty hubs allow in two days.
const maxRecent = 500

// List reads the call-outs that are live or ended within a day; those that count most come first.
func (s *Service) List(v record.View, r Reader) []Item {
	items := []Item{}
	ids := s.recent(v, v.Now().Add(-visible))
	for _, id := range s.relay.subjects() { // a message may have prolonged what the record calls ended
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		c, recorded, ok := s.find(v, id)
		if !ok || c.fate(v.Now()) != "" && v.Now().Sub(at(c.ended())) >= visible {
			continue
		}
		if i := s.item(v, r, id, c, recorded); !i.Blocked || r.Steward {
			items = append(items, i)
		}
	}
	slices.SortStableFunc(items, order)
	return items
}

// order puts the live before the ended, real ones before exercises, the worst first, then the newest.
func order(a, b Item) int {
	for _, c := range []int{
		rank(!a.live()) - rank(!b.live()), rank(a.Exercise) - rank(b.Exercise),
		slices.Index(Severities(), a.Severity) - slices.Index(Severities(), b.Severity), b.At.Compare(a.At),
	} {
		if c != 0 {
			return c
		}
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}
