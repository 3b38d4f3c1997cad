package hubtest

import (
	"encoding/json"
	"net/http"
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
