package money

import (
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"commonhub/hub/fault"
)

func TestParse(t *testing.T) {
	euro, yen, dinar, hour := Scale{Decimals: 2}, Scale{}, Scale{Decimals: 3}, Scale{Clock: true}
	for _, c := range []struct {
		typed string
		scale Scale
		mark  rune
		want  int64
		fault string // key behind "ledger.amount-"
	}{
		{"12", euro, '.', 1200, ""},
		{"12.5", euro, '.', 1250, ""},
		{"12,50", euro, '.', 1250, ""}, // two decimals leave no doubt
		{".5", euro, '.', 50, ""},
		{"0.500", euro, '.', 50, ""},
		{" 1 234,56 ", euro, ',', 123456, ""},
		{"1.234,56", euro, '.', 123456, ""},
		{"1,234.56", euro, ',', 123456, ""},
		{"1,234,567", euro, '.', 123456700, ""},
		{"1'234.5", euro, '.', 123450, ""},
		{"١٢٫٥", euro, '٫', 1250, ""},
		{"۱۲٬۳۴۵٫۵۰", euro, '.', 1234550, ""},
		{"\u200f١٢", euro, '.', 1200, ""},
		{"1,500", euro, '.', 0, "ambiguous"},
		{"1.500", euro, ',', 0, "ambiguous"},
		{"1,500", yen, ',', 0, "ambiguous"},
		{"1,500", dinar, ',', 1500, ""},
		{"1,500", dinar, '.', 0, "ambiguous"},
		{"1500,500", dinar, '.', 1500500, ""},
		{"100", yen, '.', 100, ""},
		{"1.5", yen, '.', 0, "fine"},
		{"1.234", euro, '.', 0, "ambiguous"},
		{"1.2345", euro, '.', 0, "fine"},
		{"", euro, '.', 0, "missing"},
		{"0", euro, '.', 0, "zero"},
		{"0,00", euro, ',', 0, "zero"},
		{"-5", euro, '.', 0, "negative"},
		{"−5", euro, '.', 0, "negative"},
		{"(5)", euro, '.', 0, "negative"},
		{"9223372036854775808", euro, '.', 0, "huge"},
		{"9223372036854775807", yen, '.', 0, "huge"},
		{strings.Repeat("9", 41), yen, '.', 0, "huge"},
		{"10000000000000", yen, '.', Most, ""},
		{"10000000000001", yen, '.', 0, "huge"},
		{"1e5", euro, '.', 0, "unreadable"},
		{"1.2.3", euro, '.', 0, "unreadable"},
		{"1,2.3,4", euro, '.', 0, "unreadable"},
		{"1.234,567.8", euro, '.', 0, "unreadable"},
		{"5.", euro, '.', 0, "unreadable"},
		{".", euro, '.', 0, "unreadable"},
		{"1٫2٫3", euro, '.', 0, "unreadable"},
		{"1 23", euro, '.', 0, "unreadable"},
		{"1:30", euro, '.', 0, "unreadable"},
		{"1:30", hour, '.', 90, ""},
		{"١:٣٠", hour, '.', 90, ""},
		{"0:05", hour, '.', 5, ""},
		{"1:5", hour, '.', 0, "unreadable"},
		{"1:60", hour, '.', 0, "unreadable"},
		{"0:00", hour, '.', 0, "zero"},
		{"1.5", hour, '.', 90, ""},
		{"0,25", hour, ',', 15, ""},
		{"0.33", hour, '.', 0, "minutes"},
		{"99999999999999:00", hour, '.', 0, "unreadable"},
		{"9999999999999:00", hour, '.', 0, "huge"},
	} {
		got, err := Parse(c.typed, c.scale, c.mark)
		key := ""
		if err != nil {
			key = strings.TrimPrefix(fault.Of(err).Key, "ledger.amount-")
		}
		if got != c.want && c.fault == "" || key != c.fault {
			t.Errorf("Parse(%q, %+v, %q) = %d, %q; want %d, %q", c.typed, c.scale, c.mark, got, key, c.want, c.fault)
		}
	}
}

func TestMark(t *testing.T) {
	for tag, want := range map[string]rune{"en": '.', "de": ',', "fr": ',', "ar": '٫', "fa": '٫', "pt": ',', "he": '.'} {
		if got := Mark(language.MustParse(tag)); got != want {
			t.Errorf("the decimal mark of %s is %q, want %q", tag, got, want)
		}
	}
}

