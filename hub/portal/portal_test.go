package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/people"
	"commonhub/web"
)

// house is a portal with a few routes, a clock and a generation that a test turns by hand.
type house struct {
	*Portal
	t          testing.TB
	generation atomic.Uint64
	now        atomic.Int64 // unix nanoseconds
	changes    chan struct{}
	renders    atomic.Int64 // of pages
	acts       atomic.Int64
}

// guests are sessions and bearers by their token: "s-" and "b-" followed by the handle; m1 is the steward.
type guests struct{}

func (guests) Session(token string) (people.Visitor, error) {
	member, ok := strings.CutPrefix(token, "s-")
	switch {
	case !ok:
		return people.Visitor{}, fault.New(fault.SignIn, "portal.sign-in-first")
	case member == "broken":
		return people.Visitor{}, errors.New("the disk is on fire")
	}
	return people.Visitor{Member: member, Household: "h1", Name: "Name of " + member, Steward: member == "m1", Session: "1"}, nil
}

func (guests) Bearer(token string) (people.Visitor, error) {
	member, ok := strings.CutPrefix(token, "b-")
	if !ok {
		return people.Visitor{}, fault.New(fault.SignIn, "portal.sign-in-first")
	}
	return people.Visitor{Member: member, Household: "h1", Bearer: true}, nil
}

// page says what it was given, so that a test sees where an answer came from.
type page struct {
	Text   string    `json:"text"`
	Until_ time.Time `json:"-"`
	html   templ.Component
}

func (p page) Title(f *web.Frame) string { return "A page" }
func (p page) Until() time.Time          { return p.Until_ }
func (p page) HTML(f *web.Frame) templ.Component {
	if p.html != nil {
		return p.html
	}
	return templ.Join(web.Text(p.Text), web.Form(f, "/post"))
}

func open(t testing.TB, change func(*Options)) *house {
	t.Helper()
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, changes: make(chan struct{}, 1)}
	h.now.Store(time.Date(2026, 3, 9, 17, 4, 0, 0, time.UTC).UnixNano())
	o := Options{
		Name: func() string { return "Olive Court" }, Words: words, People: guests{}, Generation: h.generation.Load,
		Changes: func() (<-chan struct{}, func()) { return h.changes, func() {} },
		Secret:  []byte(strings.Repeat("secret", 6)), Now: func() time.Time { return time.Unix(0, h.now.Load()).UTC() },
	}
	if change != nil {
		change(&o)
	}
	if h.Portal, err = New(o); err != nil {
		t.Fatal(err)
	}
	h.mount()
	return h
}

func (h *house) mount() {
	show := func(r *Request) (Page, error) {
		n := h.renders.Add(1)
		return page{Text: fmt.Sprintf("render %d for %q in %s, id %q, q %q", n, r.Visitor.Member, r.Lang.Code, r.Param("id"), r.Query("q"))}, nil
	}
	act := func(r *Request) (Outcome, error) {
		h.acts.Add(1)
		switch r.Form("title") {
		case "":
			return Outcome{}, fault.New(fault.Invalid, "portal.bad-characters").On("title")
		case "broken":
			return Outcome{}, errors.New("secret words of the disk")
		case "taken":
			return Outcome{}, fault.New(fault.Conflict, "portal.not-found").Seeing("/notices/7")
		}
		return Outcome{See: r.Back("/notices/1"), Created: Created{ID: "1", URL: r.URL("/notices/1")}, Flash: "portal.home"}, nil
	}
	again := func(r *Request, _ *fault.Fault) (Page, error) { return page{Text: "you wrote " + r.Form("text")}, nil }
	h.Get("/", show)
	h.Get("/notices/:id", show)
	h.Get("/fresh", show, Fresh)
	h.Get("/mine", show, Members)
	h.Get("/keys", show, Stewards)
	h.Get("/gone", func(*Request) (Page, error) { return nil, fault.New(fault.Gone, "portal.not-found") })
	h.Get("/panic", func(*Request) (Page, error) { panic("at the disco") })
	h.Get("/torn", func(*Request) (Page, error) {
		return page{html: templ.ComponentFunc(func(context.Context, io.Writer) error { return errors.New("torn") })}, nil
	})
	h.Post("/post", act, again)
	h.Post("/mine", act, again, Members, Uploads(2, 1<<20))
	h.Post("/enter", func(*Request) (Outcome, error) {
		return Outcome{See: "/", Session: "s-m2", Created: map[string]string{"token": "b-m2"}}, nil
	}, nil)
	h.Raw(http.MethodGet, "/raw", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "raw for %q", From(r).Visitor.Member)
	}), AnyHost)
	h.Nav(web.NavItem{Path: "/", Key: "portal.home", Icon: "house"})
}

// with changes a request before it is sent.
type with func(*http.Request)

func as(member string) with { return setCookie(sessionCookie, "s-"+member) }

func setCookie(name, value string) with {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: name, Value: value}) }
}

func header(name, value string) with { return func(r *http.Request) { r.Header.Set(name, value) } }

func host(name string) with { return func(r *http.Request) { r.Host = name } }

var asJSON = header("Accept", "application/json")

// ask sends a request as a browser at 10.0.0.1 would, unless told otherwise.
func (h *house) ask(method, path, body string, changes ...with) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "10.0.0.1:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, change := range changes {
		change(r)
	}
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	return w
}

