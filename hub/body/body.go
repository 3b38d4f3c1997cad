// Package body keeps the erasable half of the record: words and pictures, each behind a salted commitment.
//
// An event that has words carries only HMAC-SHA256(salt, bytes); salt and bytes lie here, beside the record, under the
// origin and leaf hash of their event. Erasing removes both, and what stays in the record says nothing about what was
// there: without the salt, a guess at the words cannot be checked. The record itself still verifies.
//
// Two top-level buckets: `body-state` (small: reach, state, index of the event) and `body-bytes` (salt and bytes), apart because a
// hot small key must never share a page with a large value. Keys of the first are SHA-256(origin) then leaf hash, 64 bytes; for those of the
// second see place.
package body

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// Reach says who may read a body. The entry that commits to it always travels.
type Reach string

const (
	Far        Reach = "far"        // anyone, over as many hops as mirrors allow
	Neighbours Reach = "neighbours" // hubs that the author's hub accepted, never passed on
	Hub        Reach = "hub"        // signed-in members of the author's hub
	Stewards   Reach = "stewards"   // role holders of the author's hub
)

// Valid tells whether r is one of the four.
func (r Reach) Valid() bool { return r == Far || r == Neighbours || r == Hub || r == Stewards }

// Travels tells whether a body of this reach may leave its hub at all.
func (r Reach) Travels() bool { return r == Far || r == Neighbours }

// SaltSize is the length of a salt in bytes.
const SaltSize = 16

// MaxSize bounds one body in bytes: a picture of 200 kB with room to spare.
const MaxSize = 256 << 10

// Sealed is a body with its salt and the commitment that its event carries.
type Sealed struct {
	Commitment string // unpadded base64url of HMAC-SHA256(Salt, Bytes), 43 characters
	Salt       [SaltSize]byte
	Bytes      []byte
	Reach      Reach
}

// Seal commits to bytes under a fresh salt. It belongs before the queue: a judge is pure and may run twice.
func Seal(bytes []byte, reach Reach) *Sealed {
	s := &Sealed{Bytes: bytes, Reach: reach}
	rand.Read(s.Salt[:])
	s.Commitment = Commit(s.Salt, bytes)
	return s
}

// Opens tells whether salt and bytes are what the commitment was made from.
func Opens(commitment string, salt [SaltSize]byte, bytes []byte) bool {
	return hmac.Equal([]byte(Commit(salt, bytes)), []byte(commitment))
}

// Commit makes the commitment of bytes under a salt, for whoever was sent both before the event.
func Commit(salt [SaltSize]byte, bytes []byte) string {
	m := hmac.New(sha256.New, salt[:])
	m.Write(bytes)
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
