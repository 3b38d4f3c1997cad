package hubtest

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"commonhub/web"
)

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
		p.do(chromedp.Click(chromedp.CSS("[data-again]")))
		b.willShow(p, "private")
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
	b.willShow(p, "painted")
}

// willShow wants this of the choices what everybody may see.
func (b *block) willShow(p *phone, want string) {
	b.t.Helper()
	if got := ask(p, chromedp.Evaluate[string](`document.querySelector('[name=show]:checked').value`)); got != want {
		b.t.Errorf("everybody would see what is left as %q, want %q", got, want)
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
