package noticeboard

import (
	"bytes"
	"math/bits"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// The index answers "the newest that are alive now" without a timer that moves expired notices away, and without stepping over
// thousands of them. Each scope (everything, one kind, one hub, one member) is parted into classes by the length of life,
// doubling: class c holds those that live more than 2^(c-1) and at most 2^c days. Newest first, whatever is older than 2^c
// days has expired, so a reader stops there; whatever is younger than half of that is alive. At most half of the time that is
// walked can hold expired ones, however many they are. Lists merge the classes. What is done has a class of its own.
//
// A single index by expiry was refused: it has the living together but cannot give the newest 50 of them without sorting all.

// Scopes are the first byte of a key.
const (
	scopeAll    = 'a' // all but what neighbours keep to themselves
	scopeKind   = 'k' // then the kind's number
	scopeHub    = 'h' // then the hub's half of the ID
	scopeMember = 'm' // our own by author; then the handle and a zero byte
)

const (
	classes   = 17 // 2^16 days are 179 years
	classDone = 99
)

// listing is an index entry apart from its key: 8 bytes of ends, then kind and state.
type listing struct {
	ends  int64
	kind  byte
	state byte
}

func (l listing) bytes() []byte { return append(num(l.ends), l.kind, l.state) }

func parseListing(v []byte) (listing, bool) {
	if len(v) != 10 {
		return listing{}, false
	}
	return listing{int64(record.ParseNum(v[:8])), v[8], v[9]}, true
}

// classOf is the class of a notice by its life in whole days, rounded up.
func classOf(n *notice) byte {
	if n.Done != 0 {
		return classDone
	}
	days := (max(1, n.Ends-n.At) + day.Milliseconds() - 1) / day.Milliseconds()
	return byte(min(classes-1, bits.Len64(uint64(days-1))))
}

// span is the longest life in a class, in milliseconds.
func span(class byte) int64 { return day.Milliseconds() << class }

// scopesOf lists the scopes that a notice is found under.
func scopesOf(self record.Origin, id ID, n *notice) [][]byte {
	ours := bytes.HasPrefix([]byte(id.String()), []byte(self.ID()))
	scopes := [][]byte{key([]byte{scopeHub}, id.hub())}
	// What a neighbour keeps to its own members would be a list of locked doors here.
	if ours || n.Reach != body.Hub {
		scopes = append(scopes, []byte{scopeAll}, []byte{scopeKind, n.Kind.number()})
	}
	if ours {
		scopes = append(scopes, memberScope(n.By))
	}
	return scopes
}

func memberScope(member string) []byte { return append([]byte{scopeMember}, member+"\x00"...) }

// placesOf are the keys of a notice in the index; none while it is withdrawn or hidden.
func placesOf(v record.View, id ID, n *notice) [][]byte {
	if n.Leaf == "" || n.Gone != 0 {
		return nil
	}
	if _, _, hidden := hidingOf(v, id); hidden {
		return nil
	}
	var places [][]byte
	for _, scope := range scopesOf(v.Self(), id, n) {
		places = append(places, key(scope, []byte{classOf(n)}, num(n.At), id[:]))
	}
	return places
}

// relist brings the index from the places that a notice had to those that it has now.
func relist(e record.Edit, before [][]byte, id ID, n *notice) error {
	index := e.Own("index")
	for _, k := range before {
		if err := index.Delete(k); err != nil {
			return err
		}
	}
	value := listing{n.Ends, n.Kind.number(), n.state()}.bytes()
	for _, k := range placesOf(e.View, id, n) {
		if err := index.Put(k, value); err != nil {
			return err
		}
	}
	return nil
}
