package hubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"commonhub/web"
)

// spent is what the people of a language write about the fund.
type spent struct{ pot, purpose, giver, memo string }

var spents = map[string]spent{
	"en": {"Common pot", "Tools", "At the summer party", "A drill for the cellar"},
	"ar": {"الصندوق الكبير", "الأدوات", "في حفلة الصيف", "مثقاب للقبو"},
}

// A member files an expense with a receipt by phone, a neighbour approves it, a steward pays it, and a stranger who never signed in reads
// where the money went. No phone runs a script.
func TestExpenseByPhone(t *testing.T) {
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	chromium, program := browser(t), Program(t)
	for code, s := range spents {
		t.Run(code, func(t *testing.T) {
			b := newBlock(t, chromium, program, words.Match(code), "a")
			b.claim(saids[code])
			b.invite(saids[code])
			b.beginFund(s)
			x := b.asks(s)
			b.decides(x, s)
			b.helps()
			b.strangerReads(x, s)
			b.scriptReads()
		})
	}
}

// beginFund reads what an empty fund says, opens a pot and a purpose, and takes in the first money.
func (b *block) beginFund(s spent) {
	b.t.Helper()
	p := b.steward
	p.open(b.at("/ledger/fund"))
	p.has(b.lang.T("ledger.no-pots-first"))
	b.shot(p, "30-fund-empty")
	p.press("main .empty a")
	b.unfold(p, "pot")
	p.write("form:has([value=pot]) [name=name]", s.pot)
	p.write("form:has([value=pot]) [name=unit]", "EUR")
	p.write("form:has([value=pot]) [name=target]", "500")
	p.press("form:has([value=pot]) .submit button")
	b.unfold(p, "purpose")
	p.write("form:has([value=purpose]) [name=name]", s.purpose)
	p.press("form:has([value=purpose]) .submit button")
	b.shot(p, "31-settings")
	p.open(b.at("/ledger/fund"))
	p.has(s.pot, b.lang.T("ledger.fund-first"))
	p.open(b.at("/ledger/contribute"))
	b.choose(p, "form[action='/ledger/contributions'] [name=giver]", "H2")
	p.write("form[action='/ledger/contributions'] [name=amount]", "120.50")
	p.write("form[action='/ledger/contributions'] [name=memo]", s.giver)
	p.press("form[action='/ledger/contributions'] .submit button")
	p.has(b.lang.Quantity(euros(12050)))
	b.shot(p, "32-contributed")
}

// unfold opens the details around a field of this value, as a finger does.
func (b *block) unfold(p *phone, value string) {
	b.t.Helper()
	p.do(chromedp.Click(chromedp.CSS("details:has([value=" + value + "]) > summary")))
}

// choose takes the option of a list whose value begins so.
func (b *block) choose(p *phone, list, prefix string) {
	b.t.Helper()
	option := ask(p, chromedp.Attributes(chromedp.CSS(list+" option[value^="+prefix+"]")))
	p.write(list, option["value"])
}

// euros are cents, as the page writes them.
type euros int64

func (e euros) Spelling() (int64, int, bool, string) { return int64(e), 2, false, "EUR" }

// asks files the expense: once with an amount that can mean two things, then in full. Returns the address of its page.
func (b *block) asks(s spent) string {
	b.t.Helper()
	p := b.dweller
	p.open(b.at("/ledger/expenses/new"))
	p.write("#f-memo", s.memo)
	p.write("#f-amount", "1,500")
	b.choose(p, "#f-purpose", "S1")
	p.press("main form .submit button")
	if kept := ask(p, chromedp.Value(chromedp.CSS("#f-memo"))); kept != s.memo {
		b.t.Errorf("the refused expense came back as %q, want %q", kept, s.memo)
	}
	b.shot(p, "33-expense-refused")
	p.write("#f-amount", "49.90")
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#f-receipt"), []string{receipt(b.t)}))
	p.press("main form .submit button")
	p.has(b.lang.T("ledger.flash-asked"), s.memo, b.lang.Quantity(euros(4990)))
	b.shot(p, "34-asked")
	if strings.Contains(p.text(), b.lang.T("ledger.approve")) {
		b.t.Error("who asks is offered to approve")
	}
	return strings.TrimPrefix(ask(p, chromedp.Location()), b.address)
}

