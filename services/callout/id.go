package callout

import (
	"encoding/hex"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// ID names an event among all hubs, in tables and in URLs: the hub's id, a hyphen, and the first 20 hexadecimal digits of the leaf
// hash. Only the hub that writes both could forge a twin; the first in its record holds the name.
type ID string

const (
	hubLength  = 16
	leafLength = 20
	idLength   = hubLength + 1 + leafLength
)

func idOf(o record.Origin, leaf record.Hash) ID {
	return ID(o.ID() + "-" + record.Hex(leaf)[:leafLength])
}

// ParseID reads what came in an address; anything else is NotFound.
func ParseID(s string) (ID, error) {
	if !validID(s) {
		return "", missing()
	}
	return ID(s), nil
}

func validID(s string) bool {
	if len(s) != idLength || !record.ValidID(s[:hubLength]) || s[hubLength] != '-' {
		return false
	}
	raw, err := hex.DecodeString(s[hubLength+1:])
	return err == nil && hex.EncodeToString(raw) == s[hubLength+1:] // capitals would be a second name
}

func missing() error { return fault.New(fault.NotFound, "callout.missing") }

// Origin is the record that the event stands in.
func (id ID) Origin() record.Origin { return record.OriginFor(string(id[:hubLength])) }

// cite is how an event names another.
type cite struct {
	Origin record.Origin `json:"origin"`
	Leaf   string        `json:"leaf"`
}

// id reads a citation; ok is false if it cannot name anything.
func (c cite) id() (ID, bool) {
	leaf, err := record.ParseHash(c.Leaf)
	if err != nil || c.Origin.ID() == "" {
		return "", false
	}
	return idOf(c.Origin, leaf), true
}

// key joins the parts of a table's key.
func key[T ~string | ~[]byte](parts ...T) []byte {
	var k []byte
	for _, p := range parts {
		k = append(k, p...)
	}
	return k
}

// under is a key of something that belongs to an id or a hub.
func under(owner, rest string) []byte { return key(owner, "\x00", rest) }

func num(ms int64) string { return string(record.Num(uint64(max(0, ms)))) }

func millis(t time.Time) int64 { return max(0, t.UnixMilli()) }

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// leafOf reads a leaf that was checked before it was stored.
func leafOf(hex string) record.Hash {
	h, _ := record.ParseHash(hex) // the zero hash finds nothing
	return h
}
