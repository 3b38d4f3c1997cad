package audit

import (
	"strconv"
	"strings"
	"time"

	"commonhub/hub/record"
)

// console is the author of what was done at the machine itself.
const console = "console"

// roster knows who was a member of which household, and who held the keys, at the event that was read last.
type roster struct {
	households map[string]bool
	members    map[string]*member
	count      int // of members, also those who left
}

type member struct {
	household string
	left      bool
	steward   bool
	until     time.Time // end of the term, zero for no end
}

// about is the data of events about people.
type about struct {
	Member    string `json:"member"`
	Household string `json:"household"`
	Until     int64  `json:"until"`
}

func newRoster() *roster {
	return &roster{households: map[string]bool{}, members: map[string]*member{}}
}

// take reads an event about people. What its author was not entitled to changes nothing, as everywhere.
func (r *roster) take(n record.Entry) {
	a, ok := record.Decode[about](n.Event)
	if !ok || n.V != 1 {
		return
	}
	m := r.member(a.Member)
	switch n.Kind {
	case "household.added":
		if a.Household == "h"+strconv.Itoa(len(r.households)+1) && r.entitled(n) {
			r.households[a.Household] = true
		}
	case "member.joined":
		if a.Member == "m"+strconv.Itoa(r.count+1) && n.By == a.Member && r.households[a.Household] {
			r.members[a.Member] = &member{household: a.Household}
			r.count++
		}
	case "member.left":
		if m != nil && n.By == a.Member {
			m.left, m.steward = true, false
		}
	case "steward.appointed", "steward.ended":
		r.steward(n, m, a)
	}
}

func (r *roster) steward(n record.Entry, m *member, a about) {
	appointed := n.Kind == "steward.appointed"
	if m == nil || !r.entitled(n) && (appointed || n.By != a.Member) {
		return
	}
	m.steward, m.until = appointed, time.Time{}
	if appointed && a.Until > 0 {
		m.until = time.Unix(a.Until, 0)
	}
}

// member finds one who has not left.
func (r *roster) member(handle string) *member {
	if m := r.members[handle]; m != nil && !m.left {
		return m
	}
	return nil
}

func (r *roster) entitled(n record.Entry) bool { return n.By == console || r.keys(n.By, n.At) }

// keys tells whether a member held the keys at a time. A term that is over counts on until somebody else holds them.
func (r *roster) keys(handle string, at time.Time) bool {
	m := r.member(handle)
	if m == nil || !m.steward || m.inTerm(at) {
		return m != nil && m.steward
	}
	for _, other := range r.members {
		if other.steward && !other.left && other.inTerm(at) {
			return false
		}
	}
	return true
}

func (m *member) inTerm(at time.Time) bool { return m.until.IsZero() || at.Before(m.until) }

// people tells whether a kind is about people.
func people(kind string) bool {
	return strings.HasPrefix(kind, "household.") || strings.HasPrefix(kind, "member.") || strings.HasPrefix(kind, "steward.")
}
