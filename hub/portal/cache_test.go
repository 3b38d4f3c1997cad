package portal

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

var zipped = header("Accept-Encoding", "br, gzip")

func TestSharedPagesAreRenderedOncePerChange(t *testing.T) {
	h := open(t, nil)
	same := func(why string, want int64, changes ...with) {
		t.Helper()
		h.want(h.get("/notices/1", changes...), 200)
		if n := h.renders.Load(); n != want {
			t.Fatalf("%s: %d renderings, want %d", why, n, want)
		}
	}
	same("first", 1)
	same("second", 1)
	same("compressed", 1, zipped)
	same("another language", 2, header("Accept-Language", "ar"))
	same("the same language by another name", 2, header("Accept-Language", "ar-EG,en;q=0.3"))
	same("JSON", 3, asJSON)
	h.generation.Add(1)
	same("after a change", 4)
	same("after a change, again", 4)
	h.now.Add(int64(cacheAge) + 1)
	same("after a while", 5)
	h.want(h.get("/notices/1?q=x"), 200, "q &#34;x&#34;")
	if n := h.renders.Load(); n != 6 {
		t.Errorf("another query made %d renderings, want 6", n)
	}
	h.want(h.get("/notices/1?q="+strings.Repeat("x", cacheQuery)), 200)
	h.want(h.get("/notices/1?q="+strings.Repeat("x", cacheQuery)), 200)
	if n := h.renders.Load(); n != 8 {
		t.Errorf("a very long query was kept: %d renderings, want 8", n)
	}
}

func TestUntilEndsASharedPage(t *testing.T) {
	h := open(t, nil)
	end := time.Unix(0, h.now.Load()).Add(10 * time.Second)
	h.Get("/timed", func(*Request) (Page, error) {
		h.renders.Add(1)
		return page{Until_: end}, nil
	})
	for _, c := range []struct {
		after time.Duration
		want  int64
	}{{0, 1}, {9 * time.Second, 1}, {time.Second, 2}, {time.Second, 3}} {
		h.now.Add(int64(c.after))
		h.get("/timed")
		if n := h.renders.Load(); n != c.want {
			t.Errorf("%v later: %d renderings, want %d", c.after, n, c.want)
		}
	}
}

func TestETag(t *testing.T) {
	h := open(t, nil)
	h.Get("/steady", func(*Request) (Page, error) { return page{Text: "always the same", html: nil}, nil })
	first := h.get("/steady")
	tag := first.Header().Get("ETag")
	if tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("headers %v", first.Header())
	}
	w := h.get("/steady", header("If-None-Match", tag))
	h.want(w, 304)
	if w.Body.Len() > 0 {
		t.Errorf("304 with a body: %s", w.Body)
	}
	h.generation.Add(1)
	h.want(h.get("/steady", header("If-None-Match", `"other", `+tag)), 304) // rendered again, and the same
	h.want(h.get("/steady", header("If-None-Match", `"other"`)), 200)
	h.want(h.get("/steady", header("If-None-Match", tag), header("Accept-Language", "ar")), 200)
	if w := h.get("/notices/1"); w.Header().Get("ETag") == tag {
		t.Error("two pages have one ETag")
	}
}

func TestCompressedAndPlainAreTheSamePage(t *testing.T) {
	h := open(t, nil)
	plain, packed := h.get("/"), h.get("/", zipped)
	if packed.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" {
		t.Fatalf("encodings %v and %v", packed.Header(), plain.Header())
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(z); err != nil || string(all) != plain.Body.String() {
		t.Errorf("they differ: %v", err)
	}
	for value, want := range map[string]bool{"": false, "gzip": true, "GZIP;q=0": false, "gzip;q=0": false, "gzip; q=0.5, br": true, "x-gzip": false} {
		r, _ := http.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", value)
		if takesGzip(r) != want {
			t.Errorf("Accept-Encoding %q: takes gzip = %v", value, !want)
		}
	}
}

