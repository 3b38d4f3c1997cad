package callout

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// door knows a member by a session or token that is their handle.
type door struct{}

func (door) Session(token string) (people.Visitor, error) {
	if len(token) != 2 {
		return people.Visitor{}, fault.New(fault.SignIn, "portal.sign-in-first")
	}
	return people.Visitor{Member: token, Household: "h" + token[1:], Name: "Name of " + token, Steward: token == "m1", Session: token}, nil
}

func (d door) Bearer(token string) (people.Visitor, error) {
	v, err := d.Session(token)
	v.Bearer = true
	return v, err
}

// site is a hub with its pages on a server.
type site struct {
	*hub
	url   string
	words *web.Words
}

// home shows the Today parts, as the house's own home page does.
type home struct {
	Parts []portal.Part `json:"parts"`
}

func (home) Title(*web.Frame) string { return "home" }
func (h home) HTML(f *web.Frame) templ.Component {
	var all []templ.Component
	for _, p := range h.Parts {
		all = append(all, p.HTML(f))
	}
	return templ.Join(all...)
}

func newSite(t *testing.T) *site {
	t.Helper()
	h := newHub(t)
	words, err := web.LoadWords()
	h.must(err)
	p, err := portal.New(portal.Options{
		Name: func() string { return "Test hub" }, Words: words, People: door{}, Generation: h.r.Generation,
		Changes: h.r.Changes, Secret: bytes.Repeat([]byte("s"), 32), Now: h.clock.Now,
	})
	h.must(err)
	h.s.Mount(p)
	p.Get("/", func(r *portal.Request) (portal.Page, error) {
		parts, err := p.Parts(r)
		return home{parts}, err
	})
	server := httptest.NewServer(p.Handler())
	t.Cleanup(server.Close)
	return &site{h, server.URL, words}
}

