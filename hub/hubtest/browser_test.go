package hubtest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"commonhub/web"
)

// block is a hub in a browser test, and the phones of its people.
type block struct {
	*Hub
	t                *testing.T
	lang             *web.Lang
	browser          context.Context
	address          string // as browsers know it: http://hub.test:…
	steward, dweller *phone
}

// said is what the people of a language write.
type said struct{ household, other, name, title, text, comment string }

var saids = map[string]said{
	"en": {"Ground floor", "Third floor left", "Greta", "A cake for everybody", "Plum cake in the yard at four.\nBring a fork.", "We bring the forks!"},
	"ar": {"الطابق الأرضي", "الطابق الثالث يسار", "سلمى", "كعكة للجميع", "كعكة خوخ في الساحة عند الرابعة.\nأحضروا شوكة.", "سنحضر الشوك!"},
}

// Two blocks meet by phones that run no script: claim, invite, join, post with a photo, comment, become neighbours, read.
func TestTwoBlocksByPhone(t *testing.T) {
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	chromium, program := browser(t), Program(t)
	for code, s := range saids {
		t.Run(code, func(t *testing.T) {
			lang := words.Match(code)
			a := newBlock(t, chromium, program, lang, "a")
			b := newBlock(t, chromium, program, lang, "b", "--join", a.URL)
			a.claim(s)
			a.invite(s)
			notice := a.post(s)
			a.comment(s, notice)
			b.claim(s)
			a.acceptByPages(b)
			b.acceptByPages(a)
			b.reads(s)
		})
	}
}

// newBlock starts a hub under the name hub.test, on a port that was free a moment ago: links need to know it beforehand.
func newBlock(t *testing.T, browser context.Context, program string, lang *web.Lang, name string, args ...string) *block {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	b := &block{t: t, lang: lang, browser: browser, address: "http://hub.test:" + port}
	b.Hub = Start(t, Options{Program: program, Args: append(append([]string{"--listen", "127.0.0.1:" + port, "--name", "Block " + name,
		"--host", "hub.test", "--url", b.address}, onLoopback...), args...)})
	b.steward, b.dweller = newPhone(t, browser, false), newPhone(t, browser, false)
	return b
}

// at is the address of a page in the block's language.
func (b *block) at(path string) string { return b.address + path + "?lang=" + b.lang.Code }

// shot looks at the page that a phone shows.
func (b *block) shot(p *phone, name string) {
	b.t.Helper()
	p.look(b.lang.Code + "-" + name)
	if lang, dir := ask(p, chromedp.Attributes(chromedp.CSS("html"))), b.lang.Dir; lang["lang"] != b.lang.Code || lang["dir"] != dir {
		b.t.Errorf("%s is marked %v, want %s %s", name, lang, b.lang.Code, dir)
	}
}

// claim makes the steward, after one attempt that the hub refuses.
func (b *block) claim(s said) {
	b.t.Helper()
	p := b.steward
	p.open(b.Claim + "?lang=" + b.lang.Code)
	b.shot(p, "01-claim")
	p.write("#f-household", s.household)
	b.introduce(p, "gardener", s.name, "gardener")
	p.has(b.lang.T("people.secret-is-name"))
	if kept := ask(p, chromedp.Value(chromedp.CSS("#f-household"))); kept != s.household {
		b.t.Errorf("the refused form came back with the household %q, want %q", kept, s.household)
	}
	b.shot(p, "02-claim-refused")
	p.write("#f-secret", "a secret that is long enough")
	p.press("main form .submit button")
	p.has(b.lang.T("pages.claimed"))
	b.shot(p, "03-claimed")
}

// introduce fills in what claim and join share, and sends it.
func (b *block) introduce(p *phone, signIn, display, secret string) {
	b.t.Helper()
	p.write("#f-name", signIn)
	p.write("#f-display", display)
	p.write("#f-language", b.lang.Code)
	p.write("#f-secret", secret)
	p.press("main form .submit button")
}

