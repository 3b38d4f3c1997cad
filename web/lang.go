package web

import (
	"slices"
	"strconv"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Lang speaks one language: sentences, numbers, dates. It is immutable and safe for concurrent use.
type Lang struct {
	Tag  language.Tag
	Code string // BCP 47, "ar"
	Dir  string // "ltr" or "rtl", for the dir attribute
	Name string // the language's own name for itself

	printer  *message.Printer
	keys     map[string]bool
	fallback map[string]bool // English
}

func newLang(tag language.Tag, name string, keys map[string]bool) *Lang {
	l := &Lang{Tag: tag, Code: tag.String(), Dir: "ltr", Name: name, keys: keys}
	switch script, _ := tag.Script(); script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm":
		l.Dir = "rtl"
	}
	return l
}

// T gives the sentence behind key with its arguments filled in. A sentence with plural forms chooses by the first
// argument, which must then be an integer. Times and amounts among the arguments are written as the language writes them. A key
// that no catalogue has is given back as it is: an ugly page is better than none, and a test finds it first.
func (l *Lang) T(key string, args ...any) string {
	if !l.keys[key] && !l.fallback[key] {
		return key
	}
	return l.printer.Sprintf(key, l.written(args)...)
}

// written replaces arguments that every language writes in its own way. The caller's slice stays as it is: it may be a fault's, shared by
// other readers.
func (l *Lang) written(args []any) []any {
	for i, a := range args {
		switch a := a.(type) {
		case time.Time:
			args = slices.Clone(args)
			args[i] = l.DateTime(a)
		case Amount:
			args = slices.Clone(args)
			args[i] = l.Amount(a)
		}
	}
	return args
}

// Has tells whether this language itself has the sentence.
func (l *Lang) Has(key string) bool { return l.keys[key] }

// Number writes a number with the language's digits and grouping.
func (l *Lang) Number(n int64) string { return l.printer.Sprint(number.Decimal(n)) }

// plain writes a number without grouping: years, and the parts of a clock.
func (l *Lang) plain(n, width int) string {
	return l.printer.Sprint(number.Decimal(n, number.NoSeparator(), number.MinIntegerDigits(width)))
}

// Date writes the day, such as "5 January 2026". Times are shown in the zone that they carry.
func (l *Lang) Date(t time.Time) string {
	return l.T("web.date", l.plain(t.Day(), 1), l.T("web.month-"+strconv.Itoa(int(t.Month()))), l.plain(t.Year(), 4))
}

// Month writes the month, such as "January 2026".
func (l *Lang) Month(t time.Time) string {
	return l.T("web.month-year", l.T("web.month-"+strconv.Itoa(int(t.Month()))), l.plain(t.Year(), 4))
}

// DateTime writes the day and the minute, such as "5 January 2026, 17:04".
func (l *Lang) DateTime(t time.Time) string {
	return l.T("web.date-time", l.Date(t), l.Clock(t))
}

// Clock writes the hour and minute on the 24-hour clock.
func (l *Lang) Clock(t time.Time) string { return l.plain(t.Hour(), 2) + ":" + l.plain(t.Minute(), 2) }

// Ago says how long before now t was, coarsely, and the date from a month on. What is ahead of now by more than a
// minute is written as a date: clocks of neighbours may differ, and "in the future" helps nobody.
func (l *Lang) Ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < -time.Minute:
		return l.DateTime(t)
	case d < time.Minute:
		return l.T("web.ago-now")
	case d < time.Hour:
		return l.T("web.ago-minutes", int(d/time.Minute))
	case d < 24*time.Hour:
		return l.T("web.ago-hours", int(d/time.Hour))
	case d < 30*24*time.Hour:
		return l.T("web.ago-days", int(d/(24*time.Hour)))
	}
	return l.Date(t)
}

// Bytes writes a size with a decimal unit (kB = 1000 bytes) and at most one digit after the point.
func (l *Lang) Bytes(n int64) string {
	const kilo = 1000
	switch {
	case n < kilo:
		return l.T("web.bytes", n)
	case n < kilo*kilo:
		return l.T("web.kilobytes", l.tenths(n, kilo))
	case n < kilo*kilo*kilo:
		return l.T("web.megabytes", l.tenths(n, kilo*kilo))
	}
	return l.T("web.gigabytes", l.tenths(n, kilo*kilo*kilo))
}

func (l *Lang) tenths(n, unit int64) string {
	return l.printer.Sprint(number.Decimal(float64(n)/float64(unit), number.MaxFractionDigits(1)))
}