func (h *house) get(path string, changes ...with) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.ask(http.MethodGet, path, "", changes...)
}

func (h *house) want(w *httptest.ResponseRecorder, status int, texts ...string) {
	h.t.Helper()
	if w.Code != status {
		h.t.Errorf("status %d, want %d: %.300s", w.Code, status, w.Body)
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			h.t.Errorf("the answer lacks %q: %.3000s", text, w.Body)
		}
	}
}

func TestEveryAnswerIsStrict(t *testing.T) {
	h := open(t, nil)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"page":        h.get("/"),
		"cached":      h.get("/"),
		"member's":    h.get("/mine", as("m2")),
		"sign in":     h.get("/mine"),
		"JSON":        h.get("/", asJSON),
		"not found":   h.get("/nowhere"),
		"not allowed": h.ask("DELETE", "/", ""),
		"options":     h.ask("OPTIONS", "/", ""),
		"elsewhere":   h.get("/", host("captive.example")),
		"language":    h.get("/?lang=ar"),
		"refused":     h.ask("POST", "/post", "title="),
		"done":        h.ask("POST", "/enter", "a=b", asJSON),
		"panic":       h.get("/panic"),
		"torn":        h.get("/torn"),
		"asset":       h.get(h.assets.Path("hub.css")),
		"raw":         h.get("/raw"),
		"health":      h.get("/healthz"),
	} {
		wants := map[string]string{"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
		if name == "raw" || name == "health" { // under any host: for programs
			wants = map[string]string{"Content-Security-Policy": nothingAtAll, "X-Content-Type-Options": "nosniff"}
		}
		for header, want := range wants {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s (%d): %s = %q", name, w.Code, header, got)
			}
		}
		if w.Header().Get("Cache-Control") == "" && w.Code != http.StatusNoContent && name != "raw" {
			t.Errorf("%s (%d) does not say how long it lasts", name, w.Code)
		}
	}
}

func TestAccidentsStayInside(t *testing.T) {
	h := open(t, nil)
	h.want(h.get("/panic"), 500, "The hub has trouble")
	h.want(h.get("/torn"), 500, "The hub has trouble")
	h.want(h.get("/mine", as("broken")), 500)
	w := h.ask("POST", "/post", "title=broken", asJSON)
	h.want(w, 500, `"key":"fault.internal"`)
	if strings.Contains(w.Body.String(), "disk") {
		t.Error("the cause of an accident was sent to a browser")
	}
	h.want(h.get("/"), 200) // and the house stands
}

func TestEntitlement(t *testing.T) {
	h := open(t, nil)
	for _, c := range []struct {
		path   string
		who    with
		status int
	}{
		{"/mine", header("X", "y"), 401},
		{"/mine", as("m2"), 200},
		{"/mine", setCookie(sessionCookie, "ended"), 401},
		{"/mine", header("Authorization", "Bearer b-m2"), 200},
		{"/mine", header("Authorization", "bearer nobody"), 401},
		{"/", header("Authorization", "Bearer nobody"), 401}, // a script with a bad token should hear of it
		{"/", setCookie(sessionCookie, "ended"), 200},
		{"/keys", as("m2"), 403},
		{"/keys", as("m1"), 200},
		{"/keys", header("X", "y"), 401},
	} {
		w := h.get(c.path, c.who)
		h.want(w, c.status)
		if (w.Header().Get("WWW-Authenticate") != "") != (c.status == 401) {
			t.Errorf("%s: WWW-Authenticate %q with %d", c.path, w.Header().Get("WWW-Authenticate"), c.status)
		}
	}
	if w := h.get("/mine"); !strings.Contains(w.Body.String(), "/sign-in?back=%2Fmine") {
		t.Errorf("a guest is not led to sign in and back: %s", w.Body)
	}
	if w := h.get("/", setCookie(sessionCookie, "of-another-hub")); w.Header().Get("Set-Cookie") != "" {
		t.Errorf("another hub on this host lost its session: %v", w.Header())
	}
}

func TestPathsAreForgiving(t *testing.T) {
	h := open(t, nil)
	h.want(h.get("/notices/7/"), 200, "id &#34;7&#34;")
	h.want(h.get("/notices/a%2Fb%20c"), 200, "id &#34;a/b c&#34;")
	h.want(h.get("/nowhere"), 404, "Nothing here")
	h.want(h.ask("PUT", "/notices/7", ""), 405)
	w := h.ask("HEAD", "/notices/7", "")
	h.want(w, 200)
	if w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("HEAD answers %v", w.Header())
	}
}

func TestAssets(t *testing.T) {
	h := open(t, nil)
	path := h.assets.Path("hub.css")
	plain, packed := h.get(path), h.get(path, header("Accept-Encoding", "gzip"))
	h.want(plain, 200, "--paper")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= plain.Body.Len() {
		t.Errorf("the stylesheet is not compressed: %v", packed.Header())
	}
	if c := plain.Header().Get("Cache-Control"); !strings.Contains(c, "immutable") {
		t.Errorf("Cache-Control %q", c)
	}
	for _, wrong := range []string{"/assets/0000000000000000/hub.css", "/assets/" + strings.Split(path, "/")[2] + "/live.js", "/assets/x/..%2fwords.go"} {
		w := h.get(wrong)
		h.want(w, 404)
		if c := w.Header().Get("Cache-Control"); c != "no-store" {
			t.Errorf("%s: Cache-Control %q", wrong, c)
		}
	}
}
