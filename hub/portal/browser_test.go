package portal

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"

	"commonhub/web"
)

// browser starts a headless Chromium that finds hub.test here and nothing else anywhere. Not 127.0.0.1: browsers trust
// that address with more than people's hubs get.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium-headless-shell is needed")
		}
		t.Skip("chromium-headless-shell is needed")
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)...)
	t.Cleanup(stop)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	return ctx
}

func TestScriptSwapsWhatChangedButNotWhatSomebodyWrites(t *testing.T) {
	ctx := browser(t)
	h := open(t, func(o *Options) { o.Hosts = []string{"hub.test"} })
	h.Get("/board", func(*Request) (Page, error) {
		n := h.renders.Add(1)
		return page{html: templ.Raw(fmt.Sprintf(`<p id="render-%d">%d</p><details><summary id="more">more</summary>x</details><input id="words">`, n, n))}, nil
	}, Fresh)
	var up atomic.Bool
	h.Banner(func(r *Request) []web.Banner {
		if !up.Load() {
			return nil
		}
		return []web.Banner{{ID: "x", Path: "/", Tag: "Call-out", Text: "The cellar is on fire", Look: "bad", Ends: r.Now().Add(time.Hour)}}
	})
	address, _ := h.serve()
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	do(chromedp.Navigate(strings.Replace(address, "127.0.0.1", "hub.test", 1)+"/board"),
		chromedp.WaitReady(chromedp.CSS("html[data-open]")), chromedp.WaitReady(chromedp.CSS("#render-1")),
		chromedp.SetAttributeValue(chromedp.CSS("details"), "open", ""))
	h.changes <- struct{}{}
	do(chromedp.WaitReady(chromedp.CSS("#render-2")), chromedp.WaitReady(chromedp.CSS("details[open]")))

	do(chromedp.SendKeys(chromedp.CSS("#words"), "half a sentence"))
	for range 3 { // the channel holds one: when the third is in it, the first went out a second ago
		h.changes <- struct{}{}
	}
	up.Store(true)
	h.Touch()
	do(chromedp.WaitReady(chromedp.CSS("#banners [data-alarm=x]")), chromedp.WaitReady(chromedp.CSS("#render-2")))
	words, err := chromedp.Run(ctx, chromedp.Value(chromedp.CSS("#words")))
	if err != nil || words != "half a sentence" {
		t.Errorf("the page was swapped under the writer's hands: %q, %v", words, err)
	}
}

// A phone sounds where somebody asked for it, once for each banner.
func TestAlarmByChoice(t *testing.T) {
	ctx := browser(t)
	h := open(t, func(o *Options) { o.Hosts = []string{"hub.test"} })
	h.Get("/alarm", func(r *Request) (Page, error) {
		return page{html: templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			return web.Alarm(&web.Frame{Lang: r.Lang, Assets: h.assets}).Render(ctx, w)
		})}, nil
	}, Fresh)
	var up atomic.Int64
	h.Banner(func(r *Request) (list []web.Banner) {
		for n := range up.Load() {
			list = append(list, web.Banner{ID: fmt.Sprint("b", n), Path: "/", Tag: "Call-out", Text: "fire", Look: "bad", Ends: r.Now().Add(time.Hour)})
		}
		return list
	})
	address, _ := h.serve()
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	rung := func(why string, want int64) {
		t.Helper()
		if n, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("window.rung || 0")); err != nil || n != want {
			t.Errorf("%s: %d tones, want %d (%v)", why, n, want, err)
		}
	}
	const deaf = `window.AudioContext = function () {
		this.resume = function () {};
		this.createGain = function () { return { gain: {}, connect: function () {} }; };
		this.createOscillator = function () {
			window.rung = (window.rung || 0) + 1;
			return { frequency: {}, connect: function () {}, start: function () {}, stop: function () {} };
		};
	}; 0`
	come := func(n int64) {
		t.Helper()
		up.Store(n)
		h.Touch()
		do(chromedp.WaitReady(chromedp.CSS(fmt.Sprintf("#banners [data-alarm=b%d]", n-1))))
	}
	do(chromedp.Navigate(strings.Replace(address, "127.0.0.1", "hub.test", 1)+"/alarm"), chromedp.WaitReady(chromedp.CSS("html[data-open]")))
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int64](deaf)); err != nil {
		t.Fatal(err)
	}
	come(1)
	rung("without asking", 0)
	do(chromedp.Click(chromedp.CSS("[data-sound]")), chromedp.WaitReady(chromedp.CSS("[data-sound][aria-pressed=true]")))
	rung("the sample", 6)
	come(2)
	rung("a new banner", 12)
	h.changes <- struct{}{}
	come(3)
	rung("one more; the others were heard", 18)
	do(chromedp.Click(chromedp.CSS("[data-sound]")), chromedp.WaitReady(chromedp.CSS("[data-sound][aria-pressed=false]")))
	come(4)
	rung("after a change of mind", 18)
}

// A page fits a phone of 320 pixels in both directions of writing: nothing sticks out sideways, what is tapped is large enough.
func TestFrameFitsASmallPhone(t *testing.T) {
	ctx := browser(t)
	h := open(t, func(o *Options) { o.Hosts = []string{"hub.test"} })
	address, _ := h.serve()
	address = strings.Replace(address, "127.0.0.1", "hub.test", 1)
	for _, path := range []string{"/?lang=en", "/?lang=ar", "/nowhere?lang=ar"} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(320, 568, chromedp.EmulateMobile), chromedp.Navigate(address+path)); err != nil {
			t.Fatal(err)
		}
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
		if err != nil || wide > 320 {
			t.Errorf("%s is %d pixels wide, want at most 320 (%v)", path, wide, err)
		}
		small, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[].filter.call(document.querySelectorAll('a:not(.skip), button, input:not([type=hidden])'),
			function (e) { return e.getBoundingClientRect().height < 40; }).map(function (e) { return e.outerHTML; }).join('\n')`))
		if err != nil || small != "" {
			t.Errorf("%s: too small to tap: %s (%v)", path, small, err)
		}
	}
}
