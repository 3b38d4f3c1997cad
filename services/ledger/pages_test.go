package ledger

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"commonhub/services/ledger/money"
)

// browse sends a request as a browser in which a member ("" for a guest) is signed in. Redirects are not followed.
func (s *site) browse(req *http.Request, member, language string) (int, string, http.Header) {
	s.t.Helper()
	req.Header.Set("Accept-Language", language)
	if member != "" {
		req.AddCookie(&http.Cookie{Name: "hub", Value: member})
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	s.must(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	s.must(err)
	return resp.StatusCode, string(raw), resp.Header
}

func (s *site) get(member, path, language string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	s.must(err)
	status, page, _ := s.browse(req, member, language)
	return status, page
}

// shows fails unless a page has all these words.
func (s *site) shows(member, path, language string, words ...string) {
	s.t.Helper()
	status, page := s.get(member, path, language)
	for _, w := range words {
		if status != http.StatusOK || !strings.Contains(page, w) {
			s.t.Fatalf("%s for %q in %s is %d and does not say %q:\n%s", path, member, language, status, w, page)
		}
	}
}

var hiddenField = regexp.MustCompile(`name="(form-token|key)" value="([^"]*)"`)

// form is what a browser sends: fields by pairs, and pictures by the name of their field.
type form struct {
	fields   []string
	pictures map[string][]byte
}

// submit opens a page, takes its hidden fields along, and sends a form in English. hidden are fields of an earlier sending.
func (s *site) submit(member, page, action string, f form, hidden ...[]string) (int, string, string) {
	s.t.Helper()
	if len(hidden) == 0 {
		_, html := s.get(member, page, "en")
		for _, m := range hiddenField.FindAllStringSubmatch(html, 2) {
			hidden = append(hidden, m[1:])
		}
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, h := range hidden {
		w.WriteField(h[0], h[1])
	}
	for i := 0; i+1 < len(f.fields); i += 2 {
		w.WriteField(f.fields[i], f.fields[i+1])
	}
	for field, picture := range f.pictures {
		part, err := w.CreateFormFile(field, "IMG 1.jpg")
		s.must(err)
		part.Write(picture)
	}
	w.Close()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+action, &body)
	s.must(err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	status, answer, header := s.browse(req, member, "en")
	return status, answer, header.Get("Location")
}

// sent is submit for what must work: it leads to the page that it returns.
func (s *site) sent(member, page, action string, f form) string {
	s.t.Helper()
	status, answer, to := s.submit(member, page, action, f)
	if status != http.StatusSeeOther {
		s.t.Fatalf("%s answered %d:\n%s", action, status, answer)
	}
	return to
}

func fields(pairs ...string) form { return form{fields: pairs} }

func grey(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 40)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A member files an expense with a receipt, another household approves, a steward pays, and a stranger reads all of it.
func TestExpenseFromFormToStranger(t *testing.T) {
	s := serve(t, newHub(t))
	s.sent("m1", "/ledger/settings", "/ledger/places", fields("kind", "pot", "name", "Common pot", "unit", "EUR", "target", "1.234,50"))
	s.sent("m1", "/ledger/contribute", "/ledger/contributions", fields("pot", "P1D", "giver", "H3T", "amount", "50", "unnamed", "yes"))
	bill := form{[]string{"memo", "Paint & brushes", "amount", "١٢٫٥", "pot", "p1", "purpose", "S0D", "show", "all"}, map[string][]byte{"receipt": grey(t)}}
	x := s.sent("m4", "/ledger/expenses/new", "/ledger/expenses", bill)
	s.shows("", x, "en", "Paint &amp; brushes", "12.50 EUR", "asked for", `src="/ledger/receipts/`)
	s.shows("", x, "ar", `dir="rtl"`, "Paint &amp; brushes", "مطلوب")
	if status, _, _ := s.submit("m4", x, x+"/approve", form{}); status != http.StatusForbidden {
		t.Errorf("approving an expense of one's own answered %d", status)
	}
	s.sent("m5", x, x+"/approve", form{})
	s.sent("m1", x, x+"/pay", form{})
	s.shows("", x, "en", "paid", "An expense was approved")
	s.shows("", "/ledger", "en", "Common pot", "37.50 EUR", "Target: 1,234.50 EUR", "Contributions")
	s.wants("EUR", "p1 3750, g1 -5000, s0 1250")
}

// What the submitter keeps private only stewards see; names and memos do not leave by the door of receipts.
func TestPrivateReceipts(t *testing.T) {
	s := serve(t, newHub(t))
	s.fund(5000)
	private := form{[]string{"memo", "Medicine", "amount", "5", "pot", "p1", "purpose", "s1", "show", "private"}, map[string][]byte{"receipt": grey(t)}}
	x := s.sent("m4", "/ledger/expenses/new", "/ledger/expenses", private)
	s.shows("", x, "en", "1 receipt is kept for stewards.")
	_, page := s.get("m1", x, "en")
	found := regexp.MustCompile(`/ledger/receipts/\d+\.jpg`).FindString(page)
	for member, want := range map[string]int{"": http.StatusNotFound, "m4": http.StatusNotFound, "m1": http.StatusOK} {
		if status, _ := s.get(member, found, "en"); status != want {
			t.Errorf("the original answers %q with %d, want %d", member, status, want)
		}
	}
	for _, other := range []string{"/ledger/receipts/0.jpg", "/ledger/receipts/99.jpg", "/ledger/receipts/x.jpg", strings.TrimSuffix(found, ".jpg")} {
		if status, _ := s.get("m1", other, "en"); status != http.StatusNotFound {
			t.Errorf("%s answered %d", other, status)
		}
	}
}

func TestTransferForms(t *testing.T) {
	s := serve(t, newHub(t))
	give := func(amount string) form {
		return fields("way", "give", "to", "h4", "unit", "hour", "amount", amount, "memo", "A <b>lift</b>")
	}
	status, page, _ := s.submit("m3", "/ledger/transfer", "/ledger/transfers", give("1,500"))
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="1,500"`) || !strings.Contains(page, "two things") {
		t.Errorf("an ambiguous amount answered %d:\n%s", status, page)
	}
	to := s.sent("m3", "/ledger/transfer", "/ledger/transfers", give("١:٣٠"))
	s.shows("m5", to, "en", "A &lt;b&gt;lift&lt;/b&gt;", "1:30 hours")
	s.shows("", to, "en", "Members of this hub can read")
	if status, _ := s.get("", "/ledger/transfer", "en"); status != http.StatusUnauthorized {
		t.Errorf("a guest gets the form: %d", status)
	}
	s.shows("m3", "/ledger/transfer?to=H4V&amount=2:00", "ar", `value="2:00"`, `value="H4V" selected`)
	s.wants(money.Hour, "h3 -90, h4 90")

	again := [][]string{{"key", "the same"}}
	_, html := s.get("m3", "/ledger/transfer", "en")
	for _, m := range hiddenField.FindAllStringSubmatch(html, 1) {
		again = append(again, m[1:])
	}
	_, _, first := s.submit("m3", "", "/ledger/transfers", give("0:10"), again...)
	_, _, second := s.submit("m3", "", "/ledger/transfers", give("0:10"), again...)
	if status, _, _ := s.submit("m3", "", "/ledger/transfers", give("0:11"), again...); first == "" || first != second || status != http.StatusConflict {
		t.Errorf("a form sent twice led to %q and %q, another one under its key answered %d", first, second, status)
	}
	s.wants(money.Hour, "h3 -100, h4 100")
}

func TestRequestForms(t *testing.T) {
	s := serve(t, newHub(t))
	q := s.sent("m4", "/ledger/transfer", "/ledger/transfers", fields("way", "ask", "to", "h3", "unit", "hour", "amount", "0.5"))
	s.shows("m3", q, "en", "asks Name of h3 for 0:30 hours", "Agree and give")
	if status, _, _ := s.submit("m5", "/ledger/transfer", q+"/agree", form{}); status != http.StatusForbidden {
		t.Errorf("a stranger's yes answered %d", status)
	}
	entry := s.sent("m3", q, q+"/agree", form{})
	s.sent("m4", entry, entry+"/reverse", fields("reason", "It was a gift."))
	s.shows("", "/ledger", "en", "Reversed: 0:30 hours")
	s.wants(money.Hour, "")
}

func TestStewardsForms(t *testing.T) {
	s := serve(t, newHub(t))
	if status, _, _ := s.submit("m3", "/ledger/transfer", "/ledger/limits", fields("account", "h3", "unit", "hour", "down", "99:00")); status != http.StatusForbidden {
		t.Errorf("a member set a limit: %d", status)
	}
	s.sent("m1", "/ledger/settings", "/ledger/limits", fields("account", "H3T", "unit", "hour", "down", "0", "up", ""))
	s.shows("", "/ledger/settings", "en", "may go down to −0:00 hours, up to no limit")
	s.sent("m1", "/ledger/settings", "/ledger/units", fields("unit", "kwh", "decimals", "1", "down", "10,5", "up", "20", "soft", "yes"))
	s.shows("", "/ledger/settings", "en", "should stay between −10.5 kwh and +20.0 kwh")
	status, page, _ := s.submit("m1", "/ledger/slips", "/ledger/slips", fields("slips", "h4,h5,1:00\nh3,h5,1:00", "unit", "hour"))
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "may go down to") || !strings.Contains(page, "fine") {
		t.Errorf("a list with a wrong row answered %d:\n%s", status, page)
	}
	s.sent("m1", "/ledger/slips", "/ledger/slips", fields("slips", "h4,h5,1:00", "unit", "hour"))
	const preview = "/ledger/levy?month=2026-03&unit=hour&flat=0:05"
	s.shows("m1", preview, "en", "0:40 hours") // h3 may not go below zero
	s.sent("m1", preview, "/ledger/levies", fields("month", "2026-03", "unit", "hour", "flat", "0:05", "total", "40"))
	s.wants(money.Hour, "h1 -5, h2 -5, h4 -65, h5 55, h6 -5, h7 -5, h8 -5, h9 -5, n1 40")
}

// A soft limit lets people go on, and says so where it is seen.
func TestSoftLimitsWarn(t *testing.T) {
	s := serve(t, newHub(t))
	s.sent("m1", "/ledger/settings", "/ledger/limits", fields("account", "H3T", "unit", "hour", "down", "1:00", "soft", "yes"))
	to := s.sent("m3", "/ledger/transfer", "/ledger/transfers", fields("way", "give", "to", "h4", "unit", "hour", "amount", "2:00"))
	s.shows("m3", to, "en", "is beyond its limit now")
	s.shows("m3", "/ledger", "en", "beyond the limit")
	q := s.sent("m4", "/ledger/transfer", "/ledger/transfers", fields("way", "ask", "to", "h3", "unit", "hour", "amount", "0.5"))
	for _, member := range []string{"m3", "m4"} {
		s.shows(member, "/ledger", "en", "Open requests", q)
	}
}
