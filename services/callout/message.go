package callout

import (
	"crypto/ed25519"
	"encoding/binary"
	"slices"
	"time"
	"unicode/utf8"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// A message is an event about a call-out with its words, signed by the author's hub. Numbers are big-endian, a string is a length of
// one byte and its bytes; what stands in brackets belongs to some kinds alone.
//
//	2(1) hub id(16) signature(64) kind(1) at(8, ms) by for [raised, told about(32)] [salt(16) expires(8, s) urgency(1) severity(1) flags(1) lang text]
//
// The event is spelled out again from it, to the byte, so that it has the leaf hash that it has in the record, and the words are
// held to the commitment that the event makes.
type message struct {
	record.Entry        // without its index
	text         string // "" unless raised or updated
	salt         [body.SaltSize]byte
	raw          []byte
}

const (
	relayPath     = "/callouts/relay"
	messageKind   = 2 // the mesh tells messages apart by their first byte
	messageSize   = 900
	signatureAt   = 1 + hubLength
	payloadAt     = signatureAt + ed25519.SignatureSize
	messageDomain = "commonhub/call-out v1\n"
)

// Flags of a message.
const (
	flagExercise byte = 1 << iota
	flagFar
)

func messageKinds() []string { return []string{raised, updated, cancelled, resolved} }

func tells(kind string) bool { return kind == raised || kind == updated }

// sign writes an event of ours, with the words and salt of its body, as a message.
func sign(key ed25519.PrivateKey, n record.Entry, salt [body.SaltSize]byte, text string) []byte {
	b := append([]byte{messageKind}, n.Origin.ID()...)
	b = append(b, make([]byte, ed25519.SignatureSize)...)
	b = append(b, byte(slices.Index(messageKinds(), n.Kind)))
	b = binary.BigEndian.AppendUint64(b, uint64(millis(n.At)))
	b = appendString(appendString(b, n.By), n.For)
	if n.Kind != raised {
		d, _ := record.Decode[overData](n.Event) // ours: it has the field
		h := leafOf(d.Callout)
		b = append(b, h[:]...)
	}
	if tells(n.Kind) {
		b = appendWords(b, n, salt, text)
	}
	copy(b[signatureAt:], ed25519.Sign(key, signedPart(b)))
	return b
}

func appendString(b []byte, s string) []byte { return append(append(b, byte(len(s))), s...) }

func appendWords(b []byte, n record.Entry, salt [body.SaltSize]byte, text string) []byte {
	d, _ := record.Decode[raisedData](n.Event) // updated has the same fields
	ends, _ := time.Parse(time.RFC3339, d.Expires)
	var flags byte
	if d.Exercise {
		flags |= flagExercise
	}
	if n.Reach == body.Far {
		flags |= flagFar
	}
	b = append(b, salt[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(ends.Unix()))
	b = append(b, byte(slices.Index(Urgencies(), d.Urgency)), byte(slices.Index(Severities(), d.Severity)), flags)
	return append(appendString(b, d.Lang), text...)
}

// signedPart is all but the signature, behind a domain of its own: no signature for another purpose fits.
func signedPart(b []byte) []byte {
	return slices.Concat([]byte(messageDomain), b[:signatureAt], b[payloadAt:])
}

func (m message) verify(key ed25519.PublicKey) bool {
	return ed25519.Verify(key, signedPart(m.raw), m.raw[signatureAt:payloadAt])
}

// parse reads a message without checking its signature; false if it is none. It keeps b.
func parse(b []byte) (message, bool) {
	if len(b) <= payloadAt || len(b) > messageSize || b[0] != messageKind || !record.ValidID(string(b[1:signatureAt])) {
		return message{}, false
	}
	r := &wire{left: b[payloadAt:]}
	m := message{raw: b}
	m.V, m.Origin = 1, record.OriginFor(string(b[1:signatureAt]))
	m.Kind = pick(r, messageKinds())
	m.At = at(r.number(lastSecond * 1000))
	m.By, m.For = r.text(maxHandle), r.text(maxHandle)
	var leaf string
	if m.Kind != raised {
		leaf = record.Hex(record.Hash(r.take(len(record.Hash{}))))
	}
	if tells(m.Kind) {
		m.words(r, leaf)
	} else {
		m.Data = record.Data(overData{leaf})
	}
	if r.failed || len(r.left) > 0 || !handle(m.By) || m.For != "" && !handle(m.For) {
		return message{}, false
	}
	h, err := m.Event.Hash()
	m.Leaf = h
	return m, err == nil
}

// words reads the part that raised and updated have, up to the end.
func (m *message) words(r *wire, leaf string) {
	copy(m.salt[:], r.take(len(m.salt)))
	ends := stamp(time.Unix(r.number(lastSecond), 0))
	u, s := pick(r, Urgencies()), pick(r, Severities())
	flags := r.take(1)[0]
	lang := r.text(maxLang)
	m.text = string(r.take(len(r.left)))
	r.failed = r.failed || flags > flagExercise|flagFar || lang != tag(lang) || !readable(m.text) || m.Kind == updated && flags&flagExercise != 0
	m.Reach = body.Neighbours
	if flags&flagFar != 0 {
		m.Reach = body.Far
	}
	m.Event.Body = body.Commit(m.salt, []byte(m.text))
	if m.Kind == raised {
		m.Data = record.Data(raisedData{u, s, ends, lang, flags&flagExercise != 0})
	} else {
		m.Data = record.Data(updatedData{leaf, u, s, ends, lang})
	}
}

// readable tells whether words are what a call-out may say.
func readable(text string) bool {
	return text != "" && len(text) <= maxText && utf8.ValidString(text)
}

// wire takes bytes from the front. After it failed it gives zeros.
type wire struct {
	left   []byte
	failed bool
}

func (r *wire) take(n int) []byte {
	if r.failed || n > len(r.left) {
		r.failed = true
		return make([]byte, n)
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

// lastSecond of the years that RFC 3339 can spell, since 1970.
const lastSecond = 253402300799

func (r *wire) number(most uint64) int64 {
	n := binary.BigEndian.Uint64(r.take(8))
	if n > most {
		r.failed = true
		return 0
	}
	return int64(n)
}

func (r *wire) text(most int) string {
	n := int(r.take(1)[0])
	if n > most {
		r.failed = true
		return ""
	}
	return string(r.take(n))
}

// pick reads the number of one of some words.
func pick[T ~string](r *wire, from []T) T {
	n := int(r.take(1)[0])
	if n >= len(from) {
		r.failed = true
		return from[0]
	}
	return from[n]
}
