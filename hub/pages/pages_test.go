package pages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"commonhub/hub/fault"
	"commonhub/hub/mirror"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/hub/store"
	"commonhub/web"
)

// block is a hub of the real parts that pages show, but for the mirror, whose states would take a second hub each.
type block struct {
	t      *testing.T
	server *httptest.Server
	people *people.People
	record *record.Record
	words  *web.Words
	seen   *seen
	claim  string // path of the claim
}

// seen is one neighbour of each state; it notes what a steward decides.
type seen struct {
	list    []mirror.Neighbour
	self    mirror.Self
	decided []string
}

func (s *seen) List() []mirror.Neighbour { return s.list }
func (s *seen) Self() mirror.Self        { return s.self }
func (s *seen) OurWords() string         { return "11111 22222 33333 44444 55555 66666" }
func (s *seen) Accept(_ context.Context, by, id string) error {
	s.decided = append(s.decided, by+" accepts "+id)
	return nil
}
func (s *seen) Block(_ context.Context, by, id string) error {
	s.decided = append(s.decided, by+" blocks "+id)
	return nil
}
func (s *seen) Release(_ context.Context, by, id string) error {
	s.decided = append(s.decided, by+" releases "+id)
	return nil
}
func (s *seen) Succeed(_ context.Context, by, old string) error {
	if !record.ValidID(old) {
		return fault.New(fault.Invalid, "mirror.no-id").On("old")
	}
	s.decided = append(s.decided, by+" carries on from "+old)
	return nil
}
func (s *seen) Vouch(_ context.Context, by, id string) error {
	s.decided = append(s.decided, by+" vouches for "+id)
	return nil
}
func (s *seen) SetQuota(_ context.Context, by, id string, q mirror.Quota) error {
	s.decided = append(s.decided, fmt.Sprintf("%s allows %s %v", by, id, q))
	return nil
}
func (s *seen) SetTier(_ context.Context, by, id string, t mirror.Tier) error {
	s.decided = append(s.decided, fmt.Sprintf("%s keeps %s %s", by, id, t))
	return nil
}
func (s *seen) SetQuorum(_ context.Context, by string, k int) error {
	if k < 1 {
		return fault.New(fault.Invalid, "mirror.no-quorum", 32).On("k")
	}
	s.decided = append(s.decided, fmt.Sprintf("%s wants %d", by, k))
	return nil
}
func (s *seen) Add(_ context.Context, address string) (mirror.Neighbour, error) {
	if address != "10.0.0.5:8080" {
		return mirror.Neighbour{}, fault.New(fault.Invalid, "mirror.no-address").On("url")
	}
	return s.list[1], nil
}

func neighbours() *seen {
	return &seen{list: []mirror.Neighbour{
		{ID: "aaaaaaaaaaaaaaaa", Name: "Olive Court", State: mirror.Accepted, Status: mirror.Behind, Quality: mirror.Fair, Trip: 120, Today: mirror.Usage{Entries: 4, Bytes: 2_000_000, Bodies: 1}, Quota: mirror.Quota{Entries: 50, Bytes: 3_000_000}, URL: "http://10.0.0.2:8080", Words: "1 2 3 4 5 6", Size: 1 << 60, Synced: 7, Behind: 5, Heard: time.Now(), SyncedAt: time.Now(), Problem: "mirror.forked"},
		{ID: "bbbbbbbbbbbbbbbb", Name: "<b>الزيتون", State: mirror.Seen, Status: mirror.Far, Via: "aaaaaaaaaaaaaaaa", Hops: 2, URL: "javascript:alert(1)", Words: "1 2 3 4 5 6", Heard: time.Now()},
		{ID: "cccccccccccccccc", State: mirror.Blocked, Status: mirror.Closed},
		{ID: "dddddddddddddddd", Name: "Mint Yard", State: mirror.Forked, Status: mirror.Closed, Words: "1 2 3 4 5 6", Problem: "mirror.forked"},
	}}
}

func open(t *testing.T) *block {
	t.Helper()
	b := &block{t: t, people: people.New(), seen: neighbours()}
	db, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	b.must(err)
	b.record, err = record.Open(db, record.Options{Services: []record.Service{b.people, mirror.View{}}})
	b.must(err)
	b.people.Open(b.record, people.Options{})
	b.words, err = web.LoadWords()
	b.must(err)
	p, err := portal.New(portal.Options{
		Name: func() string { return "Fig Lane" }, Words: b.words, People: b.people,
		Generation: b.record.Generation, Changes: b.record.Changes, Secret: bytes.Repeat([]byte("s"), 32),
	})
	b.must(err)
	Pages{People: b.people, Record: b.record, Neighbours: b.seen, Log: slog.New(slog.DiscardHandler)}.Mount(p)
	b.server = httptest.NewServer(p.Handler())
	t.Cleanup(func() {
		b.server.Close()
		b.record.Close()
		db.Close()
	})
	code, err := b.people.Claim(context.Background())
	b.must(err)
	b.claim = "/claim/" + code
	return b
}

