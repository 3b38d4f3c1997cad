package portal

import (
	"encoding/json"
	"net/http"
)

// Outcome is what an act that went well answers.
type Outcome struct {
	See      string // path that a browser is led to (303), "" = "/"
	Created  any    // for a script: the body of a 201; nil = 200 with {"see": …}
	Session  string // session token to keep in the browser, "" for none
	SignOut  bool   // forget the session in the browser
	Language string // a language that the member chose: any earlier choice on this device gives way to it
	Flash    string // message key, without arguments, shown once on the page that See leads to
}

// Created is the body of a 201 for one new thing.
type Created struct {
	ID    string `json:"id"`
	URL   string `json:"url"`   // absolute
	Index uint64 `json:"index"` // of its event in our record
	Leaf  string `json:"leaf"`  // hex leaf hash of its event
}

// conclude answers an act. A script gets no cookies: what it needs is in the body, and a cross-site
// post cannot sign a browser in.
func (p *Portal) conclude(r *Request, o Outcome) error {
	if !local(o.See) {
		o.See = "/"
	}
	h := r.echo.Response().Header()
	h.Set("Cache-Control", "no-store")
	if r.JSON() {
		return p.concludeJSON(r, o)
	}
	switch {
	case o.Session != "":
		p.setCookie(r, sessionCookie, o.Session, year)
		p.setCookie(r, guestCookie, "", -1)
		p.setCookie(r, languageCookie, "", -1)
	case o.SignOut:
		p.setCookie(r, sessionCookie, "", -1)
	case o.Language != "":
		p.setCookie(r, languageCookie, "", -1)
	}
	if o.Flash != "" {
		p.setCookie(r, flashCookie, o.Flash, 60)
	}
	return r.echo.Redirect(http.StatusSeeOther, o.See)
}

func (p *Portal) concludeJSON(r *Request, o Outcome) error {
	status, body := http.StatusCreated, o.Created
	if body == nil {
		status, body = http.StatusOK, struct {
			See string `json:"see"`
		}{o.See}
	} else {
		r.echo.Response().Header().Set("Location", o.See)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r.echo.Response().Header().Set("Content-Type", "application/json; charset=utf-8")
	return p.write(r, status, append(raw, '\n'))
}
