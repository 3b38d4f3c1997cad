package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"commonhub/web"
)

// varies names the request headers that decide what a page looks like.
const varies = "Accept, Accept-Encoding, Accept-Language, Authorization, Cookie"

// frame is what web.Page shows around a page for this reader.
func (p *Portal) frame(r *Request, page Page, refusal *web.Refusal) *web.Frame {
	f := &web.Frame{
		Lang: r.Lang, Path: p.way(r), HubName: p.o.Name(), Nav: p.nav, Languages: p.o.Words.All(), Refusal: refusal,
		Now: r.now, Assets: p.assets, FormToken: p.formToken(r), Banners: r.banners,
		Visitor: web.Visitor{Known: r.Visitor.Known(), Steward: r.Visitor.Steward, Name: r.Visitor.Name, Member: r.Visitor.Member},
	}
	if f.FormToken != "" {
		f.Key = rand.Text()
	}
	if r.flash != "" && r.Lang.Has(r.flash) {
		f.Flash = r.Lang.T(r.flash)
	}
	f.Title = page.Title(f)
	return f
}

// way is where the language switch and the sign-in lead back to: this page, or the start if it answers no GET.
func (p *Portal) way(r *Request) string {
	if !p.gets[r.echo.Path()] {
		return "/"
	}
	if r.echo.Request().Method == http.MethodPost {
		return r.echo.Request().URL.Path
	}
	return r.echo.Request().URL.RequestURI()
}

// render writes the page as the client asked for it: in its frame, or as JSON.
func (p *Portal) render(r *Request, page Page, refusal *web.Refusal) ([]byte, error) {
	var b bytes.Buffer
	if r.JSON() {
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(page)
		return b.Bytes(), err
	}
	r.banners = p.bannersFor(r)
	f := p.frame(r, page, refusal)
	err := web.Page(f, page.HTML(f)).Render(r.Context(), &b)
	return b.Bytes(), err
}

func (r *Request) contentType() string {
	if r.JSON() {
		return "application/json; charset=utf-8"
	}
	return "text/html; charset=utf-8"
}

// answer renders a page for this one reader.
func (p *Portal) answer(r *Request, status int, page Page, refusal *web.Refusal) error {
	if !r.JSON() && (r.rules.fresh || status != http.StatusOK) {
		p.bind(r)
	}
	if r.flash != "" && !r.JSON() {
		p.setCookie(r, flashCookie, "", -1)
	}
	body, err := p.render(r, page, refusal)
	if err != nil {
		return err
	}
	h := r.echo.Response().Header()
	h.Set("Content-Type", r.contentType())
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", varies)
	return p.write(r, status, body)
}

// write sends a body, compressed if that helps and the client can take it.
func (p *Portal) write(r *Request, status int, body []byte) error {
	w := r.echo.Response()
	const worthwhile = 1 << 10
	if len(body) >= worthwhile && takesGzip(r.echo.Request()) {
		body = p.compress(body)
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // fails when the visitor went away: nobody is left to tell
	return nil
}

func (p *Portal) compress(body []byte) []byte {
	z := p.gzips.Get().(*gzip.Writer)
	defer p.gzips.Put(z)
	var b bytes.Buffer
	z.Reset(&b)
	z.Write(body) // into memory: cannot fail
	z.Close()
	return b.Bytes()
}

// takesGzip reads Accept-Encoding as far as gzip goes: named, and not with a quality of zero.
func takesGzip(req *http.Request) bool {
	for one := range strings.SplitSeq(req.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.TrimSpace(name) != "gzip" {
			continue
		}
		weight, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(q), "q="), 64)
		return err != nil || weight > 0
	}
	return false
}

// until is the earliest instant at which the page changes by itself, if it says so.
func until(page Page) (time.Time, bool) {
	u, ok := page.(interface{ Until() time.Time })
	if !ok || u.Until().IsZero() {
		return time.Time{}, false
	}
	return u.Until(), true
}
