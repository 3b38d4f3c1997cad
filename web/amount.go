package web

import (
	"strings"

	"golang.org/x/text/number"
)

// Amount is a quantity of something as a sentence or a page needs it: an integer of the smallest parts of a unit, and how people write it.
type Amount interface {
	// Spelling gives the amount, the decimals to write it with, or instead that it is minutes to be written as hours, and the unit's name.
	Spelling() (minor int64, decimals int, clock bool, unit string)
}

// Amount writes an amount in the language's digits, with its unit: "1,234.50 EUR", "−1:30 hours".
func (l *Lang) Amount(a Amount) string {
	_, _, clock, unit := a.Spelling()
	if clock {
		return l.T("web.amount-hours", l.Quantity(a))
	}
	return l.T("web.amount", l.Quantity(a), unit)
}

// Quantity writes an amount without its unit, for columns that name it once.
func (l *Lang) Quantity(a Amount) string {
	minor, decimals, clock, _ := a.Spelling()
	sign, size := "", uint64(minor)
	if minor < 0 {
		sign, size = "−", -size
	}
	if clock {
		return sign + l.plain(int(size/60), 1) + ":" + l.plain(int(size%60), 2)
	}
	per := uint64(1)
	for range decimals {
		per *= 10
	}
	whole := l.printer.Sprint(number.Decimal(size / per))
	if decimals == 0 {
		return sign + whole
	}
	return sign + whole + l.mark() + l.plain(int(size%per), decimals)
}

// mark is the decimal mark.
func (l *Lang) mark() string {
	half := l.printer.Sprint(number.Decimal(0.5))
	return strings.TrimSuffix(strings.TrimPrefix(half, l.plain(0, 1)), l.plain(5, 1))
}
