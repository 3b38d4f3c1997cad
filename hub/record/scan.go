package record

import (
	"encoding/json"
	"strings"

	"commonhub/hub/body"
)

// scanner reads an entry in the one spelling that encode writes: keys in their order, no spaces, plain ASCII strings. Whoever replays a
// record reads every entry once, and nearly all are spelled so; it is five times faster than reading any JSON.
type scanner struct {
	rest string
	bad  bool
}

// scan gives what json.Unmarshal would; false for any other spelling, which is left to that. The strings share one copy of the entry.
func scan(raw []byte) (w wire, ok bool) {
	s := scanner{rest: string(raw)}
	s.skip(`{"v":`)
	w.V = s.digit()
	w.Kind = s.field(`,"kind":"`)
	w.At = s.field(`,"at":"`)
	w.By = s.optional(`,"by":"`)
	w.For = s.optional(`,"for":"`)
	w.Data = s.object(`,"data":{`)
	w.Body = s.optional(`,"body":"`)
	w.Reach = body.Reach(s.optional(`,"reach":"`))
	s.skip(`}`)
	return w, !s.bad && len(s.rest) == 0
}

func (s *scanner) skip(literal string) {
	if s.bad || len(s.rest) < len(literal) || s.rest[:len(literal)] != literal {
		s.bad = true
		return
	}
	s.rest = s.rest[len(literal):]
}

// digit reads a version of one digit; no kind has had ten.
func (s *scanner) digit() int {
	if s.bad || len(s.rest) == 0 || s.rest[0] < '0' || s.rest[0] > '9' {
		s.bad = true
		return 0
	}
	d := s.rest[0]
	s.rest = s.rest[1:]
	return int(d - '0')
}

func (s *scanner) optional(key string) string {
	if s.bad || !strings.HasPrefix(s.rest, key) {
		return ""
	}
	return s.field(key)
}

// field reads a string without escapes, behind a key that ends in its quotation mark.
func (s *scanner) field(key string) string {
	if s.skip(key); s.bad {
		return ""
	}
	for i := range len(s.rest) {
		switch c := s.rest[i]; {
		case c == '"':
			text := s.rest[:i]
			s.rest = s.rest[i+1:]
			return text
		case c < ' ' || c > '~' || c == '\\':
			s.bad = true
			return ""
		}
	}
	s.bad = true
	return ""
}

// object reads a JSON object behind a key that ends in its brace; nil if the key is not there.
func (s *scanner) object(key string) json.RawMessage {
	if s.bad || !strings.HasPrefix(s.rest, key) {
		return nil
	}
	from := s.rest[len(key)-1:]
	end := flatEnd(from)
	if end == 0 {
		if end = objectEnd(from); !json.Valid([]byte(from[:end])) { // nothing is not valid, either
			s.bad = true
			return nil
		}
	}
	s.rest = from[end:]
	return []byte(from[:end])
}

// flatEnd is where the object at the beginning ends if it holds nothing but plain strings, whole numbers, true and false, which is most of
// them; 0 if it holds anything else, or is no valid JSON.
func flatEnd(b string) int {
	s := scanner{rest: b}
	for next := `{"`; !s.bad; next = `,"` {
		s.field(next)
		s.skip(":")
		s.value()
		if strings.HasPrefix(s.rest, "}") && !s.bad {
			return len(b) - len(s.rest) + 1
		}
	}
	return 0
}

// value steps over one that is neither an object nor a list.
func (s *scanner) value() {
	switch {
	case s.bad:
	case strings.HasPrefix(s.rest, `"`):
		s.field(`"`)
	case strings.HasPrefix(s.rest, "true"):
		s.skip("true")
	case strings.HasPrefix(s.rest, "false"):
		s.skip("false")
	default:
		s.number()
	}
}

// number steps over a whole one, as JSON spells it.
func (s *scanner) number() {
	digits := strings.TrimPrefix(s.rest, "-")
	n := 0
	for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
		n++
	}
	s.bad = n == 0 || n > 1 && digits[0] == '0'
	s.rest = digits[n:]
}

// objectEnd is where the object at the beginning ends, 0 if it does not.
func objectEnd(b string) int {
	depth, text := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
