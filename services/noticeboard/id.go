package noticeboard

import (
	"encoding/base32"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// half is the length of each half of an ID: ten bytes are sixteen characters.
const half = 10

// ID names a notice, comment, claim or picture among all hubs: the origin's id, then the start of the leaf hash. In URLs it is
// 32 characters, of which the first 16 are the hub's id. IDs sort as (origin, leaf hash) sort, which is the tie-break of law 3.
//
// Eighty bits of a leaf can be forged into a twin only by the hub that writes both; the first in its record then holds
// the name and the twin is void.
type ID [2 * half]byte

// alphabet has the 32 characters of a hub's id in ascending order, so that decoding keeps the order of the text.
const alphabet = "234567abcdefghijklmnopqrstuvwxyz"

var encoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// idOf is false for an origin that is no hub's.
func idOf(o record.Origin, leaf record.Hash) (id ID, ok bool) {
	if o.ID() == "" {
		return id, false
	}
	if _, err := encoding.Decode(id[:half], []byte(o.ID())); err != nil {
		return id, false
	}
	copy(id[half:], leaf[:half])
	return id, true
}

// String is the form in URLs.
func (id ID) String() string { return encoding.EncodeToString(id[:]) }

// Origin is the record that the event stands in.
func (id ID) Origin() record.Origin { return record.OriginFor(id.String()[:16]) }

// hub is the half that names the origin.
func (id ID) hub() []byte { return id[:half] }

// ParseID reads the form that String writes. What is not of that form is NotFound: it came in an address.
func ParseID(s string) (id ID, err error) {
	if len(s) != 32 {
		return id, missing()
	}
	// The decoder passes over line breaks, hence the comparison.
	if _, err := encoding.Decode(id[:], []byte(s)); err != nil || id.String() != s {
		return ID{}, missing()
	}
	return id, nil
}

func missing() error { return fault.New(fault.NotFound, "notice.missing") }

// cite is how an event names another: the hub whose record it is in, and its leaf hash in hexadecimal.
type cite struct {
	Origin record.Origin `json:"origin"`
	Leaf   string        `json:"leaf"`
}

// ref reads a citation; ok is false if it cannot name anything.
func (c cite) ref() (ref record.Ref, id ID, ok bool) {
	leaf, err := record.ParseHash(c.Leaf)
	if err != nil {
		return ref, id, false
	}
	id, ok = idOf(c.Origin, leaf)
	return record.Ref{Origin: c.Origin, Leaf: leaf}, id, ok
}
