package record

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
)

// MaxEntry bounds one entry in bytes. The format would allow 65,535; events hold handles and numbers, never words.
const MaxEntry = 8 << 10

// bundleSize is the number of entries in a sealed bundle, fixed by the tlog-tiles format.
const bundleSize = 256

// Hash is a leaf or node hash of RFC 6962.
type Hash = tlog.Hash

// Hex is the form of a hash in URLs and in events that cite others.
func Hex(h Hash) string { return hex.EncodeToString(h[:]) }

// ParseHash reads the form that Hex writes.
func ParseHash(s string) (h Hash, err error) {
	if len(s) != 2*len(h) {
		return h, errors.New("a leaf hash has 64 hexadecimal digits")
	}
	_, err = hex.Decode(h[:], []byte(s))
	return h, err
}

// Origin names a record for ever: "commonhub/" and the hub's 16-character id. It outlives the hub's keys.
type Origin string

const originPrefix = "commonhub/"

// OriginOf is the origin of the hub that was born with this key.
func OriginOf(birth ed25519.PublicKey) Origin {
	h := sha256.Sum256(birth)
	return Origin(originPrefix + strings.ToLower(base32.StdEncoding.EncodeToString(h[:10])))
}

// OriginFor is the origin of the hub with this id.
func OriginFor(id string) Origin { return Origin(originPrefix + id) }

// ID is the hub's 16 base32 characters, "" if the origin is malformed.
func (o Origin) ID() string {
	id, ok := strings.CutPrefix(string(o), originPrefix)
	if !ok || !ValidID(id) {
		return ""
	}
	return id
}

// ValidID tells whether id has the form of a hub's id: 16 characters of lower-case base32.
func ValidID(id string) bool {
	return len(id) == 16 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// Hex is the lower-case hexadecimal SHA-256 of the origin, the form that paths use.
func (o Origin) Hex() string { return hex.EncodeToString(o.key()) }

func (o Origin) key() []byte {
	h := sha256.Sum256([]byte(o))
	return h[:]
}

// Event is one thing that happened, without words: those are in its body, which can be erased.
type Event struct {
	V     int             // version of the rules of this kind; a new rule is a new version
	Kind  string          // "notice.posted": prefix of its service, a dot, what happened
	At    time.Time       // UTC with milliseconds; a label, never the order
	By    string          // handle of the member who acted, "" for the hub itself
	For   string          // handle of the household that it concerns
	Data  json.RawMessage // handles, numbers and codes, by kind
	Body  string          // commitment, "" if there is no body
	Reach body.Reach      // of the body: a mirror must know which to ask for
}

// Ref is the place of an event.
type Ref struct {
	Origin Origin
	Index  uint64
	Leaf   Hash
}

// Entry is an event at its place, with the bytes that were hashed.
type Entry struct {
	Ref
	Event
	Raw []byte
}

// wire is an event as its entry spells it, with short keys in a fixed order.
type wire struct {
	V     int             `json:"v"`
	Kind  string          `json:"kind"`
	At    string          `json:"at"`
	By    string          `json:"by,omitempty"`
	For   string          `json:"for,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
	Body  string          `json:"body,omitempty"`
	Reach body.Reach      `json:"reach,omitempty"`
}

const timeForm = "2006-01-02T15:04:05.000Z"

// encode gives the bytes that are hashed and kept.
func (e Event) encode() ([]byte, error) {
	raw, err := json.Marshal(wire{e.V, e.Kind, e.At.UTC().Format(timeForm), e.By, e.For, e.Data, e.Body, e.Reach})
	if err == nil && len(raw) > MaxEntry {
		err = fmt.Errorf("event %s has %d bytes, more than %d", e.Kind, len(raw), MaxEntry)
	}
	return raw, err
}

// Hash is the leaf hash that this event has, or will have, in any record: what arrives before its entry can be known by it.
func (e Event) Hash() (Hash, error) {
	raw, err := e.encode()
	return tlog.RecordHash(raw), err
}

// ParseEvent reads an entry's bytes. Bytes that are no event stay in the record all the same: they are void in every view.
func ParseEvent(raw []byte) (Event, error) {
	if len(raw) > MaxEntry {
		return Event{}, fmt.Errorf("entry of %d bytes", len(raw))
	}
	w, ours := scan(raw)
	if !ours {
		w = wire{}
		if err := json.Unmarshal(raw, &w); err != nil {
			return Event{}, err
		}
	}
	at, err := time.Parse(time.RFC3339, w.At)
	if err != nil {
		return Event{}, err
	}
	if w.Reach != "" && !w.Reach.Valid() {
		return Event{}, fmt.Errorf("reach %q", w.Reach)
	}
	return Event{w.V, w.Kind, at.UTC(), w.By, w.For, w.Data, w.Body, w.Reach}, nil
}

// Prefix is the part of the kind before the dot: the service that it belongs to.
func (e Event) Prefix() string {
	prefix, _, _ := strings.Cut(e.Kind, ".")
	return prefix
}

// Data spells an event's data. A value that JSON cannot spell is a mistake in our own code, hence the panic.
func Data(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// Decode reads an event's data; false means that the event is void for whoever needed it.
func Decode[T any](e Event) (v T, ok bool) {
	return v, len(e.Data) > 0 && json.Unmarshal(e.Data, &v) == nil
}
