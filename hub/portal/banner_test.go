package portal

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"commonhub/web"
)

func TestBannersOnKeptPages(t *testing.T) {
	h := open(t, nil)
	var up atomic.Bool
	ends := time.Unix(0, h.now.Load()).Add(20 * time.Second)
	h.Banner(func(r *Request) []web.Banner {
		if !up.Load() || !r.Now().Before(ends) {
			return nil
		}
		return []web.Banner{{ID: "x", Path: "/notices/1", Tag: "Call-out", Text: "The cellar is on fire", Look: "bad", Ends: ends}}
	})
	const words = "The cellar is on fire"
	shows := func(why string, want bool, path string, changes ...with) {
		t.Helper()
		page := h.get(path, changes...).Body.String()
		if strings.Contains(page, words) != want || !strings.Contains(page, `id="banners"`) {
			t.Errorf("%s: %s shows the banner: %v, want %v", why, path, !want, want)
		}
	}
	shows("before", false, "/")
	up.Store(true)
	shows("kept, since nobody said that it came", false, "/")
	h.Touch()
	before := h.renders.Load()
	for _, path := range []string{"/", "/notices/1", "/fresh", "/nowhere"} {
		shows("told", true, path)
		shows("told, and again", true, path, as("m2"))
	}
	shows("on a page that guests share", true, "/")
	if n := h.renders.Load() - before; n != 6 {
		t.Errorf("%d renderings, want 6: the shared pages once each", n)
	}
	h.now.Add(int64(19 * time.Second))
	shows("just before its end", true, "/")
	h.now.Add(int64(time.Second))
	shows("at its end", false, "/")
}

func TestTouchReachesOpenPages(t *testing.T) {
	h := open(t, nil)
	address, _ := h.serve()
	lines := h.listen(address)
	if line := <-lines; line != "retry: 5000" {
		t.Fatalf("the stream begins with %q", line)
	}
	for n := range 2 {
		h.Touch()
		heard := false
		for line := range lines {
			if heard = line == "event: change"; heard {
				break
			}
		}
		if !heard {
			t.Fatalf("stroke %d was not told", n)
		}
	}
}