func (s *site) ask(member, method, path string, header http.Header, content io.Reader) (int, string, http.Header) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, content)
	s.must(err)
	for name, values := range header {
		req.Header[name] = values
	}
	if member != "" {
		req.AddCookie(&http.Cookie{Name: "hub", Value: member})
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	s.must(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	s.must(err)
	return resp.StatusCode, string(raw), resp.Header
}

func (s *site) get(member, path, language string) (int, string) {
	s.t.Helper()
	status, page, _ := s.ask(member, http.MethodGet, path, http.Header{"Accept-Language": {language}}, nil)
	return status, page
}

var hiddenField = regexp.MustCompile(`name="(form-token|key)" value="([^"]*)"`)

// submit opens a page and sends a form from it as a browser without script does.
func (s *site) submit(member, page, action string, fields url.Values) (int, string, http.Header) {
	s.t.Helper()
	_, html := s.get(member, page, "en")
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(html, 2) {
		form.Set(m[1], m[2])
	}
	for name, values := range fields {
		form[name] = values
	}
	return s.ask(member, http.MethodPost, action, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, strings.NewReader(form.Encode()))
}

func filled(text string) url.Values {
	return url.Values{"text": {text}, "severity": {"severe"}, "urgency": {"immediate"}, "minutes": {"30"}, "lang": {"en"}, "sure": {"yes"}}
}

var bare = regexp.MustCompile(`[>"\s]((event\.)?callout|web)\.[a-z-]+`)

func TestPagesInEveryLanguage(t *testing.T) {
	s := newSite(t)
	a := newHub(t)
	s.accept(a)
	empty, _ := s.get("", "/callouts", "en")
	if empty != http.StatusOK {
		t.Fatalf("the empty list answers %d", empty)
	}
	id := s.raise("m2", draft("fire"))
	s.must(s.s.Update(t.Context(), by("m2"), id, draft("fire above")))
	s.must(s.s.Coming(t.Context(), by("m3"), id))
	drill := draft("drill")
	drill.Exercise = true
	s.raise("m1", drill)
	over := s.raise("m4", draft("mistake"))
	s.must(s.s.Cancel(t.Context(), by("m4"), over))
	theirs := a.raise("m2", draft("next door"))
	s.s.Heard(a.messages()[0])
	s.must(s.s.Block(t.Context(), by("m1"), s.r.Self().ID(), "m9"))
	for _, member := range []string{"", "m1", "m2", "m3"} {
		for _, path := range []string{"/", "/callouts", "/callouts/new", "/callouts/" + string(id), "/callouts/" + string(over), "/callouts/" + string(theirs)} {
			for _, l := range s.words.All() {
				status, page := s.get(member, path, l.Code)
				if want := path == "/callouts/new" && member == ""; (status == http.StatusUnauthorized) != want || !want && status != http.StatusOK {
					t.Errorf("%s for %q in %s: %d", path, member, l.Code, status)
				}
				if m := bare.FindString(page); m != "" || strings.Contains(page, "%!") {
					t.Errorf("%s for %q in %s has the bare key %q or a broken sentence", path, member, l.Code, m)
				}
				if !strings.Contains(page, `data-alarm="`+string(id)) || !strings.Contains(page, "next door") {
					t.Errorf("%s for %q in %s lacks a banner", path, member, l.Code)
				}
			}
			if path == "/callouts/new" && member == "" {
				continue
			}
			_, raw, _ := s.ask(member, http.MethodGet, path, http.Header{"Accept": {"application/json"}}, nil)
			if !json.Valid([]byte(raw)) {
				t.Errorf("%s for %q has no JSON: %s", path, member, raw)
			}
		}
	}
	if _, page := s.get("", "/callouts/"+string(theirs), "en"); !strings.Contains(page, "Not yet in the record") {
		t.Error("a message is shown as if it were in the record")
	}
	for _, path := range []string{"/callouts/x", "/callouts/" + strings.ToUpper(string(id)), "/callouts/" + string(id) + "0"} {
		if status, _ := s.get("", path, "en"); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

// Guests share kept pages: none of them may miss a banner, or show one that is over.
func TestBannerOnKeptPages(t *testing.T) {
	s := newSite(t)
	a := newHub(t)
	s.accept(a)
	const words = "fire in the cellar"
	shown := func(why string, want bool) {
		t.Helper()
		for _, path := range []string{"/", "/callouts"} {
			if _, page := s.get("", path, "en"); strings.Contains(page, `data-alarm="`) != want {
				t.Errorf("%s: %s has a banner: %v, want %v", why, path, !want, want)
			}
		}
	}
	shown("before", false)
	d := draft(words)
	d.Life = 40 * time.Second
	a.s.o.Spread = func(_ string, m []byte, _ time.Time) { s.s.Heard(m) }
	// The form allows no less than a minute; the event may.
	raised := record.Event{Kind: raised, By: "m2", Data: record.Data(raisedData{d.Urgency, d.Severity, stamp(start().Add(d.Life)), "en", false})}
	a.write(raised)
	a.must(a.s.Again())
	shown("by message alone", true)
	s.clock.pass(39 * time.Second)
	shown("just before its expiry", true)
	s.clock.pass(time.Second)
	shown("at its expiry", false)
	own := s.raise("m2", draft(words))
	shown("raised here", true)
	s.must(s.s.Resolve(t.Context(), by("m2"), own))
	shown("resolved", false)
}

func TestFormsWithoutScript(t *testing.T) {
	s := newSite(t)
	status, page, _ := s.submit("m2", "/callouts/new", "/callouts", url.Values{"text": {"fire"}, "severity": {"severe"}, "urgency": {"immediate"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "Please confirm") || !strings.Contains(page, "fire</textarea>") {
		t.Fatalf("an unconfirmed form answers %d: %s", status, page)
	}
	status, page, head := s.submit("m2", "/callouts/new", "/callouts", filled("fire"))
	path := head.Get("Location")
	if status != http.StatusSeeOther || !strings.HasPrefix(path, "/callouts/") {
		t.Fatalf("a filled form answers %d, %s: %s", status, path, page)
	}
	status, _, _ = s.submit("m3", path, path+"/update", filled("not mine"))
	if status != http.StatusForbidden {
		t.Errorf("another's update answers %d", status)
	}
	for _, step := range []struct{ member, act, shows string }{
		{"m3", "coming", "fire/severe 1+1"}, {"m4", "seen", "fire/severe 2+1"}, {"m2", "update", "fire above/severe 2+1"}, {"m1", "resolve", "fire above/severeresolved 2+1"},
	} {
		status, page, _ := s.submit(step.member, path, path+"/"+step.act, filled("fire above"))
		if status != http.StatusSeeOther {
			t.Errorf("%s answers %d: %s", step.act, status, page)
		}
		s.want("after "+step.act, step.shows)
	}
	for _, c := range []struct{ member, act string }{{"m2", "block"}, {"m1", "block"}, {"m1", "unblock"}} {
		status, _, _ := s.submit(c.member, "/callouts/new", "/callouts/"+c.act, url.Values{"hub": {s.r.Self().ID()}, "member": {"m9"}})
		if want := map[bool]int{true: http.StatusSeeOther, false: http.StatusForbidden}[c.member == "m1"]; status != want {
			t.Errorf("%s by %s answers %d, want %d", c.act, c.member, status, want)
		}
	}
}

// Anybody may knock at the relay: it takes what fits, says nothing of what became of it, and closes for who knocks too often.
func TestGate(t *testing.T) {
	s := newSite(t)
	a := newHub(t)
	s.accept(a)
	a.raise("m2", draft("next door"))
	knock := func(b []byte) int {
		status, _, _ := s.ask("", http.MethodPost, relayPath, http.Header{}, bytes.NewReader(b))
		return status
	}
	if status := knock(make([]byte, messageSize+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too much answers %d", status)
	}
	for _, b := range [][]byte{nil, []byte("rubbish"), a.messages()[0]} {
		if status := knock(b); status != http.StatusAccepted {
			t.Errorf("%d bytes answer %d", len(b), status)
		}
	}
	s.want("after the knocks", "next door/severe 0+0")
	closed := 0
	for range 2 * gateBurst {
		if knock([]byte("rubbish")) == http.StatusTooManyRequests {
			closed++
		}
	}
	if closed < gateBurst/2 {
		t.Errorf("of %d knocks too many %d were refused", gateBurst, closed)
	}
}
