package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/simplelru"
)

const (
	cachePages = 256         // entries
	cacheBytes = 1 << 20     // of compressed pages in all
	cacheQuery = 300         // bytes of path and query: longer ones are nobody's usual page
	cacheAge   = time.Minute // "three minutes ago" may be a minute late, not more

	// A page that a crowd asks for is rendered at most twenty times a second, however often something is written.
	crowd      = 16 // readers of one rendering
	crowdPause = time.Second / 20
)

// sharedKey is all that a shared page may depend on, besides what the generation covers.
type sharedKey struct {
	uri, language, base string
	json                bool
}

// rendering is one shared page, compressed.
type rendering struct {
	generation uint64
	until      time.Time
	etag       string
	gzip       []byte
	made       time.Time // by the machine's clock, whatever time pages show
	asked      int       // how many were given it; the cache's
}

// hot tells whether so many ask for the page that the next rendering can wait a moment.
func (r *rendering) hot() bool { return r.asked > crowd && time.Since(r.made) < crowdPause }

// valid tells whether the rendering may still be shown to one who saw this generation.
func (r *rendering) valid(generation uint64, now time.Time) bool {
	return r.generation >= generation && now.Before(r.until)
}

// flight is a rendering under way, which others who want the same wait for.
type flight struct {
	generation uint64
	landed     chan struct{}
	page       *rendering
	err        error
}

// cache keeps renderings, the most recently used, within cachePages and cacheBytes.
type cache struct {
	mu      sync.Mutex // guards all below
	pages   *simplelru.LRU
	bytes   int
	flights map[sharedKey]*flight
}

func newCache() *cache {
	c := &cache{flights: make(map[sharedKey]*flight)}
	// The size is positive, so this cannot fail.
	c.pages, _ = simplelru.NewLRU(cachePages, func(_, v any) { c.bytes -= len(v.(*rendering).gzip) })
	return c
}

// get gives the page for key at this generation, by calling render if need be: once for all who ask at the same time. While that goes on
// they get the page before it, if there is one, and wait only if there is none: a commit costs one reader two milliseconds, not all of
// them. So does a crowd while the page is hot. What they see is a twentieth of a second old at most. Only guests come here, and nobody comes right
// after a write of theirs (Request.shared); whoever asks alone always gets the newest. A rendering that began at an older generation is
// never joined.
func (c *cache) get(key sharedKey, generation uint64, now time.Time, render func() (*rendering, error)) (*rendering, error) {
	c.mu.Lock()
	f, flying := c.flights[key]
	flying = flying && f.generation >= generation
	if v, ok := c.pages.Get(key); ok {
		page := v.(*rendering)
		page.asked++
		if page.valid(generation, now) || (flying || page.hot()) && page.valid(page.generation, now) {
			c.mu.Unlock()
			return page, nil
		}
	}
	if flying {
		c.mu.Unlock()
		<-f.landed
		return f.page, f.err
	}
	f = &flight{generation: generation, landed: make(chan struct{}), err: http.ErrAbortHandler}
	c.flights[key] = f
	c.mu.Unlock()
	defer c.land(key, f) // also when render panics: those who wait must not wait for ever
	if f.page, f.err = render(); f.err == nil {
		f.page.made = time.Now()
	}
	return f.page, f.err
}

func (c *cache) land(key sharedKey, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flights[key] == f {
		delete(c.flights, key)
	}
	if f.err == nil {
		c.keep(key, f.page)
	}
	close(f.landed)
}

// keep stores a page; the caller holds mu. A newer rendering that landed first stays.
func (c *cache) keep(key sharedKey, page *rendering) {
	if v, ok := c.pages.Peek(key); ok && v.(*rendering).generation > page.generation {
		return
	}
	c.pages.Remove(key)
	c.pages.Add(key, page)
	for c.bytes += len(page.gzip); c.bytes > cacheBytes; {
		c.pages.RemoveOldest()
	}
}

// shared tells whether this answer may come from, and go to, the shared cache: nothing about the reader may matter but
// the language.
func (r *Request) shared() bool {
	return !r.rules.fresh && !r.rules.members && !r.Visitor.Known() && r.flash == "" &&
		len(r.echo.Request().URL.RequestURI()) <= cacheQuery
}

// answerShared answers from the cache.
func (p *Portal) answerShared(r *Request, h func(*Request) (Page, error)) error {
	key := sharedKey{uri: r.echo.Request().URL.RequestURI(), language: r.Lang.Code, json: r.JSON()}
	if p.base == nil {
		key.base = p.baseFor(r.echo.Request())
	}
	generation := p.generation() // before rendering: what changes meanwhile makes the page stale, not wrong
	page, err := p.cache.get(key, generation, r.now, func() (*rendering, error) {
		return p.renderShared(r.anonymous(), h, generation)
	})
	if err != nil {
		return p.refuse(r, err, nil)
	}
	return p.sendShared(r, page)
}

// anonymous is the request without anything that could tell readers apart, whoever happened to be the first to ask.
func (r *Request) anonymous() *Request {
	return &Request{Lang: r.Lang, portal: r.portal, echo: r.echo, rules: r.rules, now: r.now, anyone: true}
}

func (p *Portal) renderShared(r *Request, h func(*Request) (Page, error), generation uint64) (*rendering, error) {
	page, err := h(r)
	if err != nil {
		return nil, err
	}
	body, err := p.render(r, page, nil)
	if err != nil {
		return nil, err
	}
	end := r.now.Add(cacheAge)
	if u, ok := until(page); ok && u.Before(end) {
		end = u
	}
	for _, b := range r.banners {
		if b.Ends.Before(end) {
			end = b.Ends
		}
	}
	sum := sha256.Sum256(body)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	return &rendering{generation: generation, until: end, etag: tag, gzip: p.compress(body)}, nil
}

func (p *Portal) sendShared(r *Request, page *rendering) error {
	w, req := r.echo.Response(), r.echo.Request()
	h := w.Header()
	h.Set("ETag", page.etag)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", varies)
	if strings.Contains(req.Header.Get("If-None-Match"), page.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", r.contentType())
	body := page.gzip
	if takesGzip(req) {
		h.Set("Content-Encoding", "gzip")
	} else {
		z, err := gzip.NewReader(bytes.NewReader(page.gzip))
		if err != nil {
			return err
		}
		if body, err = io.ReadAll(z); err != nil {
			return err
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	w.Write(body) // fails when the visitor went away: nobody is left to tell
	return nil
}
