package noticeboard

import (
	"encoding/json"
	"slices"
	"time"

	"golang.org/x/text/language"
)

// Kinds of events.
const (
	posted    = "notice.posted"
	pictured  = "notice.pictured"
	edited    = "notice.edited"
	extended  = "notice.extended"
	withdrawn = "notice.withdrawn"
	done      = "notice.done"
	commented = "notice.commented"
	claimed   = "notice.claimed"
	settled   = "notice.settled"
	released  = "notice.released"
	flagged   = "notice.flagged"
	hidden    = "notice.hidden"
	shown     = "notice.shown"
)

// Kind is what sort of notice it is, as forms and events spell it.
type Kind string

// The five kinds. Their order is that of forms and filters, and their place in it is their number in the index.
const (
	Offer     Kind = "offer"
	Need      Kind = "need"
	Happening Kind = "event"
	News      Kind = "news"
	LostFound Kind = "lostfound"
)

// Kinds lists the kinds in the order of forms and filters.
func Kinds() []Kind { return []Kind{Offer, Need, Happening, News, LostFound} }

func (k Kind) valid() bool { return slices.Contains(Kinds(), k) }

func (k Kind) number() byte { return byte(slices.Index(Kinds(), k)) }

// claimable tells whether somebody can say "I take it" or "I do it".
func (k Kind) claimable() bool { return k == Offer || k == Need || k == LostFound }

const day = 24 * time.Hour

// life is how long a notice of this kind stays up unless its author says otherwise.
func (k Kind) life() time.Duration {
	switch k {
	case Offer:
		return 90 * day
	case Need:
		return 14 * day
	}
	return 30 * day
}

// longest bounds an expiry, counted from the event that sets it.
const longest = 400 * day

type (
	postedData struct {
		Kind    Kind   `json:"kind"`
		Lang    string `json:"lang,omitempty"`
		Expires string `json:"expires"`
		Starts  string `json:"starts,omitempty"`
	}
	editedData struct {
		Notice string `json:"notice"`
		Lang   string `json:"lang,omitempty"`
		Starts string `json:"starts,omitempty"`
	}
	picturedData struct {
		Notice string `json:"notice"`
		W      int    `json:"w"`
		H      int    `json:"h"`
	}
	extendedData struct {
		Notice  string `json:"notice"`
		Expires string `json:"expires"`
	}
	// ownData is that of the events that only name a notice of the same record: withdrawn and done.
	ownData struct {
		Notice string `json:"notice"`
	}
	aboutData struct {
		About cite `json:"about"`
	}
	releasedData struct {
		About cite `json:"about"`
		Claim cite `json:"claim"`
	}
	settledData struct {
		Notice string `json:"notice"`
		Claim  cite   `json:"claim"`
		Won    bool   `json:"won"`
	}
	hiddenData struct {
		About  cite   `json:"about"`
		Reason string `json:"reason"`
	}
	shownData struct {
		About cite   `json:"about"`
		Undo  string `json:"undo"` // hidden or withdrawn, as kinds of events
	}
)

// Words is the body of a notice.
type Words struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	Place string `json:"place,omitempty"`
}

// saying is the body of a comment or flag: it says who, so that the public record need not.
type saying struct {
	By   string `json:"by"`
	For  string `json:"for"`
	Text string `json:"text"`
}

// Bounds of what people write, in characters. Bodies of other hubs are cut to them.
const (
	maxTitle = 120
	maxText  = 4000
	maxPlace = 120
	maxSay   = 1000
)

// readWords decodes the body of a notice, ours or another hub's; false if it is none.
func readWords(raw []byte) (w Words, ok bool) {
	if json.Unmarshal(raw, &w) != nil {
		return Words{}, false
	}
	return Words{cut(w.Title, maxTitle), cut(w.Text, maxText), cut(w.Place, maxPlace)}, true
}

func readSaying(raw []byte) (s saying, ok bool) {
	if json.Unmarshal(raw, &s) != nil {
		return saying{}, false
	}
	return saying{cut(s.By, 20), cut(s.For, 20), cut(s.Text, maxSay)}, true
}

// bytesOf encodes a body. Strings always can be.
func bytesOf(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// instant reads an RFC 3339 instant or date; a date means the end of that day in zone.
func instant(s string, zone *time.Location) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), true
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return time.Time{}, false
	}
	return t.AddDate(0, 0, 1).Add(-time.Second).UTC(), true
}

// tag keeps a language tag only in its canonical form, "" if it is none.
func tag(s string) string {
	if len(s) > 35 {
		return ""
	}
	t, err := language.Parse(s)
	if err != nil || t == language.Und {
		return ""
	}
	return t.String()
}

// Reasons are the codes that a steward chooses from when hiding; "notice.reason-" and the code is the sentence.
func Reasons() []string {
	return []string{"spam", "abuse", "private", "untrue", "unsafe", "duplicate", "other"}
}
