package portal

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"commonhub/hub/fault"
	"commonhub/web"
)

// Page is what a GET answers. The struct with its json tags is also the page's JSON.
//
// Methods HTML carry go:noinline: a templ component is a function around one large closure, which the compiler would copy into the
// method and once more into the method's wrapper for pointers, every page twice. It was 200 kB of a router's flash.
type Page interface {
	Title(f *web.Frame) string         // of document and h1
	HTML(f *web.Frame) templ.Component // goes inside web.Page
}

// rules are what a route asks of its visitors.
type rules struct {
	members  bool
	stewards bool
	fresh    bool
	anyHost  bool
	files    int
	bytes    int64
}

// Option is a rule of one route: Members, Stewards, Fresh, AnyHost, Uploads.
type Option func(*rules)

// Members admits only who is signed in; guests get 401 and the way to sign in.
func Members(r *rules) { r.members = true }

// Stewards admits only stewards; other members get 403.
func Stewards(r *rules) { r.members, r.stewards = true, true }

// Fresh keeps a page out of the shared cache. A page with a form that guests may send needs it: the form token
// and the idempotency key are theirs alone. So does a page that shows what Generation does not cover.
func Fresh(r *rules) { r.fresh = true }

// AnyHost answers under whatever Host a client names: for what other hubs and tools fetch.
func AnyHost(r *rules) { r.anyHost = true }

// Uploads lets a Post carry files: at most so many, and so many bytes in all. Without it any file is refused.
func Uploads(files int, bytes int64) Option {
	return func(r *rules) { r.files, r.bytes = files, bytes }
}

// Get registers a page under an Echo path such as "/notices/:id". Guests share one rendering of it until the generation
// changes, so what it shows a guest must depend on path, query and language alone; Fresh lifts that.
func (p *Portal) Get(path string, h func(*Request) (Page, error), options ...Option) {
	p.gets[path] = true
	handler := func(c echo.Context) error {
		r, err := p.admit(c)
		if err != nil {
			return p.refuse(r, err, nil)
		}
		if r.shared() {
			return p.answerShared(r, h)
		}
		page, err := h(r)
		if err != nil {
			return p.refuse(r, err, nil)
		}
		return p.answer(r, http.StatusOK, page, nil)
	}
	p.register(http.MethodGet, path, handler, options)
	p.register(http.MethodHead, path, handler, options)
}

// Post registers an act. again gives the filled-in form page for a refusal; nil means a plain fault page.
func (p *Portal) Post(path string, act func(*Request) (Outcome, error), again func(*Request, *fault.Fault) (Page, error), options ...Option) {
	p.register(http.MethodPost, path, func(c echo.Context) error {
		r, err := p.admit(c)
		if err != nil {
			return p.refuse(r, err, nil)
		}
		leave, err := p.enter(r)
		if err != nil {
			return p.refuse(r, err, nil)
		}
		defer leave()
		if err := p.genuineOrigin(r); err != nil {
			return p.refuse(r, err, nil)
		}
		if err := r.parse(); err != nil {
			return p.refuse(r, err, nil)
		}
		if len(r.form.files) == 0 {
			leave()
		}
		if err := p.genuineForm(r); err != nil {
			return p.refuse(r, err, again)
		}
		outcome, err := act(r)
		if err != nil {
			return p.refuse(r, err, again)
		}
		return p.conclude(r, outcome)
	}, options)
}

// rawLimit bounds what a Raw handler can read, in bytes; it may set a tighter bound.
const rawLimit = 1 << 20

// Raw registers a plain handler, for feeds, tiles and pictures. It may call From to learn who asks. Neither form token
// nor origin are checked: a Raw POST must not act on the strength of a session.
func (p *Portal) Raw(method, path string, h http.Handler, options ...Option) {
	handler := func(c echo.Context) error {
		r, err := p.admit(c)
		if err != nil {
			return p.refuse(r, err, nil)
		}
		req := c.Request().WithContext(context.WithValue(c.Request().Context(), requestKey{}, r))
		req.Body = http.MaxBytesReader(c.Response(), req.Body, rawLimit)
		h.ServeHTTP(c.Response(), req)
		return nil
	}
	p.register(method, path, handler, options)
	if method == http.MethodGet {
		p.register(http.MethodHead, path, handler, options)
	}
}

func (p *Portal) register(method, path string, h echo.HandlerFunc, options []Option) {
	var r rules
	for _, o := range options {
		o(&r)
	}
	p.routes[method+" "+path] = r
	p.echo.Add(method, path, h)
}

// Nav adds an entry to the main navigation.
func (p *Portal) Nav(item web.NavItem) {
	p.nav = append(p.nav, item)
	sort.SliceStable(p.nav, func(i, j int) bool { return p.nav[i].Order < p.nav[j].Order })
}

// Part is a service's share of the home page; its struct is its JSON.
type Part interface {
	HTML(f *web.Frame) templ.Component
}

// Nothing is the Part of a service that has nothing to say today.
type Nothing struct{}

// HTML shows nothing.
func (Nothing) HTML(*web.Frame) templ.Component { return templ.NopComponent }

// MarshalJSON says nothing.
func (Nothing) MarshalJSON() ([]byte, error) { return json.Marshal(nil) }

type share struct {
	order int
	part  func(*Request) (Part, error)
}

// Today adds a service's share to the home page; smaller orders come first.
func (p *Portal) Today(order int, part func(*Request) (Part, error)) {
	p.today = append(p.today, share{order, part})
	sort.SliceStable(p.today, func(i, j int) bool { return p.today[i].order < p.today[j].order })
}

// Parts asks every service for its share of the home page, without those that have Nothing to say.
func (p *Portal) Parts(r *Request) ([]Part, error) {
	parts := make([]Part, 0, len(p.today))
	for _, s := range p.today {
		part, err := s.part(r)
		if err != nil {
			return nil, err
		}
		if _, nothing := part.(Nothing); !nothing {
			parts = append(parts, part)
		}
	}
	return parts, nil
}
