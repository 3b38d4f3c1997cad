package portal

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"
)

// policy lets a page use what this hub serves and nothing else: no inline script or style, no frames, no other host.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// nothingAtAll is the policy of what programs fetch, should a browser show it.
const nothingAtAll = "default-src 'none'; frame-ancestors 'none'"

// headers go out with every answer, whoever writes it. Other hubs, often behind a slow link, are spared what only a page has a use
// for: it was a third of what one new entry costs.
func (p *Portal) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		if p.routes[c.Request().Method+" "+c.Path()].anyHost {
			h.Set("Content-Security-Policy", nothingAtAll)
			return next(c)
		}
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Frame-Options", "DENY") // for phones from before frame-ancestors
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		return next(c)
	}
}

// recovered turns a panic into a fault page, so that one bad page does not end everybody's evening.
func (p *Portal) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause) // net/http's own way to cut a connection
			}
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}()
		return next(c)
	}
}

// withoutTrailingSlash lets "/notices/" be "/notices".
func withoutTrailingSlash(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		if len(u.Path) > 1 {
			u.Path = "/" + strings.Trim(u.Path, "/")
			if u.RawPath != "" {
				u.RawPath = "/" + strings.Trim(u.RawPath, "/")
			}
		}
		return next(c)
	}
}