// decides lets the other household approve and, as a steward, pay.
func (b *block) decides(expense string, s spent) {
	b.t.Helper()
	p := b.steward
	p.open(b.at("/"))
	p.has(b.lang.T("ledger.for-you"), s.memo)
	p.open(b.at(expense))
	p.press("form[action$='/approve'] button")
	p.has(b.lang.T("ledger.flash-approved"))
	p.press("form[action$='/pay'] button")
	p.has(b.lang.T("ledger.flash-paid"))
	b.shot(p, "35-paid")
}

// helps moves hours between the two households, from the code that a neighbour shows, and takes one entry back.
func (b *block) helps() {
	b.t.Helper()
	p := b.dweller
	p.open(b.at("/ledger/credit"))
	p.has(b.lang.T("ledger.nothing-given"))
	p.press("main td a, main th a")
	b.shot(p, "36-account-empty")
	for _, amount := range []string{"1:30", "9"} {
		p.open(b.at("/ledger/accounts/" + b.code(p)))
		p.press("main a[href^='/ledger/transfer?to=']")
		p.write("#f-amount", amount)
		p.press("main form .submit button")
		p.has(b.lang.T("ledger.flash-given"))
	}
	b.steward.open(ask(p, chromedp.Location()))
	b.steward.do(chromedp.Click(chromedp.CSS("details:has(textarea) > summary")))
	b.steward.write("#f-reason", "9?")
	b.steward.press("form[action$='/reverse'] .submit button")
}

// code is that of the first household, as the credit page links it.
func (b *block) code(p *phone) string {
	b.t.Helper()
	p.open(b.at("/ledger/credit"))
	link := ask(p, chromedp.Attributes(chromedp.CSS("main th a")))["href"]
	code, _, _ := strings.Cut(strings.TrimPrefix(link, "/ledger/accounts/"), "?")
	return code
}

// strangerReads follows the money on a phone that has never signed in.
func (b *block) strangerReads(expense string, s spent) {
	b.t.Helper()
	p := newPhone(b.t, b.browser, false)
	p.open(b.at(expense))
	p.has(s.memo, s.purpose, b.lang.T("ledger.state-paid"))
	b.plain(ask(p, chromedp.Attributes(chromedp.CSS("img.picture")))["src"])
	b.shot(p, "37-expense-stranger")
	p.open(b.at("/ledger"))
	b.shot(p, "38-ledger-stranger")
	p.press("a[href='/ledger/fund']")
	p.has(s.pot, b.lang.Quantity(euros(12050-4990)))
	b.charts(p, 3, euros(12050), euros(4990), euros(12050-4990))
	b.shot(p, "39-fund-stranger")
	p.open(b.at("/ledger/credit"))
	b.charts(p, 1)
	b.shot(p, "40-credit-stranger")
	p.open(b.at("/ledger/accounts/" + b.code(p)))
	p.has(b.lang.T("ledger.unfold", 2))
	b.charts(p, 1)
	b.shot(p, "41-statement-stranger")
	p.press("main a[href*='all=1']")
	p.has(b.lang.T("ledger.is-reversed"), b.lang.T("ledger.is-reversal"))
	p.open(b.at("/ledger/reports"))
	p.press(".ledger-items a")
	p.has(s.memo, b.lang.T("ledger.report-gifts", 1))
	b.shot(p, "42-report-stranger")
	b.sheet(p, "42-report")
}

