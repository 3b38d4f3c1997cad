package hubtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"commonhub/web"
)

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
