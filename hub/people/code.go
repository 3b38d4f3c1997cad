package people

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
)

// Codes are spoken at a door and typed on a phone, so they use the 32 signs of Crockford's base 32, where a reader's
// O is 0 and I or L is 1. One sign carries 5 bits.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Lengths in signs.
const (
	invitationSigns = 10 // 50 bits, behind a rate limit and an expiry
	recoverySigns   = 10
	claimSigns      = 16 // 80 bits: it makes a steward, and has no expiry
)

// newCode reads one byte a sign; 256 is a multiple of 32, so no sign is likelier than another.
func newCode(random io.Reader, signs int) string {
	b := make([]byte, signs)
	if _, err := io.ReadFull(random, b); err != nil {
		panic("people: no random bytes: " + err.Error()) // crypto/rand and stream never fail
	}
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return string(b)
}

// Spoken groups a code by five or by four signs for reading aloud: K7M2P-9QRTX.
func Spoken(code string) string {
	size := 5
	if len(code)%size != 0 {
		size = 4
	}
	var out strings.Builder
	for i, sign := range code {
		if i > 0 && i%size == 0 {
			out.WriteByte('-')
		}
		out.WriteRune(sign)
	}
	return out.String()
}

// typed undoes what keyboards and ears do to a code: case, dashes and spaces, look-alikes, Arabic and Persian digits.
// What cannot be a sign is dropped, so the result is always short ASCII.
func typed(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		case r >= '٠' && r <= '٩':
			r -= '٠' - '0'
		case r >= '۰' && r <= '۹':
			r -= '۰' - '0'
		}
		switch r {
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if out.Len() < 64 && strings.ContainsRune(alphabet, r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// codeDigest is what is kept of a code. The purpose is part of it: a code of one kind never opens another.
func codeDigest(purpose, code string) []byte {
	sum := sha256.Sum256([]byte(purpose + ":" + typed(code)))
	return sum[:]
}

// newToken makes the value of a cookie or bearer: 32 bytes, base64url.
func newToken(random io.Reader) string {
	var b [32]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		panic("people: no random bytes: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// tokenDigest is what is kept of a cookie or bearer; false for what cannot be one.
func tokenDigest(token string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 32 {
		return nil, false
	}
	sum := sha256.Sum256(b)
	return sum[:], true
}

// digestID names a session or token in lists without giving away its digest.
func digestID(digest []byte) string { return hex.EncodeToString(digest[:8]) }
