package book

import (
	"strconv"
	"strings"

	"commonhub/services/ledger/money"
)

// scanGiven reads the data of a payment in the one spelling that we write: keys in their order, no spaces, no escapes. Nearly every event of
// a ledger is one, and whoever replays a record reads them all. False leaves it to encoding/json, which comes to the same.
func scanGiven(raw []byte) (d Given, ok bool) {
	rest := string(raw)
	text := func(key string) (value string) {
		if !ok || !strings.HasPrefix(rest, key) {
			ok = false
			return ""
		}
		value, rest, ok = strings.Cut(rest[len(key):], `"`)
		ok = ok && plain(value)
		return value
	}
	ok = true
	d.From, d.To, d.Unit = Account(text(`{"from":"`)), Account(text(`,"to":"`)), money.Unit(text(`,"unit":"`))
	digits, found := strings.CutPrefix(rest, `,"amount":`)
	if !ok || !found {
		return Given{}, false
	}
	if digits, _, _ = strings.Cut(digits, ","); digits != "" {
		digits = strings.TrimSuffix(digits, "}")
	}
	amount, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strconv.FormatInt(amount, 10) != digits {
		return Given{}, false
	}
	d.Amount, rest = amount, rest[len(`,"amount":`)+len(digits):]
	if strings.HasPrefix(rest, `,"on":"`) {
		d.On = text(`,"on":"`)
	}
	rest, d.Slip = cutSlip(rest)
	return d, ok && rest == "}"
}

func cutSlip(s string) (rest string, slip bool) { return strings.CutPrefix(s, `,"slip":true`) }

// plain tells whether a string of JSON stands for itself.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '\\' {
			return false
		}
	}
	return true
}