func (b *block) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// phone is one person's browser, without scripts.
type phone struct {
	*block
	client   *http.Client
	language string
	path     string // of the page that is shown
	status   int
	page     string
	tree     *html.Node
}

func (b *block) phone(language string) *phone {
	jar, err := cookiejar.New(nil)
	b.must(err)
	return &phone{block: b, client: &http.Client{Jar: jar}, language: language}
}

func (p *phone) show(req *http.Request) {
	p.t.Helper()
	req.Header.Set("Accept-Language", p.language)
	res, err := p.client.Do(req)
	p.must(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	p.must(err)
	p.status, p.page, p.path = res.StatusCode, string(raw), res.Request.URL.Path
	p.tree, err = html.Parse(bytes.NewReader(raw))
	p.must(err)
}

func (p *phone) open(path string) *phone {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.server.URL+path, nil)
	p.must(err)
	p.show(req)
	return p
}

// send fills in the form with this action on the shown page, keeps what it held before, and sends it.
func (p *phone) send(action string, fields ...string) *phone {
	p.t.Helper()
	form := find(p.tree, func(n *html.Node) bool { return n.Data == "form" && attr(n, "action") == action && takes(n, fields) })
	if form == nil {
		p.t.Fatalf("no form %s on %s (%d):\n%s", action, p.path, p.status, p.page)
	}
	values := url.Values{}
	find(form, func(n *html.Node) bool {
		kind := attr(n, "type")
		if n.Data == "input" && kind != "checkbox" && (kind != "radio" || has(n, "checked")) {
			values.Set(attr(n, "name"), attr(n, "value"))
		}
		return false
	})
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, p.server.URL+action, strings.NewReader(values.Encode()))
	p.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	p.show(req)
	return p
}

// takes tells whether a form has all these fields; hidden ones must have their value already, like a button's own.
func takes(form *html.Node, fields []string) bool {
	for i := 0; i < len(fields); i += 2 {
		if find(form, func(n *html.Node) bool {
			return attr(n, "name") == fields[i] && (attr(n, "type") != "hidden" || attr(n, "value") == fields[i+1])
		}) == nil {
			return false
		}
	}
	return true
}

// at checks where the phone is and that all is well there.
func (p *phone) at(path string) *phone {
	p.t.Helper()
	if !strings.HasPrefix(p.path, path) || p.status != http.StatusOK {
		p.t.Fatalf("at %s with %d instead of %s:\n%s", p.path, p.status, path, p.page)
	}
	return p
}

// says checks that the page has a sentence.
func (p *phone) says(key string, args ...any) *phone {
	p.t.Helper()
	want := html.EscapeString(p.words.Match(p.language).T(key, args...))
	if !strings.Contains(html.UnescapeString(p.page), html.UnescapeString(want)) {
		p.t.Fatalf("%s (%d) does not say %q:\n%s", p.path, p.status, want, p.page)
	}
	return p
}

// claimed is the phone of the first steward.
func (b *block) claimed() *phone {
	b.t.Helper()
	return b.phone("en").open(b.claim).at(b.claim).
		send(b.claim, "household", "Third floor", "name", "Ana", "display", "Ana above", "secret", "a long secret").
		at("/").says("pages.claimed")
}

// invitation is the code that a steward's phone shows after inviting.
func (p *phone) invitation(fields ...string) string {
	p.t.Helper()
	p.open("/people").at("/people").send("/people/invitations", fields...).at("/people/invitations/")
	code := find(p.tree, func(n *html.Node) bool { return n.Data == "strong" && strings.Contains(attr(n, "class"), "pages-code") })
	if code == nil || !strings.Contains(p.page, "<svg class=\"qr\"") {
		p.t.Fatalf("no code or picture:\n%s", p.page)
	}
	return text(code)
}

// joined is the phone of somebody who joined a new household by the code typed in.
func (b *block) joined(steward *phone, name string) *phone {
	b.t.Helper()
	code := steward.invitation("household", "Home of "+name)
	path := "/join/" + strings.ToLower(code)
	return b.phone("en").open("/join").send("/join", "code", strings.ToLower(code)).at(path).
		send(path, "name", name, "display", name, "secret", name+" and more").at("/").says("pages.joined")
}

func find(n *html.Node, ok func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && ok(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := find(c, ok); found != nil {
			return found
		}
	}
	return nil
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Data != "script" && c.Data != "style" && c.Data != "pre" {
			out.WriteString(text(c))
		}
	}
	return strings.TrimSpace(out.String())
}

// script sends JSON and decodes what comes back.
func (b *block) script(method, path, bearer string, fields map[string]string, into any) int {
	b.t.Helper()
	raw, err := json.Marshal(fields)
	b.must(err)
	req, err := http.NewRequest(method, b.server.URL+path, bytes.NewReader(raw))
	b.must(err)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(req)
	b.must(err)
	defer res.Body.Close()
	b.must(json.NewDecoder(res.Body).Decode(into))
	return res.StatusCode
}