// Whoever asks first, nothing of theirs may reach whoever asks next.
func TestNothingPersonalIsShared(t *testing.T) {
	h := open(t, nil)
	guest := h.get("/fresh")
	personal := []with{setCookie(guestCookie, guestOf(t, guest)), setCookie(languageCookie, "en"), header("User-Agent", "my own phone")}
	h.want(h.get("/", append(personal, setCookie(flashCookie, "portal.home"))...), 200, `class="flash"`)
	h.want(h.get("/", as("m2")), 200, "Name of m2")
	h.want(h.get("/", append(personal, setCookie(sessionCookie, "ended"))...), 200)
	w := h.get("/")
	for _, mine := range []string{"Name of m2", `class="flash"`, "my own phone", token(t, guest), token(t, h.get("/", as("m2")))} {
		if strings.Contains(w.Body.String(), mine) {
			t.Errorf("the shared page contains %q", mine)
		}
	}
	if token(t, w) != "" || strings.Contains(w.Body.String(), `name="key"`) {
		t.Error("a shared page carries a form token or a key")
	}
	if c := w.Header().Values("Set-Cookie"); len(c) > 0 {
		t.Errorf("a shared page sets cookies: %q", c)
	}
	for _, path := range []string{"/mine", "/fresh", "/"} {
		if w := h.get(path, as("m2")); !strings.HasPrefix(w.Header().Get("Cache-Control"), "private") || w.Header().Get("ETag") != "" {
			t.Errorf("%s for a member: %v", path, w.Header())
		}
	}
	for _, name := range []string{"Cookie", "Accept-Language", "Authorization", "Accept-Encoding"} {
		if !strings.Contains(w.Header().Get("Vary"), name) {
			t.Errorf("Vary lacks %s", name)
		}
	}
}

func TestFaultsAreNotKept(t *testing.T) {
	h := open(t, nil)
	broken := true
	h.Get("/sometimes", func(*Request) (Page, error) {
		if broken {
			return nil, errors.New("not now")
		}
		return page{Text: "here I am"}, nil
	})
	h.want(h.get("/sometimes"), 500)
	broken = false
	h.want(h.get("/sometimes"), 200, "here I am")
}

func TestOneRenderingForAllWhoWait(t *testing.T) {
	c := newCache()
	key, now := sharedKey{uri: "/"}, time.Now()
	started, finish := make(chan struct{}), make(chan struct{})
	renders := 0
	render := func() (*rendering, error) {
		renders++
		close(started)
		<-finish
		return &rendering{generation: 1, until: now.Add(time.Hour)}, nil
	}
	var all sync.WaitGroup
	all.Go(func() { c.get(key, 1, now, render) })
	<-started
	for range 10 {
		all.Go(func() {
			if _, err := c.get(key, 1, now, render); err != nil {
				t.Error(err)
			}
		})
	}
	// One who has just seen a newer generation must not be given the older page.
	newer, err := c.get(key, 2, now, func() (*rendering, error) {
		return &rendering{generation: 2, until: now.Add(time.Hour)}, nil
	})
	if err != nil || newer.generation != 2 {
		t.Errorf("got generation %d, want 2 (%v)", newer.generation, err)
	}
	close(finish)
	all.Wait()
	if renders != 1 {
		t.Errorf("%d renderings, want 1", renders)
	}
	last, _ := c.get(key, 2, now, func() (*rendering, error) { t.Error("the newer page was lost"); return newer, nil })
	if last.generation != 2 {
		t.Errorf("an older rendering that landed late took the place of a newer one")
	}
}

