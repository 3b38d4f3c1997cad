package portal

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"commonhub/hub/people"
	"commonhub/web"
)

// Request is one request as a page or an act sees it. It belongs to its handler and must not outlive it.
type Request struct {
	Visitor people.Visitor
	Lang    *web.Lang

	portal *Portal
	echo   echo.Context
	rules  rules
	now    time.Time
	token  string // the session cookie's value, "" without a session
	guest  string // the guest cookie's value, made when a form needs it
	flash  string // message key that an earlier act left
	form   *form

	banners []web.Banner // that its page shows

	anyone bool // rendered for the shared cache: nothing about the reader may be looked at
}

type requestKey struct{}

// From gives a Raw handler the request behind r. r must be the one that the portal handed to that handler.
func From(r *http.Request) *Request {
	return r.Context().Value(requestKey{}).(*Request)
}

// Context ends when the visitor goes away; that of a page which others wait for too does not.
func (r *Request) Context() context.Context {
	if r.anyone {
		return context.WithoutCancel(r.echo.Request().Context())
	}
	return r.echo.Request().Context()
}

// Now is one instant for the whole request.
func (r *Request) Now() time.Time { return r.now }

// Param is a part of the path, such as "id" of "/notices/:id".
func (r *Request) Param(name string) string {
	v := r.echo.Param(name)
	if r.echo.Request().URL.RawPath == "" {
		return v
	}
	// Echo matches the escaped path where there is one, and hands its parts out as they are.
	if plain, err := url.PathUnescape(v); err == nil {
		return plain
	}
	return v
}

// Query is a parameter of the address, "" if absent.
func (r *Request) Query(name string) string { return r.echo.QueryParam(name) }

// Path is the path of the request, without the query.
func (r *Request) Path() string { return r.echo.Request().URL.Path }

// URL makes a path absolute: under Options.URL, or else under the address that the visitor's connection arrived at.
func (r *Request) URL(path string) string { return r.portal.baseFor(r.echo.Request()) + path }

// Back is where the visitor wanted to go ("back" in the form or the query), if that is a path of ours, else fallback.
func (r *Request) Back(fallback string) string {
	for _, path := range []string{r.Form("back"), r.Query("back")} {
		if local(path) {
			return path
		}
	}
	return fallback
}

// Remote is the address that the request came from, for rate limits; the zero Addr if there is none.
func (r *Request) Remote() netip.Addr {
	host, _, err := net.SplitHostPort(r.echo.Request().RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

// Agent is what the browser calls itself, cut to 200 bytes, for the list of sessions.
func (r *Request) Agent() string {
	const most = 200
	s := r.echo.Request().UserAgent()
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}

// JSON tells whether the answer is to be JSON rather than a page: the client asked for it, or sent it.
func (r *Request) JSON() bool {
	// A browser's "*/*" means a page: only JSON by its name counts.
	h := r.echo.Request().Header
	return strings.Contains(h.Get("Accept"), typeJSON) || strings.HasPrefix(h.Get("Content-Type"), typeJSON)
}

const typeJSON = "application/json"

// local tells whether a path leads into this site: "//host", "/\host" and anything with a scheme lead elsewhere.
func local(path string) bool {
	if len(path) > 1000 || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "\\\r\n\t") {
		return false
	}
	u, err := url.Parse(path)
	return err == nil && u.Scheme == "" && u.Host == "" && !strings.HasPrefix(path, "//")
}
