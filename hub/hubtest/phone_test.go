package hubtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// shots is where pictures of the pages are kept to be looked at; git ignores it.
const shots = "../../out/screenshots"

// browser starts one headless Chromium for a test. It finds *.test on this machine and nothing else anywhere. Not 127.0.0.1 as a
// name: browsers trust that address with more than people's hubs get.
func browser(t *testing.T) context.Context {
	t.Helper()
	Need(t, "chromium-headless-shell")
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium-headless-shell"), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"))...)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// phone is a person's own phone: its cookies are shared with nobody. Every step fails the test if it takes longer than Patience.
type phone struct {
	t       *testing.T
	tab     context.Context
	scripts bool
}

// newPhone opens a page of 360 by 640 pixels that is touched, and runs no script unless asked to.
func newPhone(t *testing.T, browser context.Context, scripts bool) *phone {
	t.Helper()
	tab, leave := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	if err := chromedp.Do(tab, wide(360)); err != nil { // a tab ends with the context of its first step, so that has no deadline
		t.Fatal(err)
	}
	p := &phone{t, tab, scripts}
	p.run(scripts)
	return p
}

// run switches scripts on or off.
func (p *phone) run(scripts bool) {
	p.t.Helper()
	off := emulation.SetScriptExecutionDisabledParams{Value: !scripts}
	if _, err := chromedp.Call(p.tab, emulation.SetScriptExecutionDisabled, off); err != nil {
		p.t.Fatal(err)
	}
}

func wide(pixels int64) chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(pixels, 640, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2))
}

func (p *phone) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%v; the page says: %s", err, p.text())
	}
}

func ask[T any](p *phone, question chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, Patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, question)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer
}

func (p *phone) open(address string) { p.t.Helper(); p.do(chromedp.Navigate(address)) }

// get reads the words of the first element that fits.
func (p *phone) get(css string) string {
	p.t.Helper()
	return strings.TrimSpace(ask(p, chromedp.TextContent(chromedp.CSS(css))))
}

func (p *phone) text() string { return ask(p, chromedp.Text(chromedp.CSS("body"))) }

// write fills a field. The tool's own hand is a script, and runs only while nothing of the page does: what was switched off when
// the page was loaded stays dead.
func (p *phone) write(css, words string) {
	p.t.Helper()
	p.run(true)
	if words == "" {
		p.do(chromedp.Clear(chromedp.CSS(css)))
	} else {
		p.do(chromedp.SetValue(chromedp.CSS(css), words))
	}
	p.run(p.scripts)
}

// press touches a button or link and waits for the page that it leads to.
func (p *phone) press(css string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, Patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.ScrollIntoView(chromedp.CSS(css)), chromedp.Click(chromedp.CSS(css))); err != nil {
		p.t.Fatalf("pressing %s: %v; the page says: %s", css, err, p.text())
	}
}

// has fails the test unless the page shows all these words.
func (p *phone) has(words ...string) {
	p.t.Helper()
	for text := p.text(); len(words) > 0; words = words[1:] {
		if !strings.Contains(text, words[0]) {
			p.t.Errorf("the page does not say %q but %s", words[0], text)
		}
	}
}

// look keeps a picture of the whole page, and checks that no phone has to push it sideways.
func (p *phone) look(name string) {
	p.t.Helper()
	for _, pixels := range []int64{320, 360} {
		p.do(wide(pixels))
		if got := ask(p, chromedp.Evaluate[int64]("document.scrollingElement.scrollWidth")); got > pixels {
			p.t.Errorf("%s is %d pixels wide on a phone of %d", name, got, pixels)
		}
	}
	if err := os.WriteFile(filepath.Join(shots, name+".png"), ask(p, chromedp.FullScreenshot(100)), 0o644); err != nil {
		p.t.Fatal(err)
	}
}
