package portal

import (
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

// atHome answers only under our own names. Any other Host is either a phone looking for the internet or a page that had
// its name rebound to our address; both are sent to an address of ours. The name that they used is never repeated.
func (p *Portal) atHome(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		req := c.Request()
		if p.ours(req.Host) || p.routes[req.Method+" "+c.Path()].anyHost {
			return next(c)
		}
		h := c.Response().Header()
		h.Set("Location", p.baseFor(req)+"/")
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		c.Response().WriteHeader(http.StatusFound)
		// Some phones take an empty redirect for a broken network.
		_, err := io.WriteString(c.Response(), "The hub is over there.\n")
		return err
	}
}

// ours tells whether a Host header names this hub: a configured name, localhost, or any IP literal, since
// rebinding needs a name.
func (p *Portal) ours(host string) bool {
	bare := bareHost(host)
	if p.hosts[bare] {
		return true
	}
	_, err := netip.ParseAddr(bare)
	return err == nil
}

// bareHost strips port, brackets and the root's dot, and folds case.
func bareHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// baseFor is the address of this hub for the sender of req, without a slash at its end: the configured one, or that at
// which the connection arrived.
func (p *Portal) baseFor(req *http.Request) string {
	if p.base != nil {
		return p.base.String()
	}
	if a, ok := req.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if ap, err := netip.ParseAddrPort(a.String()); err == nil {
			return "http://" + withoutPort80(netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port()))
		}
	}
	return "http://localhost"
}

func withoutPort80(ap netip.AddrPort) string {
	if ap.Port() != 80 {
		return ap.String()
	}
	return strings.TrimSuffix(ap.String(), ":80")
}
