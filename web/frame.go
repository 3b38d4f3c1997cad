package web

import (
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"
)

// Frame is all that a page may show besides its own content: who reads it, in which language, what just happened. The
// portal fills it; components take it first, and find sentences by the methods of Lang.
type Frame struct {
	*Lang
	Title     string  // of the document and of its h1
	Path      string  // path and query of this page: where switching language or signing in leads back to
	HubName   string  // chosen by people: always shown with dir="auto"
	Visitor   Visitor // who reads
	Nav       []NavItem
	Languages []*Lang
	FormToken string   // goes into every POST form, by FormFields
	Key       string   // stem of the idempotency keys of this page's forms, fresh per rendering; "" without
	Flash     string   // a sentence about what was just done, "" if nothing was
	Refusal   *Refusal // why the form came back, nil if it did not
	Banners   []Banner
	Now       time.Time
	Assets    *Assets

	forms int // that have taken a key
}

// formKey gives each form of the page a key of its own: two buttons that send the same to one route are two wishes.
func (f *Frame) formKey() string {
	if f.Key == "" {
		return ""
	}
	f.forms++
	return f.Key + "-" + strconv.Itoa(f.forms)
}

// Visitor is who reads the page, as far as the frame cares.
type Visitor struct {
	Known   bool // signed in
	Steward bool
	Name    string // display name, "" if erased
	Member  string // handle
}

// NavItem is an entry of the main navigation.
type NavItem struct {
	Path  string // "/notices"
	Key   string // message key of its label
	Icon  string // name in the sprite
	Order int    // smaller comes first
}

// Refusal is a fault in the reader's words.
type Refusal struct {
	Text  string // the sentence
	Field string // name of the form field that it belongs to, "" for the whole form
	See   string // path of the thing in the way, "" if there is none
}

// On gives the sentence about one field, "" if the refusal is not about it.
func (r *Refusal) On(field string) string {
	if r == nil || r.Field == "" || r.Field != field {
		return ""
	}
	return r.Text
}

// current tells whether the item leads to the page that is shown, or to the part of the site that holds it.
func (f *Frame) current(item NavItem) bool {
	path := f.Path
	if u, err := url.Parse(f.Path); err == nil {
		path = u.Path
	}
	if item.Path == "/" || path == item.Path {
		return path == item.Path
	}
	return len(path) > len(item.Path) && path[:len(item.Path)] == item.Path && path[len(item.Path)] == '/'
}

// speak is the address of this same page in another language.
func (f *Frame) speak(l *Lang) string {
	u, err := url.Parse(f.Path)
	if err != nil {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Set("lang", l.Code)
	u.RawQuery = q.Encode()
	return u.String()
}

// SignIn is the address of the sign-in page that leads back here. On that page it is the page itself, which knows the way back.
func (f *Frame) SignIn() string {
	if f.Path == "/" || f.Path == "" {
		return "/sign-in"
	}
	if f.current(NavItem{Path: "/sign-in"}) {
		return f.Path
	}
	return "/sign-in?back=" + url.QueryEscape(f.Path)
}

// here marks a link that leads to where the reader already is.
func here(current bool) templ.Attributes {
	if !current {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}