// invite hands a code from the steward's screen to somebody who types it in.
func (b *block) invite(s said) {
	b.t.Helper()
	b.steward.open(b.at("/people"))
	b.steward.write("#f-household", s.other)
	b.shot(b.steward, "04-people")
	b.steward.press("form:has(#f-household) .submit button")
	b.shot(b.steward, "05-invitation")
	p := b.dweller
	p.open(b.at("/join"))
	p.write("#f-code", strings.ToLower(b.steward.get(".pages-code")))
	b.shot(p, "06-code")
	p.press("main form .submit button")
	b.shot(p, "07-join")
	b.introduce(p, "dweller", "", "many words are a good secret")
	p.has(b.lang.T("pages.joined"))
	b.shot(p, "08-joined")
}

// post puts up a notice with a photo, after one attempt with a day that is over, and returns its address.
func (b *block) post(s said) string {
	b.t.Helper()
	p := b.dweller
	p.open(b.at("/notices/new"))
	p.write("#f-title", s.title)
	p.write("#f-text", s.text)
	p.write("#f-expires", "2001-02-03")
	p.press("main form .submit button")
	p.has(b.lang.T("notice.expires-past"))
	if kept := ask(p, chromedp.Value(chromedp.CSS("#f-text"))); kept != s.text {
		b.t.Errorf("the refused notice came back with %q, want %q", kept, s.text)
	}
	b.shot(p, "09-notice-refused")
	p.write("#f-expires", "")
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#f-photo"), []string{photographed(b.t)}))
	p.press("main form .submit button")
	p.has(b.lang.T("notice.flash-posted"), s.title)
	b.plain(ask(p, chromedp.Attributes(chromedp.CSS("img.picture")))["src"])
	b.shot(p, "10-posted")
	return ask(p, chromedp.Location())
}

// plain asks for a picture as a stranger, and wants one that says nothing but what it shows.
func (b *block) plain(path string) {
	b.t.Helper()
	status, picture := b.Get(path)
	if _, _, err := image.Decode(bytes.NewReader(picture)); status != http.StatusOK || err != nil {
		b.t.Fatalf("the picture %q answered %d: %v", path, status, err)
	}
	for _, tell := range []string{"Exif", tattle} {
		if bytes.Contains(picture, []byte(tell)) {
			b.t.Errorf("the served picture still has %q", tell)
		}
	}
}

// comment lets the steward answer and the author read it.
func (b *block) comment(s said, notice string) {
	b.t.Helper()
	b.steward.open(notice)
	b.steward.write("#comments textarea", s.comment)
	b.steward.press("#comments form .submit button")
	b.steward.has(b.lang.T("notice.flash-comment"), s.comment)
	b.shot(b.steward, "11-commented")
	b.dweller.open(notice)
	b.dweller.has(s.comment, s.name)
	b.shot(b.dweller, "12-notice-as-author")
	b.dweller.open(b.at("/me"))
	b.shot(b.dweller, "13-me")
}

// acceptByPages is what a steward does about a hub that was seen, after comparing numbers by telephone.
func (b *block) acceptByPages(other *block) {
	b.t.Helper()
	p, page := b.steward, "/neighbours/"+other.ID()
	Until(b.t, "the other hub is seen with its safety number", func() bool {
		n, seen := b.Neighbour(other.ID())
		return seen && n.Words != ""
	})
	p.open(b.at("/neighbours"))
	p.press(fmt.Sprintf("a[href^='%s']", page))
	b.shot(p, "14-seen")
	other.steward.open(other.at("/neighbours"))
	if ours, theirs := p.get(".pages-number"), other.steward.get(".pages-number"); ours != theirs {
		b.t.Errorf("the safety number is %q here and %q there", ours, theirs)
	}
	p.do(chromedp.Click(chromedp.CSS("#f-compared")))
	p.press("form[action$='/accept'] .submit button")
	p.has(b.lang.T("pages.accepted"))
	p.open(b.at("/neighbours"))
	b.shot(p, "15-neighbours")
}

// reads waits until the neighbour's notice with its photo is on this block's board.
func (b *block) reads(s said) {
	b.t.Helper()
	p, start := b.dweller, time.Now()
	Until(b.t, "the neighbour's notice and its photo are on our page", func() bool {
		p.open(b.at("/notices"))
		return strings.Contains(p.text(), s.title) && ask(p, chromedp.Evaluate[bool](
			`[].some.call(document.querySelectorAll('.notice-thumb img'), function (i) { return i.naturalWidth > 0; })`))
	})
	Report(b.t, "a neighbour's notice and photo were on the page %v after both stewards had accepted", time.Since(start).Round(time.Millisecond))
	b.shot(p, "16-neighbours-board")
	p.press(".notice-list h2 a")
	p.has(s.title, s.comment, "Block a")
	b.shot(p, "17-neighbours-notice")
}

