package people

import (
	"crypto/sha256"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// household and member are rows of the view; the key holds the handle's number.
type household struct {
	Added time.Time `json:"added"`
	Name  string    `json:"name,omitempty"` // leaf of the household.named event that counts
}

type member struct {
	Household string    `json:"household"`
	Name      string    `json:"name,omitempty"` // leaf of the member.named event that counts
	Joined    time.Time `json:"joined"`
	Index     uint64    `json:"index"` // of the member.joined event
	Leaf      string    `json:"leaf"`  // of the same, hexadecimal
	Left      time.Time `json:"left,omitzero"`
	Steward   bool      `json:"steward,omitempty"`
	Until     time.Time `json:"until,omitzero"` // end of the steward's term
}

// spelled is a name whose body is here.
type spelled struct {
	Text  string     `json:"text"`
	Reach body.Reach `json:"reach"`
}

// rowKey is SHA-256 of the origin, then the number of the handle.
func rowKey(o record.Origin, n uint64) []byte {
	return append(originKey(o), record.Num(n)...)
}

func originKey(o record.Origin) []byte {
	h := sha256.Sum256([]byte(o))
	return h[:]
}

// spelledKey is SHA-256 of the origin, then the handle.
func spelledKey(o record.Origin, handle string) []byte { return append(originKey(o), handle...) }

// change is one event on its way into the view.
type change struct {
	record.Edit
	entry record.Entry
	about about
}

// Apply takes an event into the view of its origin. Events that break a rule are void: handles that do not follow each
// other, stewards' work by somebody who is none, anything by or about a member who has left.
func (p *People) Apply(e record.Edit, entry record.Entry) error {
	a, ok := record.Decode[about](entry.Event)
	if !ok || entry.V != 1 {
		return nil
	}
	c := change{e, entry, a}
	switch entry.Kind {
	case HouseholdAdded:
		return c.addHousehold()
	case HouseholdNamed:
		return c.nameHousehold()
	case MemberJoined:
		return c.join()
	case MemberNamed:
		return c.ofSelf(func(m *member) { m.Name = record.Hex(entry.Leaf) })
	case MemberLeft:
		return c.ofSelf(func(m *member) { m.Left, m.Steward = entry.At, false })
	case StewardAppointed:
		return c.ofSteward(func(m *member) { m.Steward, m.Until = true, a.term() })
	case StewardEnded:
		return c.ofSteward(func(m *member) { m.Steward, m.Until = false, time.Time{} })
	}
	return nil // claims, invitations, returns and tokens leave their trace in the record and nothing to derive
}

func (c change) addHousehold() error {
	t := c.Own("household")
	if n, ok := number("h", c.about.Household); ok && n <= mostHouseholds && n == next(t.Table, c.entry.Origin) && c.bySteward() {
		return record.Save(t, rowKey(c.entry.Origin, n), household{Added: c.entry.At})
	}
	return nil
}

func (c change) nameHousehold() error {
	t := c.Own("household")
	n, ok := number("h", c.about.Household)
	if !ok || !c.bySteward() && !c.byHousehold(c.about.Household) {
		return nil
	}
	key := rowKey(c.entry.Origin, n)
	row, ok := record.Load[household](t.Table, key)
	if !ok {
		return nil
	}
	row.Name = record.Hex(c.entry.Leaf)
	return c.unspell(c.about.Household, record.Save(t, key, row))
}

func (c change) join() error {
	t := c.Own("member")
	n, ok := number("m", c.about.Member)
	if !ok || n > mostMembers || c.entry.By != c.about.Member || n != next(t.Table, c.entry.Origin) {
		return nil
	}
	if _, ok := loadHousehold(c.View, c.entry.Origin, c.about.Household); !ok {
		return nil
	}
	return record.Save(t, rowKey(c.entry.Origin, n), member{
		Household: c.about.Household, Joined: c.entry.At, Index: c.entry.Index, Leaf: record.Hex(c.entry.Leaf),
	})
}

// ofSelf is for what only the member may do.
func (c change) ofSelf(edit func(*member)) error {
	if c.entry.By != c.about.Member {
		return nil
	}
	return c.edit(edit)
}

// ofSteward is for what a steward or the console does to a member; a steward may always end their own term.
func (c change) ofSteward(edit func(*member)) error {
	if !c.bySteward() && !(c.entry.Kind == StewardEnded && c.entry.By == c.about.Member) {
		return nil
	}
	return c.edit(edit)
}

// edit changes a member who has not left.
func (c change) edit(edit func(*member)) error {
	n, ok := number("m", c.about.Member)
	if !ok {
		return nil
	}
	t, key := c.Own("member"), rowKey(c.entry.Origin, n)
	row, ok := record.Load[member](t.Table, key)
	if !ok || !row.Left.IsZero() {
		return nil
	}
	named := row.Name
	edit(&row)
	err := record.Save(t, key, row)
	if row.Name != named {
		return c.unspell(c.about.Member, err)
	}
	return err
}

// unspell forgets the former name at once; Words brings the new one if its body is here.
func (c change) unspell(handle string, err error) error {
	if err != nil {
		return err
	}
	return c.Own("spelled").Delete(spelledKey(c.entry.Origin, handle))
}

// bySteward judges by the event's own time: every hub that replays it comes to the same end.
func (c change) bySteward() bool {
	if c.entry.By == Console {
		return true
	}
	m, ok := loadMember(c.View, c.entry.Origin, c.entry.By)
	return ok && isSteward(c.View, c.entry.Origin, m, c.entry.At)
}

func (c change) byHousehold(handle string) bool {
	m, ok := loadMember(c.View, c.entry.Origin, c.entry.By)
	return ok && m.Left.IsZero() && m.Household == handle
}

// Words keeps the names that count spelled out. A body that is no name, or belongs to a superseded one, changes nothing.
func (p *People) Words(e record.Edit, entry record.Entry, b body.Body) error {
	handle, ok := named(e.View, entry)
	if !ok {
		return nil
	}
	t, key := e.Own("spelled"), spelledKey(entry.Origin, handle)
	text, clean := plain(string(b.Bytes))
	if b.State != body.Here || !clean || text == "" {
		return t.Delete(key)
	}
	return record.Save(t, key, spelled{Text: text, Reach: b.Reach})
}

// named tells whose current name the event is.
func named(v record.View, entry record.Entry) (handle string, ok bool) {
	a, ok := record.Decode[about](entry.Event)
	if !ok {
		return "", false
	}
	leaf := record.Hex(entry.Leaf)
	switch entry.Kind {
	case MemberNamed:
		m, ok := loadMember(v, entry.Origin, a.Member)
		return a.Member, ok && m.Name == leaf
	case HouseholdNamed:
		h, ok := loadHousehold(v, entry.Origin, a.Household)
		return a.Household, ok && h.Name == leaf
	}
	return "", false
}

// roomy refuses what Apply would find void for want of handles.
func roomy(v record.View, table string, most uint64) error {
	if next(v.Table("people", table), v.Self()) > most {
		return fault.New(fault.TooMany, "people.block-full")
	}
	return nil
}

// next is the number that follows the last one of an origin.
func next(t record.Table, o record.Origin) uint64 {
	prefix := originKey(o)
	for k := range t.Back(append(originKey(o), record.Num(1<<63)...)) {
		if len(k) == len(prefix)+8 && string(k[:len(prefix)]) == string(prefix) {
			return record.ParseNum(k[len(prefix):]) + 1
		}
		break
	}
	return 1
}
