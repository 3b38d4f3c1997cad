package web

import (
	"strings"
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	w := words(t)
	for _, c := range []struct {
		preferred []string
		want      string
	}{
		{nil, "en"},
		{[]string{"ar"}, "ar"},
		{[]string{"ar-EG"}, "ar"},
		{[]string{"", "ar-SY,en;q=0.5"}, "ar"},
		{[]string{"en-GB,ar;q=0.9"}, "en"},
		{[]string{"xx-nonsense-", "ar"}, "ar"},
		{[]string{"ja", "ar"}, "ar"},
		{[]string{"ja"}, "en"},
		{[]string{"*"}, "en"},
		{[]string{strings.Repeat("ar,", 1000)}, "en"},
	} {
		if got := w.Match(c.preferred...).Code; got != c.want {
			t.Errorf("Match(%.40q) = %s, want %s", c.preferred, got, c.want)
		}
	}
}

func TestDirection(t *testing.T) {
	w := words(t)
	if en, ar := w.Match("en"), w.Match("ar"); en.Dir != "ltr" || ar.Dir != "rtl" || ar.Name != "العربية" {
		t.Errorf("en is %s, ar is %s and calls itself %s", en.Dir, ar.Dir, ar.Name)
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 3, 9, 17, 4, 0, 0, time.UTC)
	w := words(t)
	for _, c := range []struct {
		ago    time.Duration
		en, ar string
	}{
		{30 * time.Second, "just now", "الآن"},
		{-30 * time.Second, "just now", "الآن"},
		{time.Minute, "1 minute ago", "قبل دقيقة"},
		{2 * time.Minute, "2 minutes ago", "قبل دقيقتين"},
		{3 * time.Minute, "3 minutes ago", "قبل ٣ دقائق"},
		{11 * time.Minute, "11 minutes ago", "قبل ١١ دقيقة"},
		{3 * time.Hour, "3 hours ago", "قبل ٣ ساعات"},
		{25 * time.Hour, "yesterday", "أمس"},
		{20 * 24 * time.Hour, "20 days ago", "قبل ٢٠ يومًا"},
		{60 * 24 * time.Hour, "8 January 2026", "٨ يناير ٢٠٢٦"},
		{-time.Hour, "9 March 2026, 18:04", "٩ مارس ٢٠٢٦، ١٨:٠٤"},
	} {
		if got := w.Match("en").Ago(now.Add(-c.ago), now); got != c.en {
			t.Errorf("en %v: %q, want %q", c.ago, got, c.en)
		}
		if got := w.Match("ar").Ago(now.Add(-c.ago), now); got != c.ar {
			t.Errorf("ar %v: %q, want %q", c.ago, got, c.ar)
		}
	}
}

func TestNumbers(t *testing.T) {
	w := words(t)
	en, ar := w.Match("en"), w.Match("ar")
	for _, c := range []struct{ got, want string }{
		{en.Number(1234567), "1,234,567"},
		{ar.Number(1234567), "١٬٢٣٤٬٥٦٧"},
		{en.Bytes(1), "1 byte"},
		{en.Bytes(999), "999 bytes"},
		{en.Bytes(1500), "1.5 kB"},
		{en.Bytes(16 << 20), "16.8 MB"},
		{en.Bytes(3e9), "3 GB"},
		{ar.Bytes(2), "بايتان"},
		{ar.Bytes(1500), "١٫٥ كيلوبايت"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestT(t *testing.T) {
	en := words(t).Match("en")
	if got := en.T("nobody.wrote-this %d"); got != "nobody.wrote-this %d" {
		t.Errorf("a missing key gives %q, want itself", got)
	}
	args := []any{time.Date(2026, 1, 5, 7, 30, 0, 0, time.UTC), "x"}
	if got := en.T("web.date-time", args...); got != "5 January 2026, 07:30, x" {
		t.Errorf("a time among the arguments gives %q", got)
	}
	if _, ok := args[0].(time.Time); !ok {
		t.Error("T changed its caller's arguments")
	}
}
