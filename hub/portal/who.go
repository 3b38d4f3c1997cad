package portal

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"commonhub/hub/fault"
	"commonhub/hub/people"
)

// Names of our cookies. None is Secure: a hub speaks plain http on its own network.
const (
	sessionCookie  = "hub"
	guestCookie    = "hub-guest" // binds a guest's form token to one browser
	flashCookie    = "hub-flash" // key of a sentence to show once
	languageCookie = "hub-language"
)

// admit finds out who asks and in which language, and whether the route is for them. The Request is there even beside
// an error, so that the refusal can be spoken.
func (p *Portal) admit(c echo.Context) (*Request, error) {
	r := &Request{portal: p, echo: c, rules: p.routes[c.Request().Method+" "+c.Path()], now: p.o.Now()}
	visitor, err := p.recognise(r)
	r.Visitor = visitor
	r.Lang = p.language(c.Request(), visitor)
	if err != nil {
		return r, err
	}
	r.flash = cookie(c.Request(), flashCookie)
	switch {
	case r.rules.members && !visitor.Known():
		return r, fault.New(fault.SignIn, "portal.sign-in-first")
	case r.rules.stewards && !visitor.Steward:
		return r, fault.New(fault.Denied, "portal.stewards-only")
	}
	return r, nil
}

// recognise asks people who the bearer token, or else the session cookie, belongs to. A session that we do not know makes
// a guest, and the cookie stays: it may belong to another hub on this host, since cookies know no ports. A bearer
// that is not valid is refused, since a script would otherwise wonder what it lacks.
func (p *Portal) recognise(r *Request) (people.Visitor, error) {
	if bearer, ok := bearer(r.echo.Request()); ok {
		return p.o.People.Bearer(bearer)
	}
	token := cookie(r.echo.Request(), sessionCookie)
	if token == "" {
		return people.Visitor{}, nil
	}
	visitor, err := p.o.People.Session(token)
	switch {
	case err == nil && visitor.Known():
		r.token = token
		return visitor, nil
	case err == nil || fault.Is(err, fault.SignIn) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone):
		return people.Visitor{}, nil
	}
	return people.Visitor{}, err
}

func bearer(r *http.Request) (string, bool) {
	const scheme = "bearer "
	h := r.Header.Get("Authorization")
	if len(h) < len(scheme) || !strings.EqualFold(h[:len(scheme)], scheme) {
		return "", false
	}
	return strings.TrimSpace(h[len(scheme):]), true
}

// cookie gives a cookie's value, "" without it. Ours are short; what is longer is not ours.
func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil || len(c.Value) > 256 {
		return ""
	}
	return c.Value
}

// setCookie sets a cookie that scripts cannot read and that other sites' posts do not carry. age is in seconds: 0 lasts
// until the browser closes, negative deletes.
func (p *Portal) setCookie(r *Request, name, value string, age int) {
	http.SetCookie(r.echo.Response(), &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.echo.Request().TLS != nil,
	})
}
