package money

import "strconv"

// Plain writes an amount for files and machines: ASCII digits, a point, exactly the decimals of the scale, "-" in front of what is owed.
// Hours are decimals of hours only where that is exact, so files write minutes: Clock does not matter here.
func (s Scale) Plain(amount int64) string {
	minus, digits := "", strconv.FormatUint(magnitude(amount), 10)
	if amount < 0 {
		minus = "-"
	}
	if s.Decimals == 0 || s.Clock {
		return minus + digits
	}
	for len(digits) <= s.Decimals {
		digits = "0" + digits
	}
	at := len(digits) - s.Decimals
	return minus + digits[:at] + "." + digits[at:]
}

// magnitude is |n|, also of the least int64.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Amount is an amount as a sentence about it needs it: whoever knows the reader's language writes it out.
type Amount struct {
	Minor int64 `json:"minor"`
	Unit  Unit  `json:"unit"`
	Scale Scale `json:"-"`
}

// Spelling tells how the amount is to be written; it is what package web asks of an argument that is an amount.
func (a Amount) Spelling() (minor int64, decimals int, clock bool, unit string) {
	return a.Minor, a.Scale.Decimals, a.Scale.Clock, string(a.Unit)
}

// String is for logs.
func (a Amount) String() string { return a.Scale.Plain(a.Minor) + " " + string(a.Unit) }
