package noticeboard

import (
	"encoding/base64"
	"time"

	"commonhub/hub/record"
)

// spot is a place in the order of law 3: by time, then by ID. Notices whose clock runs more than a day ahead of ours come
// last, newest first among themselves.
type spot struct {
	late bool // within those whose clock is wrong
	at   int64
	id   ID
}

func (p spot) bytes() []byte { return key(num(p.at), p.id[:]) }

// cursor is the spot as pages pass it on. It is opaque: its form may change.
func (p spot) cursor() string {
	phase := []byte{0}
	if p.late {
		phase[0] = 1
	}
	return base64.RawURLEncoding.EncodeToString(key(phase, p.bytes()))
}

// parseCursor gives the first spot of the list for anything that is no cursor: a stale link should lead somewhere.
func parseCursor(s string, now time.Time) spot {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != 9+len(ID{}) {
		return spot{at: horizon(now)}
	}
	return spot{raw[0] == 1, int64(record.ParseNum(raw[1:9])), ID(raw[9:])}
}

// horizon is the instant from which on a clock is taken to be wrong.
func horizon(now time.Time) int64 { return now.Add(day).UnixMilli() }
