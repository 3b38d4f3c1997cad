package people

import (
	"iter"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Member is what a page may show of a member. Times are UTC.
type Member struct {
	Handle    string    `json:"handle"`
	Household string    `json:"household"`
	Name      string    `json:"name,omitempty"` // "" when erased, not here, or not for this reader
	Steward   bool      `json:"steward,omitempty"`
	Until     time.Time `json:"until,omitzero"` // end of the steward's term
	Joined    time.Time `json:"joined"`
	Index     uint64    `json:"index"` // of the event by which the member joined
	Left      time.Time `json:"left,omitzero"`
}

// Household is what a page may show of a household.
type Household struct {
	Handle  string    `json:"handle"`
	Name    string    `json:"name,omitempty"`
	Added   time.Time `json:"added"`
	Members []Member  `json:"members"`
}

// Acting tells which household a member of ours acts for, and whether as a steward; judges call it first.
//
// Errors: fault Denied for whoever is no member, or no longer.
func (p *People) Acting(v record.View, handle string) (household string, steward bool, err error) {
	m, ok := loadMember(v, v.Self(), handle)
	if !ok || !m.Left.IsZero() {
		return "", false, fault.New(fault.Denied, "people.not-a-member")
	}
	return m.Household, isSteward(v, v.Self(), m, v.Now()), nil
}

// NameOf is a member's or a household's displayed name, "" if its body is erased or not here. known says that the reader is a signed-in
// member of this hub: a name of reach `hub` is shown to nobody else, so pages that guests share must pass false.
func (p *People) NameOf(v record.View, o record.Origin, handle string, known bool) string {
	s, ok := record.Load[spelled](v.Table("people", "spelled"), spelledKey(o, handle))
	if !ok || !known && s.Reach != body.Far && s.Reach != body.Neighbours {
		return ""
	}
	return s.Text
}

// ReachOf is the reach of a displayed name, "" without one.
func (p *People) ReachOf(v record.View, o record.Origin, handle string) body.Reach {
	s, _ := record.Load[spelled](v.Table("people", "spelled"), spelledKey(o, handle))
	return s.Reach
}

// Member looks up a member of any origin; for known see NameOf.
//
// Errors: fault NotFound.
func (p *People) Member(v record.View, o record.Origin, handle string, known bool) (Member, error) {
	m, ok := loadMember(v, o, handle)
	if !ok {
		return Member{}, fault.New(fault.NotFound, "people.no-such-member")
	}
	return p.shown(v, o, handle, m, known), nil
}

// Households lists an origin's households with their members, in the order of their handles; for known see NameOf.
func (p *People) Households(v record.View, o record.Origin, known bool) []Household {
	all := []Household{}
	place := map[string]int{}
	for n, h := range rows[household](v, o, "household") {
		handle := householdHandle(n)
		place[handle] = len(all)
		all = append(all, Household{Handle: handle, Name: p.NameOf(v, o, handle, known), Added: h.Added, Members: []Member{}})
	}
	for n, m := range rows[member](v, o, "member") {
		if i, ok := place[m.Household]; ok {
			all[i].Members = append(all[i].Members, p.shown(v, o, memberHandle(n), m, known))
		}
	}
	return all
}

// HasHousehold tells whether a handle is that of a household of ours.
func (p *People) HasHousehold(v record.View, handle string) bool {
	_, ok := loadHousehold(v, v.Self(), handle)
	return ok
}

// HouseholdHandles lists the handles of our households in their order.
func (p *People) HouseholdHandles(v record.View) []string {
	var all []string
	for n := range rows[household](v, v.Self(), "household") {
		all = append(all, householdHandle(n))
	}
	return all
}

// Count is how many households our hub has, and how many members who have not left.
func (p *People) Count(v record.View) (households, members int) {
	for range rows[household](v, v.Self(), "household") {
		households++
	}
	for _, m := range rows[member](v, v.Self(), "member") {
		if m.Left.IsZero() {
			members++
		}
	}
	return households, members
}

// Claimed tells whether the hub has had its first steward.
func (p *People) Claimed(v record.View) bool {
	return next(v.Table("people", "member"), v.Self()) > 1
}

// shown reads terms at the reader's time: it is a page, not a rule.
func (p *People) shown(v record.View, o record.Origin, handle string, m member, known bool) Member {
	return Member{
		Handle: handle, Household: m.Household, Name: p.NameOf(v, o, handle, known),
		Steward: isSteward(v, o, m, v.Now()), Until: m.Until, Joined: m.Joined, Index: m.Index, Left: m.Left,
	}
}

// isSteward tells whether a member holds the keys at a time. A term that is over counts on until somebody else holds
// them: a block that forgot to vote must not find itself locked out.
func isSteward(v record.View, o record.Origin, m member, at time.Time) bool {
	if !m.Steward || m.inTerm(at) {
		return m.Steward
	}
	for _, other := range rows[member](v, o, "member") {
		if other.Steward && other.inTerm(at) {
			return false
		}
	}
	return true
}

// ref is the event by which the member joined.
func (m member) ref(o record.Origin) record.Ref {
	leaf, err := record.ParseHash(m.Leaf)
	if err != nil {
		return record.Ref{} // we wrote it ourselves: cannot be
	}
	return record.Ref{Origin: o, Index: m.Index, Leaf: leaf}
}

func (m member) inTerm(at time.Time) bool { return m.Until.IsZero() || at.Before(m.Until) }

// lastSteward tells whether nobody but this member would hold the keys.
func lastSteward(v record.View, handle string) bool {
	for n, m := range rows[member](v, v.Self(), "member") {
		if m.Steward && m.inTerm(v.Now()) && memberHandle(n) != handle {
			return false
		}
	}
	return true
}

func loadMember(v record.View, o record.Origin, handle string) (member, bool) {
	n, ok := number("m", handle)
	if !ok {
		return member{}, false
	}
	return record.Load[member](v.Table("people", "member"), rowKey(o, n))
}

func loadHousehold(v record.View, o record.Origin, handle string) (household, bool) {
	n, ok := number("h", handle)
	if !ok {
		return household{}, false
	}
	return record.Load[household](v.Table("people", "household"), rowKey(o, n))
}

// rows yields an origin's rows of a table by number, ascending.
func rows[T any](v record.View, o record.Origin, name string) iter.Seq2[uint64, T] {
	return func(yield func(uint64, T) bool) {
		t, prefix := v.Table("people", name), originKey(o)
		for k := range t.Prefix(prefix) {
			row, ok := record.Load[T](t, k)
			if ok && len(k) == len(prefix)+8 && !yield(record.ParseNum(k[len(prefix):]), row) {
				return
			}
		}
	}
}

// steward is the gate of what needs a steward or the console.
func (p *People) steward(v record.View, o Order) error {
	if o.Actor == Console {
		return nil
	}
	_, steward, err := p.Acting(v, o.Actor)
	if err != nil {
		return err
	}
	if !steward {
		return fault.New(fault.Denied, "people.stewards-only")
	}
	return nil
}