// Whatever is typed, an amount that is taken can be moved, and is read again from the way we write it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1,234.56", "١٢٫٥", "0:05", "1'000", "9223372036854775808", "-1", ".", "0.500", "٫٫"} {
		f.Add(s, 2, false, true)
		f.Add(s, 3, true, false)
	}
	f.Fuzz(func(t *testing.T, s string, decimals int, clock, comma bool) {
		scale, mark := Scale{Decimals: min(max(0, decimals), MaxDecimals), Clock: clock}, '.'
		if comma {
			mark = ','
		}
		amount, err := Parse(s, scale, mark)
		if err != nil {
			if _, ours := err.(*fault.Fault); !ours {
				t.Fatalf("%q: %v is no fault", s, err)
			}
			return
		}
		if err := Valid(amount); err != nil {
			t.Fatalf("%q is %d: %v", s, amount, err)
		}
		if clock {
			return // files write minutes
		}
		again, err := Parse(scale.Plain(amount), scale, '.')
		if err != nil && fault.Of(err).Key != "ledger.amount-ambiguous" || err == nil && again != amount {
			t.Fatalf("%q is %d, written %q, read %d: %v", s, amount, scale.Plain(amount), again, err)
		}
	})
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		total   int64
		weights []int64
		want    []int64
	}{
		{100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{3000, []int64{1, 1, 1, 1, 1, 1, 1}, []int64{429, 429, 429, 429, 428, 428, 428}},
		{10, []int64{0, 3, 3}, []int64{0, 5, 5}},
		{1, []int64{1, 2, 2}, []int64{0, 1, 0}},
		{0, []int64{1, 1}, []int64{0, 0}},
		{Most, []int64{1, math.MaxInt64 - 1}, []int64{0, Most}},
		{5, []int64{0, 0}, nil},
		{5, nil, nil},
		{5, []int64{1, -1, 3}, nil},
		{5, []int64{math.MaxInt64, 1}, nil},
		{-5, []int64{1}, nil},
	} {
		if got := Split(c.total, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("Split(%d, %d) = %d, want %d", c.total, c.weights, got, c.want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(int64(100), []byte{1, 1, 1})
	f.Add(int64(Most), []byte{255, 0, 7, 7, 9})
	f.Fuzz(func(t *testing.T, total int64, raw []byte) {
		weights := make([]int64, len(raw))
		for i, b := range raw {
			weights[i] = int64(b) << (i % 48)
		}
		shares := Split(total, weights)
		if shares == nil {
			return
		}
		sum, ok := Add(shares...)
		if !ok || sum != total {
			t.Fatalf("shares of %d add up to %d", total, sum)
		}
		for i := range shares {
			if shares[i] < 0 || weights[i] == 0 && shares[i] != 0 {
				t.Fatalf("weight %d got %d", weights[i], shares[i])
			}
		}
	})
}

func TestAdd(t *testing.T) {
	for _, c := range []struct {
		amounts []int64
		sum     int64
		ok      bool
	}{
		{nil, 0, true},
		{[]int64{1, -3}, -2, true},
		{[]int64{math.MaxInt64, 1}, 0, false},
		{[]int64{math.MinInt64, -1}, 0, false},
		{[]int64{math.MaxInt64, math.MinInt64}, -1, true},
	} {
		if sum, ok := Add(c.amounts...); sum != c.sum || ok != c.ok {
			t.Errorf("Add(%d) = %d, %v", c.amounts, sum, ok)
		}
	}
}

func TestUnits(t *testing.T) {
	for unit, want := range map[Unit]int{"EUR": 2, "JPY": 0, "TND": 3, "ZWG": 2, "AED": 2} {
		if got, ok := unit.Currency(); !ok || got != want {
			t.Errorf("%s has %d decimals (%v), want %d", unit, got, ok, want)
		}
	}
	for unit, want := range map[Unit]bool{Hour: true, "kwh": true, "litre": true, "EUR": true, "XXX": false, "eur": true, "UR ": false,
		"D 2": false, "k": false, "kWh": false, "": false, "elevenchars": false, "h7": false} {
		if unit.Valid() != want {
			t.Errorf("%q is valid: %v", unit, !want)
		}
	}
	if all := Currencies(); len(all) < 150 || !slices.IsSorted(all) {
		t.Errorf("%d currencies", len(all))
	}
}

func TestPlain(t *testing.T) {
	for _, c := range []struct {
		scale  Scale
		amount int64
		want   string
	}{
		{Scale{Decimals: 2}, 5, "0.05"},
		{Scale{Decimals: 2}, -123456, "-1234.56"},
		{Scale{}, 7, "7"},
		{Scale{Clock: true}, -90, "-90"},
		{Scale{Decimals: 2}, math.MinInt64, "-92233720368547758.08"},
	} {
		if got := c.scale.Plain(c.amount); got != c.want {
			t.Errorf("%d is written %s, want %s", c.amount, got, c.want)
		}
	}
}
