package callout

import (
	"slices"
	"time"

	"golang.org/x/text/language"
)

// Kinds of events.
const (
	raised    = "callout.raised"
	updated   = "callout.updated"
	cancelled = "callout.cancelled"
	resolved  = "callout.resolved"
	seen      = "callout.seen"
	coming    = "callout.coming"
	blocked   = "callout.blocked"
	unblocked = "callout.unblocked"
)

// Urgency is how soon somebody should act, in the words of CAP 1.2.
type Urgency string

// Urgencies lists the two that a block needs, the more urgent first. Their place is their number in messages.
func Urgencies() []Urgency { return []Urgency{"immediate", "expected"} }

// Severity is what is at stake, in the words of CAP 1.2.
type Severity string

// Severities lists them, the worst first. Their place is their number in messages.
func Severities() []Severity { return []Severity{"extreme", "severe", "moderate"} }

// Limits, which are rules of version 1 of callout.raised and callout.updated.
const (
	longest      = 24 * time.Hour // from the event to the expiry that it sets
	maxText      = 600            // bytes of words, so that a message fits a packet
	memberDaily  = 2              // call-outs in 24 hours
	hubDaily     = 6
	exerciseDays = 2   // exercises of a hub in 24 hours, which count apart: a drill must not use up a real one
	maxTold      = 10  // words of one call-out, the first included
	maxAnswers   = 200 // members of one hub who answer one call-out
)

const (
	usual   = 2 * time.Hour  // life of a call-out unless its author says otherwise
	visible = 24 * time.Hour // how long one that is over stays in the list
	ahead   = 24 * time.Hour // how far another hub's clock may run ahead of ours
)

type (
	raisedData struct {
		Urgency  Urgency  `json:"urgency"`
		Severity Severity `json:"severity"`
		Expires  string   `json:"expires"`
		Lang     string   `json:"lang,omitempty"`
		Exercise bool     `json:"exercise,omitempty"`
	}
	updatedData struct {
		Callout  string   `json:"callout"`
		Urgency  Urgency  `json:"urgency"`
		Severity Severity `json:"severity"`
		Expires  string   `json:"expires"`
		Lang     string   `json:"lang,omitempty"`
	}
	// overData is that of cancelled and resolved.
	overData struct {
		Callout string `json:"callout"`
	}
	aboutData struct {
		About cite `json:"about"`
	}
	blockedData struct {
		Hub    string `json:"hub"`
		Member string `json:"member,omitempty"`
	}
)

func (u Urgency) valid() bool  { return slices.Contains(Urgencies(), u) }
func (s Severity) valid() bool { return slices.Contains(Severities(), s) }

// stamp spells a time as events do, in whole seconds.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// maxLang bounds a language tag: "zh-Hant-TW" has ten bytes.
const maxLang = 11

// tag is a language tag in its usual spelling, "" for what is none.
func tag(s string) string {
	t, err := language.Parse(s)
	if err != nil || t == language.Und || len(t.String()) > maxLang {
		return ""
	}
	return t.String()
}
