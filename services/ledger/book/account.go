package book

import (
	"strconv"
	"strings"

	"commonhub/hub/record"
)

// Account names an account as events spell it: a letter for what it is, and a number (or, for a line, the other hub's id).
//
//	h7   the credit account of household h7
//	p1   a pot of the common fund
//	g1   where gifts to the fund come from: g1 money, g2 in kind
//	s1   what the fund is spent on; s0 is what no purpose was named for
//	n1   named accounts: n1 levies, n2 write-offs, n3 opening balances, further ones of the block
//	x…   the line with the hub of that id: positive when we owe it
type Account string

// Accounts that are always there.
const (
	Gifts     Account = "g1"
	InKind    Account = "g2"
	Sundries  Account = "s0"
	Levies    Account = "n1"
	WriteOffs Account = "n2"
	Openings  Account = "n3"
)

// Letters of accounts.
const (
	household = 'h'
	pot       = 'p'
	gift      = 'g'
	purpose   = 's'
	named     = 'n'
	line      = 'x'
)

// preset numbers are taken from the start: the first that the block may open is the next one.
func preset(letter byte) uint64 {
	switch letter {
	case named:
		return 3
	case gift:
		return 2
	}
	return 0
}

// LineWith is the account of the line with a hub.
func LineWith(o record.Origin) Account { return Account(string(line) + o.ID()) }

// Letter is the account's kind; 0 for what is no account.
func (a Account) Letter() byte {
	if len(a) < 2 {
		return 0
	}
	if a[0] == line {
		if record.ValidID(string(a[1:])) {
			return line
		}
		return 0
	}
	_, err := strconv.ParseUint(string(a[1:]), 10, 31)
	zero := a[1] == '0' && (len(a) > 2 || a[0] != purpose) // no number begins with one, and s0 alone is one
	if err != nil || zero || strings.IndexByte("hpgsn", a[0]) < 0 {
		return 0
	}
	return a[0]
}

// Number is the account's number, 0 for a line.
func (a Account) Number() uint64 {
	if len(a) < 2 || a[0] == line {
		return 0
	}
	n, _ := strconv.ParseUint(string(a[1:]), 10, 31) // Letter has checked
	return n
}

// Household tells whether a is the credit account of a household. Its name is the household's handle.
func (a Account) Household() bool { return a.Letter() == household }

// Pot tells whether a is a pot of the fund.
func (a Account) Pot() bool { return a.Letter() == pot }

// Purpose tells whether a is what the fund is spent on.
func (a Account) Purpose() bool { return a.Letter() == purpose }

// Line tells whether a is a line, and with which hub.
func (a Account) Line() (record.Origin, bool) {
	if a.Letter() != line {
		return "", false
	}
	return record.OriginFor(string(a[1:])), true
}

// checks are the signs that close a spoken code: no vowels, which could make words, and none that is taken for another. There are
// nineteen, a prime that divides neither 9 nor 10, so that every wrong digit, every two neighbouring digits in the wrong
// order and every wrong first letter give another sign (as in the Spanish national identity number, whose sign is modulo 23).
const checks = "BCDFGHJKMNPRSTVWXYZ"

// Code is the account as people say and type it: letter, number, check sign, such as "H7Y". A line has none: "".
func (a Account) Code() string {
	letter := a.Letter()
	if letter == 0 || letter == line {
		return ""
	}
	return strings.ToUpper(string(a)) + string(a.check())
}

func (a Account) check() byte {
	n := uint64(strings.IndexByte("?hpgsn", a[0]))
	for _, digit := range []byte(a[1:]) {
		n = n*10 + uint64(digit-'0')
	}
	return checks[n%uint64(len(checks))]
}

// ParseCode reads a code as it is typed: in either case, with spaces or hyphens, in any of the three kinds of digits. False for what is
// mistyped.
func ParseCode(s string) (Account, bool) {
	if len(s) > 60 {
		return "", false
	}
	var out strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\u200e' || r == '\u200f':
		case r >= '٠' && r <= '٩':
			out.WriteByte('0' + byte(r-'٠'))
		case r >= '۰' && r <= '۹':
			out.WriteByte('0' + byte(r-'۰'))
		default:
			out.WriteRune(r)
		}
	}
	typed := out.String()
	if len(typed) < 3 {
		return "", false
	}
	a := Account(typed[:len(typed)-1])
	return a, strings.ToLower(a.Code()) == typed
}

func numbered(letter byte, n uint64) Account {
	return Account(string(letter) + strconv.FormatUint(n, 10))
}
