package mesh

import (
	"encoding/binary"
	"errors"
	"io"
)

// tape reads MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) that a
// stranger sent, in the one shape in which memberlist writes it: a flat map from short names to
// scalars. It keeps all bytes that it has read, so that they can be handed on, and stores no
// more than were really there: a number in a header never sizes an allocation.
//
// memberlist's own decoder takes much more than that shape. What both read must mean the same to
// both, so all that memberlist would not write itself is refused.
type tape struct {
	r    io.Reader
	max  int // bytes that may be read in all
	buf  []byte
	list []field // reused by flat
}

// field is one entry of a map. raw points into the tape.
type field struct {
	name string
	kind kind
	num  uint64
	raw  []byte
}

type kind byte

const (
	kindNil kind = iota
	kindBool
	kindNumber // not negative
	kindBytes  // string or binary
)

const (
	maxFields = 8
	maxName   = 16
	maxScalar = 512 // bytes; metadata is the longest that there is
)

var (
	errShape = errors.New("not what memberlist writes")
	errSize  = errors.New("too large")
)

func (t *tape) take(n int) ([]byte, error) {
	start := len(t.buf)
	if n > t.max-start {
		return nil, errSize
	}
	t.buf = append(t.buf, make([]byte, n)...)
	if _, err := io.ReadFull(t.r, t.buf[start:]); err != nil {
		return nil, err
	}
	return t.buf[start:], nil
}

func (t *tape) byte() (byte, error) {
	b, err := t.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// flat reads one map. The result is valid until the next call.
func (t *tape) flat() ([]field, error) {
	head, err := t.byte()
	if err != nil {
		return nil, err
	}
	n := int(head & 0x0f)
	if head&0xf0 != 0x80 || n > maxFields {
		return nil, errShape
	}
	t.list = t.list[:0]
	for range n {
		f, err := t.field()
		if err != nil {
			return nil, err
		}
		t.list = append(t.list, f)
	}
	return t.list, nil
}

func (t *tape) field() (field, error) {
	name, err := t.scalar()
	if err != nil {
		return field{}, err
	}
	if name.kind != kindBytes || len(name.raw) > maxName {
		return field{}, errShape
	}
	for _, f := range t.list {
		if f.name == string(name.raw) {
			return field{}, errShape // of two fields of one name, who reads which?
		}
	}
	f, err := t.scalar()
	f.name = string(name.raw)
	return f, err
}

func (t *tape) scalar() (field, error) {
	b, err := t.byte()
	if err != nil {
		return field{}, err
	}
	switch {
	case b < 0x80:
		return field{kind: kindNumber, num: uint64(b)}, nil
	case b&0xe0 == 0xa0:
		return t.bytes(int(b & 0x1f))
	case b == 0xc0:
		return field{kind: kindNil}, nil
	case b == 0xc2 || b == 0xc3:
		return field{kind: kindBool, num: uint64(b & 1)}, nil
	case b >= 0xcc && b <= 0xcf:
		return t.number(1<<(b-0xcc), false)
	case b >= 0xd0 && b <= 0xd3:
		return t.number(1<<(b-0xd0), true)
	case b == 0xc4 || b == 0xd9:
		return t.long(1)
	case b == 0xc5 || b == 0xda:
		return t.long(2)
	}
	return field{}, errShape
}

func (t *tape) number(size int, signed bool) (field, error) {
	b, err := t.take(size)
	if err != nil {
		return field{}, err
	}
	if signed && b[0]&0x80 != 0 {
		return field{}, errShape
	}
	return field{kind: kindNumber, num: bigEndian(b)}, nil
}

func (t *tape) long(size int) (field, error) {
	b, err := t.take(size)
	if err != nil {
		return field{}, err
	}
	return t.bytes(int(bigEndian(b)))
}

func (t *tape) bytes(n int) (field, error) {
	if n > maxScalar {
		return field{}, errSize
	}
	b, err := t.take(n)
	return field{kind: kindBytes, raw: b}, err
}

func bigEndian(b []byte) uint64 {
	var whole [8]byte
	copy(whole[8-len(b):], b)
	return binary.BigEndian.Uint64(whole[:])
}

// number finds a field that must be a number no larger than most; a missing one is 0.
func number(fields []field, name string, most uint64) (int, error) {
	for _, f := range fields {
		if f.name != name {
			continue
		}
		if f.kind != kindNumber {
			return 0, errShape
		}
		if f.num > most {
			return 0, errSize
		}
		return int(f.num), nil
	}
	return 0, nil
}

// raw finds a field of bytes; nil when it is missing or of another kind.
func raw(fields []field, name string) []byte {
	for _, f := range fields {
		if f.name == name && f.kind == kindBytes {
			return f.raw
		}
	}
	return nil
}
