package portal

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"commonhub/hub/fault"
	"commonhub/web"
)

// problem is the body of a refusal for scripts: RFC 9457, with members of our own from "kind" on.
type problem struct {
	Type     string     `json:"type"` // always about:blank: Kind and Key say more than a page of ours could
	Title    string     `json:"title"`
	Status   int        `json:"status"`
	Detail   string     `json:"detail"` // in the reader's language
	Instance string     `json:"instance"`
	Kind     fault.Kind `json:"kind"`
	Key      string     `json:"key"` // message key: the same in every language
	Field    string     `json:"field,omitempty"`
	See      string     `json:"see,omitempty"`
}

// refuse answers with a fault: the form again, a fault page, or a problem. Accidents are logged here, once.
func (p *Portal) refuse(r *Request, err error, again func(*Request, *fault.Fault) (Page, error)) error {
	f := fault.Of(err)
	p.log(r, f)
	return p.show(r, f, f.Kind.Status(), again)
}

func (p *Portal) log(r *Request, f *fault.Fault) {
	req := r.echo.Request()
	switch {
	case errors.Is(f.Cause, context.Canceled): // the visitor went away
	case f.Kind.Status() >= http.StatusInternalServerError:
		p.o.Log.Error("request failed", "method", req.Method, "path", req.URL.Path, "err", f)
	default:
		p.o.Log.Debug("request refused", "method", req.Method, "path", req.URL.Path, "err", f)
	}
}

func (p *Portal) show(r *Request, f *fault.Fault, status int, again func(*Request, *fault.Fault) (Page, error)) error {
	if f.Kind == fault.SignIn {
		r.echo.Response().Header().Set("WWW-Authenticate", `Bearer realm="hub"`)
	}
	text := r.Lang.T(f.Key, f.Args...)
	if r.JSON() {
		return p.showProblem(r, f, status, text)
	}
	if again != nil {
		if page, err := again(r, f); err == nil {
			return p.answer(r, status, page, &web.Refusal{Text: text, Field: f.Field, See: f.See})
		} else {
			p.o.Log.Error("form page failed", "path", r.Path(), "err", err)
		}
	}
	refusal := &web.Refusal{Text: text, See: f.See}
	return p.answer(r, status, faultPage{kind: f.Kind, back: p.way(r)}, refusal)
}

func (p *Portal) showProblem(r *Request, f *fault.Fault, status int, detail string) error {
	raw, err := json.Marshal(problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail,
		Instance: r.Path(), Kind: f.Kind, Key: f.Key, Field: f.Field, See: f.See,
	})
	if err != nil {
		return err
	}
	h := r.echo.Response().Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", r.Lang.Code)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", varies)
	return p.write(r, status, append(raw, '\n'))
}

// unrouted is Echo's last resort: no such path or method, a panic, a page that failed while it was rendered.
func (p *Portal) unrouted(err error, c echo.Context) {
	if c.Response().Committed {
		p.o.Log.Error("answer broke off", "path", c.Request().URL.Path, "err", err)
		return
	}
	r, _ := p.admit(c) // how the session fares matters less than what already went wrong
	f, status := fault.Of(err), 0
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		f, status = httpFault(he), he.Code
	} else {
		status = f.Kind.Status()
		p.log(r, f)
	}
	if err := p.show(r, f, status, nil); err != nil {
		p.o.Log.Error("fault page failed", "path", c.Request().URL.Path, "err", err)
		c.Response().WriteHeader(http.StatusInternalServerError)
		io.WriteString(c.Response(), http.StatusText(http.StatusInternalServerError))
	}
}

func httpFault(he *echo.HTTPError) *fault.Fault {
	switch he.Code {
	case http.StatusNotFound:
		return fault.New(fault.NotFound, "portal.not-found")
	case http.StatusMethodNotAllowed:
		return fault.New(fault.Invalid, "portal.method")
	}
	return fault.New(fault.Internal, "fault.internal").Because(he)
}

// faultPage stands where a page could not be shown; the sentence itself is the frame's refusal.
type faultPage struct {
	kind fault.Kind
	back string
}

// Title says in a few words what sort of refusal it is.
func (p faultPage) Title(f *web.Frame) string {
	switch p.kind {
	case fault.NotFound, fault.Gone:
		return f.T("portal.title-not-found")
	case fault.SignIn:
		return f.T("portal.title-sign-in")
	case fault.Denied:
		return f.T("portal.title-denied")
	case fault.Internal, fault.Unavailable, fault.Full:
		return f.T("portal.title-broken")
	}
	return f.T("portal.title-refused")
}

// HTML offers the way on.
//
//go:noinline
func (p faultPage) HTML(f *web.Frame) templ.Component {
	if p.kind == fault.SignIn {
		return web.Link(f, f.SignIn(), f.T("web.sign-in"), "person")
	}
	return web.Link(f, "/", f.T("portal.home"), "house")
}