// Where scripts run, a page that lies open shows what is new by itself.
func TestBoardRefreshesItself(t *testing.T) {
	chromium := browser(t)
	h := Start(t, Options{Args: append([]string{"--host", "hub.test"}, onLoopback...)})
	ana := h.Settle("ana")
	p := newPhone(t, chromium, true)
	p.open(strings.Replace(h.URL, "127.0.0.1", "hub.test", 1) + "/notices")
	p.do(chromedp.WaitReady(chromedp.CSS("html[data-open]")))
	start := time.Now()
	ana.Post(Notice{Kind: "news", Title: "The water is back", Text: "Let it run for a minute.", Reach: "neighbours"})
	p.do(chromedp.WaitVisible(chromedp.CSS(".notice-list .card")))
	Report(t, "an open page showed a new notice after %v", time.Since(start).Round(time.Millisecond))
	p.has("The water is back")
	p.look("en-18-refreshed")
}

// The board is printed on one sheet of A4, whether it holds few notices or a whole page of them.
func TestBoardIsOneSheetOfPaper(t *testing.T) {
	chromium := browser(t)
	h := Start(t, Options{Args: []string{"--host", "hub.test", "--mesh=false"}})
	members := []*Member{h.Settle("ana"), h.Join("Second floor", "ben"), h.Join("Third floor", "cem")}
	p := newPhone(t, chromium, false)
	for i := range 50 {
		members[i%3].Post(Notice{Kind: "offer", Reach: "neighbours", Title: fmt.Sprintf("Number %d: a long ladder to lend", i),
			Text: "It leans behind the cellar door and reaches the second floor. Bring it back before it rains, please, and dry."})
		if i != 11 && i != 49 {
			continue
		}
		p.open(strings.Replace(h.URL, "127.0.0.1", "hub.test", 1) + "/notices")
		sheet := ask(p, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
		if n := len(pdfPage.FindAll(sheet, -1)); n != 1 {
			t.Errorf("%d notices take %d sheets", i+1, n)
		}
		if err := os.WriteFile(filepath.Join(shots, fmt.Sprintf("en-19-sheet-of-%d.pdf", i+1)), sheet, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// pdfPage is the object that each page of a PDF file has.
var pdfPage = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// tattle is what a camera wrote into the photo, beside where it was taken.
const tattle = "Camera of the third floor"

// photographed is a JPEG file as a phone makes it: with an EXIF segment (CIPA DC-008) of a description and a latitude.
func photographed(t *testing.T) string {
	t.Helper()
	cake := image.NewRGBA(image.Rect(0, 0, 900, 600))
	for i := range cake.Rect.Dx() * cake.Rect.Dy() {
		x, y := i%900, i/900
		shade := color.RGBA{uint8(120 + x/9), uint8(90 + y/8), 160, 255}
		if dx, dy := x-450, y-330; dx*dx/4+dy*dy < 160*160 {
			shade = color.RGBA{150, uint8(70 + y/10), 60, 255}
		}
		cake.SetRGBA(x, y, shade)
	}
	var drawn bytes.Buffer
	if err := jpeg.Encode(&drawn, cake, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cake.jpg")
	if err := os.WriteFile(path, withEXIF(drawn.Bytes()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// withEXIF puts the segment where cameras put it, right after the start marker: two entries, then their values.
func withEXIF(picture []byte) []byte {
	tiff := "MM\x00\x2a\x00\x00\x00\x08" + "\x00\x02" +
		"\x01\x0e\x00\x02\x00\x00\x00\x1a\x00\x00\x00\x26" + // ImageDescription, at 38
		"\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x40" + // GPS, at 64
		"\x00\x00\x00\x00" + tattle + "\x00" +
		"\x00\x01\x00\x01\x00\x02\x00\x00\x00\x02N\x00\x00\x00\x00\x00\x00\x00" // GPSLatitudeRef N
	segment := "Exif\x00\x00" + tiff
	size := len(segment) + 2
	head := append([]byte{0xff, 0xd8, 0xff, 0xe1, byte(size >> 8), byte(size)}, segment...)
	return append(head, picture[2:]...)
}
