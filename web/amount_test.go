package web

import (
	"math"
	"testing"
)

type amount struct {
	minor    int64
	decimals int
	clock    bool
	unit     string
}

func (a amount) Spelling() (int64, int, bool, string) { return a.minor, a.decimals, a.clock, a.unit }

func TestAmount(t *testing.T) {
	w := words(t)
	for _, c := range []struct {
		lang string
		a    amount
		want string
	}{
		{"en", amount{123450, 2, false, "EUR"}, "1,234.50 EUR"},
		{"en", amount{-5, 2, false, "EUR"}, "−0.05 EUR"},
		{"en", amount{100, 0, false, "JPY"}, "100 JPY"},
		{"en", amount{1005, 3, false, "TND"}, "1.005 TND"},
		{"en", amount{-90, 0, true, "hour"}, "−1:30 hours"},
		{"en", amount{math.MinInt64, 2, false, "EUR"}, "−92,233,720,368,547,758.08 EUR"},
		{"ar", amount{123450, 2, false, "EUR"}, w.Match("ar").Number(1234) + w.Match("ar").mark() + w.Match("ar").Number(50) + " EUR"},
	} {
		if got := w.Match(c.lang).Amount(c.a); got != c.want {
			t.Errorf("%+v in %s is %q, want %q", c.a, c.lang, got, c.want)
		}
	}
	if got := w.Match("en").T("web.amount", amount{5, 0, false, "x"}, "here"); got != "5 x here" {
		t.Errorf("an amount in a sentence is %q", got)
	}
}
