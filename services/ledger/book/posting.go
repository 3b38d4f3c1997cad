package book

import (
	"encoding/binary"
	"errors"
	"time"

	"commonhub/services/ledger/money"
)

// Leg is what one account gains, or loses where Amount is negative, in minor units.
type Leg struct {
	Account Account    `json:"account"`
	Unit    money.Unit `json:"unit"`
	Amount  int64      `json:"amount"`
}

// Posting is one entry of the books as all who read them see it: pages, files and auditors. Its legs add up to zero in every unit, and
// name every account and unit once.
type Posting struct {
	Index uint64    `json:"index"`         // of its event in the record
	Kind  string    `json:"kind"`          // of its event
	At    time.Time `json:"at"`            // when it was posted, UTC; it never steps back
	Day   string    `json:"day,omitempty"` // when it happened, "2026-03-01", if that was said
	By    string    `json:"by"`            // member who acted, "" for the hub
	For   string    `json:"for,omitempty"` // household that it concerns, "" for an unnamed giver
	Of    *uint64   `json:"of,omitempty"`  // event that it completes, or that it reverses
	Legs  []Leg     `json:"legs"`
}

// Reverses tells whether the posting undoes the one that Of names.
func (p Posting) Reverses() bool { return p.Kind == ReversedKind }

// bytes spell a posting for the journal, without the index, which is its key: a fifth of JSON, and there is one a transfer.
func (p Posting) bytes() []byte { return p.appendTo(make([]byte, 0, 96)) }

func (p Posting) appendTo(b []byte) []byte {
	b = binary.AppendVarint(b, p.At.UnixMilli())
	of := uint64(0)
	if p.Of != nil {
		of = *p.Of + 1
	}
	b = binary.AppendUvarint(b, of)
	for _, s := range [...]string{p.Kind, p.Day, p.By, p.For} {
		b = appendString(b, s)
	}
	for _, l := range p.Legs {
		b = appendString(appendString(b, string(l.Account)), string(l.Unit))
		b = binary.AppendVarint(b, l.Amount)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errRow = errors.New("a row of the books is not what we wrote")

// parsePosting reads what bytes wrote.
func parsePosting(index uint64, raw []byte) (Posting, error) {
	r := rowReader{rest: raw}
	p := Posting{Index: index, At: time.UnixMilli(r.varint()).UTC()}
	if of := r.uvarint(); of > 0 {
		of--
		p.Of = &of
	}
	p.Kind, p.Day, p.By, p.For = r.string(), r.string(), r.string(), r.string()
	for len(r.rest) > 0 && !r.bad {
		p.Legs = append(p.Legs, Leg{Account(r.string()), money.Unit(r.string()), r.varint()})
	}
	if r.bad {
		return Posting{}, errRow
	}
	return p, nil
}

// rowReader reads numbers and strings one after the other; after the first that is not there everything is zero and bad is set.
type rowReader struct {
	rest []byte
	bad  bool
}

func (r *rowReader) varint() int64 {
	v, n := binary.Varint(r.rest)
	r.number(n)
	return v
}

func (r *rowReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.number(n)
	return v
}

func (r *rowReader) string() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.skip(-1)
		return ""
	}
	s := string(r.rest[:n])
	r.skip(int(n))
	return s
}

// number steps over a number of n bytes; none, or a broken one, has n <= 0.
func (r *rowReader) number(n int) {
	if n <= 0 {
		n = -1
	}
	r.skip(n)
}

func (r *rowReader) skip(n int) {
	if n < 0 || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return
	}
	r.rest = r.rest[n:]
}