// scriptReads asks for the same pages as JSON, and for an account in the ways in which people type its code.
func (b *block) scriptReads() {
	b.t.Helper()
	var fund struct {
		Units []struct {
			Holds struct{ Minor int64 }
			Flow  struct{ Rows []struct{ Values []int64 } }
		}
	}
	if err := json.Unmarshal(b.JSON("/ledger/fund"), &fund); err != nil || len(fund.Units) != 1 {
		b.t.Fatalf("the fund as JSON is %+v: %v", fund, err)
	}
	if u := fund.Units[0]; u.Holds.Minor != 12050-4990 || !slices.Contains(u.Flow.Rows[0].Values, 12050) || !slices.Contains(u.Flow.Rows[1].Values, 4990) {
		b.t.Errorf("the fund as JSON is %+v", u)
	}
	for typed, want := range map[string]int{"P1D": 200, "p1d": 200, "P-1-D": 200, "P%D9%A1D": 200, "p1": 200, "P1F": 404, "P2F": 404, "h99": 404, "x": 404} {
		if status, page := b.Get("/ledger/accounts/" + typed); status != want {
			b.t.Errorf("the account %q answers %d: %.200s", typed, status, page)
		}
	}
	for _, when := range []string{"2026", "2026-13", "2026-02-30", "today"} {
		if status, _ := b.Get("/ledger/reports/" + when); status != http.StatusNotFound {
			b.t.Errorf("the report of %q answers %d", when, status)
		}
	}
}

// charts wants so many pictures with a name, and in their tables these figures.
func (b *block) charts(p *phone, many int64, figures ...euros) {
	b.t.Helper()
	if n := ask(p, chromedp.Evaluate[int64](`document.querySelectorAll('main svg[role=img][aria-label].map').length`)); n != many {
		b.t.Errorf("%d charts, want %d", n, many)
	}
	cells := ask(p, chromedp.Evaluate[[]string](`[].map.call(document.querySelectorAll('main td'), function (c) { return c.textContent.trim(); })`))
	for _, figure := range figures {
		if want := b.lang.Quantity(figure); !strings.Contains(strings.Join(cells, "\n"), want) {
			b.t.Errorf("no table says %s, but %q", want, cells)
		}
	}
}

