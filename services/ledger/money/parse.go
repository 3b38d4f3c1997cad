package money

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"commonhub/hub/fault"
)

// Scale is how people write amounts of a unit: with so many decimals, or in hours and minutes.
type Scale struct {
	Decimals int
	Clock    bool // hours are written ("1:30" or "1.5"), minutes are counted
}

// Mark is the decimal mark of a language: '.', ',' or '٫'.
func Mark(tag language.Tag) rune {
	for _, r := range message.NewPrinter(tag).Sprint(number.Decimal(0.5)) {
		if _, digit := digitOf(r); !digit && (r == '.' || r == ',' || r == '٫') {
			return r
		}
	}
	return '.'
}

// longest is how many characters of an amount are read.
const longest = 40

// Parse reads an amount as a person types it, in Latin, Arabic-Indic or Persian digits, with the decimal mark of their language or, where
// the form leaves no doubt, another. It returns minor units. What two people could read differently ("1,500") is asked back.
//
// Errors: fault Invalid, keys ledger.amount-….
func Parse(s string, scale Scale, mark rune) (int64, error) {
	t, err := readTyped(s)
	if err != nil {
		return 0, err
	}
	if scale.Clock && strings.ContainsRune(t, ':') {
		return parseClock(t)
	}
	whole, fraction, err := parts(t, scale, mark)
	if err != nil {
		return 0, err
	}
	amount, err := scale.minor(whole, fraction)
	if err != nil {
		return 0, err
	}
	return amount, Valid(amount)
}

// readTyped brings digits, marks and spaces into one spelling: 0-9, '.', ',', ':' and "٫" and "'" for a mark that can be nothing but
// decimal, or nothing but grouping.
func readTyped(s string) (string, error) {
	var out strings.Builder
	for n, r := range []rune(strings.TrimSpace(s)) {
		if n == longest {
			return "", fault.New(fault.Invalid, "ledger.amount-huge")
		}
		switch d, digit := digitOf(r); {
		case digit:
			out.WriteByte(d)
		case r == '.' || r == ',' || r == ':' || r == '٫':
			out.WriteRune(r)
		case r == '٬' || r == '\'' || r == '’' || r == ' ' || r == '\u00a0' || r == '\u2009' || r == '\u202f':
			out.WriteByte('\'')
		case r == '-' || r == '−' || r == '(':
			return "", fault.New(fault.Invalid, "ledger.amount-negative")
		case r == '\u200e' || r == '\u200f' || r == '\u061c': // direction marks come along when Arabic is copied
		default:
			return "", unreadable()
		}
	}
	if out.Len() == 0 {
		return "", fault.New(fault.Invalid, "ledger.amount-missing")
	}
	return out.String(), nil
}

// digitOf reads a digit of the three scripts.
func digitOf(r rune) (byte, bool) {
	for _, zero := range []rune{'0', '٠', '۰'} {
		if r >= zero && r <= zero+9 {
			return '0' + byte(r-zero), true
		}
	}
	return 0, false
}

func unreadable() error { return fault.New(fault.Invalid, "ledger.amount-unreadable") }

// parseClock reads hours and minutes: "1:30", "0:05".
func parseClock(t string) (int64, error) {
	hours, minutes, _ := strings.Cut(t, ":")
	h, okH := digits(hours)
	m, okM := digits(minutes)
	if !okH || !okM || len(minutes) != 2 || m > 59 {
		return 0, unreadable()
	}
	if h > Most/60 {
		return 0, fault.New(fault.Invalid, "ledger.amount-huge")
	}
	return h*60 + m, Valid(h*60 + m)
}

// parts finds the decimal mark, checks the grouping before it, and returns the digits on both sides.
func parts(t string, scale Scale, mark rune) (whole, fraction string, err error) {
	at, err := markIn(t, scale, mark)
	if err != nil {
		return "", "", err
	}
	whole = t
	if at >= 0 {
		whole, fraction = t[:at], strings.TrimLeft(t[at:], ".,٫")
		if len(t[at:])-len(fraction) > len("٫") || fraction == "" {
			return "", "", unreadable()
		}
	}
	if whole, err = ungroup(whole); err != nil {
		return "", "", err
	}
	if !allDigits(fraction) {
		return "", "", unreadable()
	}
	return whole, fraction, nil
}

// markIn is the place of the decimal mark in t, -1 for none.
func markIn(t string, scale Scale, mark rune) (int, error) {
	if at := strings.Index(t, "٫"); at >= 0 {
		return at, nil // can mean nothing else; a second one fails as a fraction
	}
	points, commas := strings.Count(t, "."), strings.Count(t, ",")
	switch {
	case points+commas == 0:
		return -1, nil
	case points > 1 && commas > 1:
		return 0, unreadable()
	case points > 0 && commas > 0: // the last one, which must stand alone
		at := strings.LastIndexAny(t, ".,")
		if strings.Count(t, t[at:at+1]) > 1 {
			return 0, unreadable()
		}
		return at, nil
	case points+commas > 1:
		return -1, nil // one mark, several times: it groups
	}
	at := strings.IndexAny(t, ".,")
	if grouped(t, at) && !(scale.Decimals == 3 && rune(t[at]) == mark) {
		return 0, fault.New(fault.Invalid, "ledger.amount-ambiguous", t[:at]+t[at+1:], t[:at])
	}
	return at, nil
}

// grouped tells whether a lone mark could also stand between thousands: "1,500", but not "0,500", "1500,500" or "1,50".
func grouped(t string, at int) bool {
	return at > 0 && at <= 3 && t[0] != '0' && len(t) == at+4 && allDigits(t[:at]) && allDigits(t[at+1:])
}

// ungroup takes the marks between thousands out, and refuses those that stand elsewhere, or are of two kinds.
func ungroup(whole string) (string, error) {
	at := strings.IndexAny(whole, ".,'")
	if at < 0 {
		if whole == "" {
			whole = "0" // ".5"
		}
		return whole, nil
	}
	groups := strings.Split(whole, whole[at:at+1])
	for i, g := range groups {
		if i == 0 && (len(g) < 1 || len(g) > 3) || i > 0 && len(g) != 3 || !allDigits(g) {
			return "", unreadable()
		}
	}
	return strings.Join(groups, ""), nil
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// digits reads a number that cannot overflow; false for none, or for one of more than Most.
func digits(s string) (n int64, ok bool) {
	if s == "" || !allDigits(s) {
		return 0, false
	}
	for i := range len(s) {
		if n = n*10 + int64(s[i]-'0'); n > Most {
			return 0, false
		}
	}
	return n, true
}

// minor turns the digits on both sides of the mark into minor units. More decimals than the unit has are refused unless they are zeros.
func (s Scale) minor(whole, fraction string) (int64, error) {
	if !allDigits(whole) {
		return 0, unreadable()
	}
	fraction = strings.TrimRight(fraction, "0")
	most, per := s.Decimals, power(s.Decimals)
	if s.Clock {
		most, per = 2, 60 // a quarter is 0.25; an hour has no finer parts that people name in decimals
	}
	if len(fraction) > most {
		return 0, fault.New(fault.Invalid, "ledger.amount-fine", s.Decimals)
	}
	n, ok := digits(whole)
	if !ok || n > Most/per {
		return 0, fault.New(fault.Invalid, "ledger.amount-huge")
	}
	part, _ := digits("0" + fraction)
	tens := power(len(fraction))
	if part*per%tens != 0 {
		return 0, fault.New(fault.Invalid, "ledger.amount-minutes")
	}
	return n*per + part*per/tens, nil
}

func power(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
