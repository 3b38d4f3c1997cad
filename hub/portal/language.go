package portal

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"commonhub/hub/people"
	"commonhub/web"
)

const year = 365 * 24 * 60 * 60 // seconds

// language finds the reader's: the one chosen on this device by the switch, the member's, the browser's, the hub's. The
// switch comes before the member's so that a click on it always does something; signing in clears it.
func (p *Portal) language(req *http.Request, v people.Visitor) *web.Lang {
	return p.o.Words.Match(cookie(req, languageCookie), v.Language, req.Header.Get("Accept-Language"), p.o.Language)
}

// switchLanguage answers a GET with ?lang=xx by keeping the choice on this device and leading back to the page.
func (p *Portal) switchLanguage(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		req := c.Request()
		q := req.URL.Query()
		if !q.Has("lang") || req.Method != http.MethodGet && req.Method != http.MethodHead {
			return next(c)
		}
		for _, l := range p.o.Words.All() {
			if l.Code == q.Get("lang") {
				p.setCookie(&Request{echo: c}, languageCookie, l.Code, year)
			}
		}
		q.Del("lang")
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.Redirect(http.StatusSeeOther, (&url.URL{Path: req.URL.Path, RawQuery: q.Encode()}).String())
	}
}
