package portal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"commonhub/hub/fault"
)

// A post may be forged: another site's page makes a member's browser send it. Two walls stand against that. The first is
// net/http's CrossOriginProtection, which goes by Sec-Fetch-Site and Origin; old phones, and all phones on plain http,
// may send neither. The second is a token in every form, an HMAC over the session (or, for guests, over a random cookie),
// which another site can neither read nor compute. The same cookie alone would not do: another hub on the
// same host but another port shares our cookies.
//
// Two kinds of posts need no token, since no browser sends them on another's behalf with any authority:
//   - with a bearer token, which only its holder can put in the header;
//   - JSON posts (Content-Type or Accept says application/json) that carry no session cookie. A cross-site page can send
//     such a post only without cookies' authority; and its answer sets no cookie (see conclude), so that
//     nobody can be signed in as somebody else by it.

// genuineOrigin is the first wall.
func (p *Portal) genuineOrigin(r *Request) error {
	if r.Visitor.Bearer {
		return nil
	}
	if err := p.origin.Check(r.echo.Request()); err != nil {
		return fault.New(fault.Denied, "portal.foreign-form").Because(err)
	}
	return nil
}

// genuineForm is the second wall. The body must have been parsed.
func (p *Portal) genuineForm(r *Request) error {
	if r.Visitor.Bearer || r.script() {
		return nil
	}
	sent := r.Form(tokenField)
	if sent == "" {
		sent = r.echo.Request().Header.Get("X-Form-Token")
	}
	want := p.formToken(r)
	if want == "" || !hmac.Equal([]byte(sent), []byte(want)) {
		return fault.New(fault.Denied, "portal.stale-form")
	}
	return nil
}

// script tells a JSON post without a session cookie, valid or not.
func (r *Request) script() bool {
	return r.JSON() && cookie(r.echo.Request(), sessionCookie) == ""
}

// formToken is what a form of this visitor must carry, "" for a guest without a guest cookie.
func (p *Portal) formToken(r *Request) string {
	switch {
	case r.token != "":
		return p.sign("session", r.token)
	case r.guestToken() != "":
		return p.sign("guest", r.guestToken())
	}
	return ""
}

func (r *Request) guestToken() string {
	if r.guest == "" && !r.anyone {
		r.guest = cookie(r.echo.Request(), guestCookie)
	}
	return r.guest
}

// bind makes sure that a guest who is shown a form has a cookie to bind it to.
func (p *Portal) bind(r *Request) {
	if r.token != "" || r.Visitor.Bearer || r.guestToken() != "" {
		return
	}
	r.guest = rand.Text()
	p.setCookie(r, guestCookie, r.guest, 0)
}

func (p *Portal) sign(kind, value string) string {
	m := hmac.New(sha256.New, p.o.Secret)
	m.Write([]byte("commonhub form " + kind + "\n" + value))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])
}
