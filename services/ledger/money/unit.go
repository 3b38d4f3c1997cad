package money

import (
	_ "embed"
	"strings"
)

// Unit is what an amount counts, as events spell it: an ISO 4217 code ("EUR"), "hour", or a name of the block's own in lower case
// ("kwh", "litre").
type Unit string

// Hour is time given and received. It is counted in minutes, and people write hours.
const Hour Unit = "hour"

// Longest name, in letters, and most decimals of a unit that a block names.
const (
	maxName     = 10
	MaxDecimals = 6
)

// iso4217 lists the circulating currencies in alphabetical order, each with its decimals ("minor unit" in the standard), one a line.
//
//go:embed iso4217.txt
var iso4217 string

// Currency tells whether u is money of ISO 4217, and with how many decimals it is counted.
func (u Unit) Currency() (decimals int, ok bool) {
	if len(u) != 3 || strings.Trim(string(u), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return 0, false
	}
	at := strings.Index(iso4217, string(u)+" ")
	if at < 0 {
		return 0, false
	}
	return int(iso4217[at+4] - '0'), true
}

// Valid tells whether u has the form of a unit. Whether the block knows it, its books say.
func (u Unit) Valid() bool {
	if _, money := u.Currency(); money {
		return true
	}
	return len(u) > 1 && len(u) <= maxName && strings.Trim(string(u), "abcdefghijklmnopqrstuvwxyz") == ""
}

// Scale is how amounts of u are written, where every block writes them alike; false for a unit that a block named.
func (u Unit) Scale() (s Scale, known bool) {
	if u == Hour {
		return Scale{Clock: true}, true
	}
	decimals, currency := u.Currency()
	return Scale{Decimals: decimals}, currency
}

// Currencies lists the codes in alphabetical order.
func Currencies() []Unit {
	var all []Unit
	for line := range strings.Lines(iso4217) {
		all = append(all, Unit(line[:3]))
	}
	return all
}
