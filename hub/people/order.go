package people

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"io"
)

// Order says who asks for a command, and carries the form's idempotency: the same actor, key and content is the
// same command, whose result comes again.
type Order struct {
	Actor   string // handle of the member, or Console
	Key     string // "" when a repeat shall be a second command
	Content []byte // digest of what was asked for
}

// keyed gives an order without a key one of its own, so that its codes can be derived from it.
func (o Order) keyed() Order {
	if o.Key == "" {
		o.Key = rand.Text()
	}
	return o
}

// derive makes the random bytes of a code from the order itself. A second tap on the same button thus makes the very
// same code, and the page that shows it can be opened again by its key, while we keep nothing but a digest. After
// a restart the seed is another one and the code can no longer be shown, though it still works.
func (p *People) derive(o Order, route string) io.Reader {
	m := hmac.New(sha256.New, p.seed[:])
	for _, part := range []string{o.Actor, route, o.Key} {
		length := [2]byte{byte(len(part) >> 8), byte(len(part))}
		m.Write(length[:])
		io.WriteString(m, part)
	}
	return &stream{key: m.Sum(nil)}
}

// stream is HMAC-SHA256 in counter mode: as many bytes as one card of codes needs.
type stream struct {
	key  []byte
	n    byte
	rest []byte
}

func (s *stream) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		m := hmac.New(sha256.New, s.key)
		m.Write([]byte{s.n})
		s.n++
		s.rest = m.Sum(nil)
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