// sheet keeps the page as it is printed, and wants one sheet of A4.
func (b *block) sheet(p *phone, name string) {
	b.t.Helper()
	printed := ask(p, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if n := len(pdfPage.FindAll(printed, -1)); n != 1 {
		b.t.Errorf("%s takes %d sheets", name, n)
	}
	if err := os.WriteFile(filepath.Join(shots, b.lang.Code+"-"+name+".pdf"), printed, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// The report of a busy month is printed on one sheet of A4.
func TestReportIsOneSheetOfPaper(t *testing.T) {
	chromium := browser(t)
	h := Start(t, Options{Args: []string{"--host", "hub.test", "--mesh=false"}})
	ana, ben := h.Settle("ana"), h.Join("Second floor", "ben")
	enter := func(m *Member, path string, form map[string]string) (made Posted) {
		t.Helper()
		m.Do(path, form, &made)
		return made
	}
	for n := range 8 {
		enter(ana, "/ledger/places", map[string]string{"kind": "pot", "name": fmt.Sprintf("Pot number %d of the block", n), "unit": "EUR", "target": "100"})
		enter(ana, "/ledger/places", map[string]string{"kind": "purpose", "name": fmt.Sprintf("Purpose %d, such as light and water", n)})
		enter(ana, "/ledger/contributions", map[string]string{"giver": "h2", "pot": fmt.Sprint("p", n+1), "amount": "4000"})
	}
	for n := range mostPaid + 5 {
		x := enter(ana, "/ledger/expenses", map[string]string{"pot": fmt.Sprint("p", n%8+1), "purpose": fmt.Sprint("s", n%8+1), "amount": "12.34",
			"memo": strings.Repeat("What the block needed on one of these days, and somebody fetched. ", 4)})
		ben.Act("/ledger/expenses/"+x.ID+"/approve", nil)
		ana.Act("/ledger/expenses/"+x.ID+"/pay", nil)
		enter(ben, "/ledger/transfers", map[string]string{"way": "give", "to": "h1", "unit": "hour", "amount": "0:30", "memo": "A lift"})
	}
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, chromium, false)
	for _, code := range []string{"en", "ar"} {
		b := &block{Hub: h, t: t, lang: words.Match(code), address: strings.Replace(h.URL, "127.0.0.1", "hub.test", 1)}
		p.open(b.at("/ledger/reports"))
		p.press(".ledger-items a")
		p.has(b.lang.T("ledger.report-more", 5))
		b.shot(p, "45-busy-report")
		b.sheet(p, "45-busy-report")
	}
}

// mostPaid is how many expenses a report lists before it counts the rest.
const mostPaid = 15

// Where scripts run, a phone paints over what nobody should see. Everybody gets the painted picture, stewards the receipt as it is.
func TestReceiptIsPaintedOver(t *testing.T) {
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	chromium, program := browser(t), Program(t)
	for code, s := range spents {
		b := newBlock(t, chromium, program, words.Match(code), "a")
		b.claim(saids[code])
		b.invite(saids[code])
		b.beginFund(s)
		p := b.dweller
		p.scripts = true
		p.run(true)
		p.open(b.at("/ledger/expenses/new"))
		p.write("#f-memo", s.memo)
		p.write("#f-amount", "12")
		p.do(chromedp.SetUploadFiles(chromedp.CSS("#f-receipt"), []string{receipt(t)}), chromedp.WaitVisible(chromedp.CSS("canvas")))
		b.paint(p)
		b.shot(p, "43-painting")
		p.press("main form .submit button")
		p.has(b.lang.T("ledger.flash-asked"))
		b.shot(p, "44-painted")
		public, original := ask(p, chromedp.Attributes(chromedp.CSS("img.picture")))["src"], ""
		b.steward.open(ask(p, chromedp.Location()))
		original = ask(b.steward, chromedp.Attributes(chromedp.CSS("img.picture")))["src"]
		if c := b.shade(p, public); c > 40 {
			t.Errorf("%s: everybody sees a shade of %d where it was painted over", code, c)
		}
		if c := b.shade(b.steward, original); c < 150 || public == original {
			t.Errorf("%s: stewards see a shade of %d in %s", code, c, original)
		}
		if status, _ := b.Get(original); status != http.StatusNotFound {
			t.Errorf("%s: the original answers a stranger %d", code, status)
		}
	}
}

// paint touches two corners on the picture, of its middle half.
func (b *block) paint(p *phone) {
	b.t.Helper()
	p.do(chromedp.ScrollIntoView(chromedp.CSS("canvas")))
	at := ask(p, chromedp.Evaluate[[]float64](`(function (r) { return [r.left, r.top, r.width, r.height]; })(document.querySelector('canvas').getBoundingClientRect())`))
	for _, part := range []float64{0.25, 0.75} {
		p.do(chromedp.MouseClickXY(at[0]+at[2]*part, at[1]+at[3]*part))
	}
	if way := ask(p, chromedp.Evaluate[string](`document.querySelector('[name=show]:checked').value`)); way != "painted" {
		b.t.Errorf("after painting everybody would see %q", way)
	}
}

// shade is how light the middle of a picture is that a phone is shown.
func (b *block) shade(p *phone, path string) int {
	b.t.Helper()
	const middle = `(function (i) {
		var c = document.createElement('canvas'), pen = c.getContext('2d');
		c.width = i.naturalWidth; c.height = i.naturalHeight;
		pen.drawImage(i, 0, 0);
		return pen.getImageData(c.width / 2 + 40, c.height / 2 + 13, 1, 1).data[0];
	})(document.querySelector('img.picture'))`
	p.do(chromedp.ScrollIntoView(chromedp.CSS("img.picture"))) // pictures are fetched when they come into sight
	Until(b.t, "the picture "+path+" is here", func() bool {
		return ask(p, chromedp.Evaluate[bool](`document.querySelector('img.picture').naturalWidth > 0`))
	})
	return ask(p, chromedp.Evaluate[int](middle))
}

// receipt is a photo of a slip of paper with lines on it.
func receipt(t *testing.T) string {
	t.Helper()
	slip := image.NewGray(image.Rect(0, 0, 600, 900))
	for i := range slip.Pix {
		x, y := i%600, i/600
		slip.Pix[i] = 70
		if x > 60 && x < 540 && y > 40 && y < 860 {
			slip.Pix[i] = 235
			if y%60 < 12 && x > 110 && x < 300+y%240 {
				slip.Pix[i] = 60
			}
		}
	}
	var drawn bytes.Buffer
	if err := jpeg.Encode(&drawn, slip, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "receipt.jpg")
	if err := os.WriteFile(path, drawn.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