// TestOthersDoNotWaitForARendering: one reader renders what is new, the others get the page before it meanwhile; nobody is given one
// whose time is up.
func TestOthersDoNotWaitForARendering(t *testing.T) {
	c := newCache()
	key, now := sharedKey{uri: "/"}, time.Now()
	made := func(generation uint64) func() (*rendering, error) {
		return func() (*rendering, error) {
			return &rendering{generation: generation, until: now.Add(time.Hour)}, nil
		}
	}
	c.get(key, 1, now, made(1))
	started, finish, landed := make(chan struct{}), make(chan struct{}), make(chan uint64, 2)
	go func() {
		page, _ := c.get(key, 2, now, func() (*rendering, error) { close(started); <-finish; return made(2)() })
		landed <- page.generation
	}()
	<-started
	if page, _ := c.get(key, 2, now, made(0)); page.generation != 1 {
		t.Errorf("meanwhile others got generation %d, want 1", page.generation)
	}
	go func() {
		page, _ := c.get(key, 2, now.Add(2*time.Hour), made(0)) // the kept page is out of date, so this one waits
		landed <- page.generation
	}()
	close(finish)
	for range 2 {
		if g := <-landed; g == 1 {
			t.Error("a page was given out after its time, or to the one who rendered a newer one")
		}
	}
	if page, _ := c.get(key, 2, now, made(0)); page.generation != 2 {
		t.Errorf("afterwards generation %d, want 2", page.generation)
	}
}

// TestCrowdsSeeAPageForAMoment: what many ask for is not rendered anew at every write; what one asks for is.
func TestCrowdsSeeAPageForAMoment(t *testing.T) {
	c := newCache()
	key, now, renders := sharedKey{uri: "/"}, time.Now(), uint64(0)
	ask := func(generation uint64) uint64 {
		page, err := c.get(key, generation, now, func() (*rendering, error) {
			renders++
			return &rendering{generation: generation, until: now.Add(time.Hour)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return page.generation
	}
	for g := range uint64(10) {
		if got := ask(g); got != g {
			t.Fatalf("one reader got generation %d at %d", got, g)
		}
	}
	begun, last := time.Now(), uint64(0)
	for g := uint64(10); last < 500; g++ {
		for range 2 * crowd {
			last = ask(g)
		}
	}
	if most := 12 + uint64(time.Since(begun)/crowdPause); renders > most {
		t.Errorf("%d renderings in %v, at most %d are needed", renders, time.Since(begun), most)
	}
}

func TestAPanicSetsThoseWhoWaitFree(t *testing.T) {
	c := newCache()
	key, started := sharedKey{}, make(chan struct{})
	finish := make(chan struct{})
	go func() {
		defer func() { recover() }()
		c.get(key, 1, time.Now(), func() (*rendering, error) { close(started); <-finish; panic("no") })
	}()
	<-started
	got := make(chan error, 1)
	go func() {
		_, err := c.get(key, 1, time.Now(), func() (*rendering, error) { return &rendering{}, nil })
		got <- err
	}()
	close(finish)
	select {
	case <-got: // an error, or a page of its own if it came too late to wait
	case <-time.After(time.Minute):
		t.Error("still waiting")
	}
}

func TestCacheStaysWithinBounds(t *testing.T) {
	c, now := newCache(), time.Now()
	put := func(i, size int) {
		c.get(sharedKey{uri: fmt.Sprint(i)}, 1, now, func() (*rendering, error) {
			return &rendering{generation: 1, until: now.Add(time.Hour), gzip: make([]byte, size)}, nil
		})
	}
	for i := range 3 * cachePages {
		put(i, 10)
	}
	if n := c.pages.Len(); n != cachePages || c.bytes != 10*n {
		t.Errorf("%d pages, %d bytes counted", n, c.bytes)
	}
	for i := range 50 {
		put(-1-i, cacheBytes/20)
	}
	if c.bytes > cacheBytes || c.pages.Len() == 0 {
		t.Errorf("%d pages hold %d bytes, want at most %d", c.pages.Len(), c.bytes, cacheBytes)
	}
	if len(c.flights) > 0 {
		t.Errorf("%d flights never landed", len(c.flights))
	}
}

// BenchmarkSharedPage is the whole way of a guest's page, from Echo to the kept bytes, without the network.
func BenchmarkSharedPage(b *testing.B) {
	h := open(b, nil)
	r := httptest.NewRequest(http.MethodGet, "/notices/1", nil)
	r.Host = "10.0.0.1:8080"
	r.Header.Set("Accept-Encoding", "gzip, deflate")
	r.Header.Set("Accept-Language", "ar-EG,ar;q=0.9,en;q=0.5")
	b.ReportAllocs()
	for b.Loop() {
		h.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}
}
