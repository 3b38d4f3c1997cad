package noticeboard

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/people"
	"commonhub/hub/photo"
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
	url string
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
	h := newHub(t, Options{Daily: 100})
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	p, err := portal.New(portal.Options{
		Name: func() string { return "Test hub" }, Words: words, People: door{}, Generation: h.r.Generation,
		Changes: h.r.Changes, Secret: bytes.Repeat([]byte("s"), 32), Now: h.clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.s.Mount(p)
	p.Get("/", func(r *portal.Request) (portal.Page, error) {
		parts, err := p.Parts(r)
		return home{parts}, err
	})
	server := httptest.NewServer(p.Handler())
	t.Cleanup(server.Close)
	return &site{h, server.URL}
}

// ask sends a request as a member ("" for a guest) and gives status and body. Redirects are not followed.
func (s *site) ask(member, method, path string, header http.Header, content io.Reader) (int, string, http.Header) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, content)
	if err != nil {
		s.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if member != "" {
		req.AddCookie(&http.Cookie{Name: "hub", Value: member})
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

func (s *site) get(member, path, language string) (int, string) {
	s.t.Helper()
	status, page, _ := s.ask(member, http.MethodGet, path, http.Header{"Accept-Language": {language}}, nil)
	return status, page
}

var hiddenField = regexp.MustCompile(`name="(form-token|key)" value="([^"]*)"`)

// submit opens a page, fills in its first form's hidden fields, and sends the form without any script. A file is a photo.
func (s *site) submit(member, page, action string, fields url.Values, photos ...[]byte) (int, string, http.Header) {
	s.t.Helper()
	_, html := s.get(member, page, "en")
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, m := range hiddenField.FindAllStringSubmatch(html, 2) {
		w.WriteField(m[1], m[2])
	}
	for name, values := range fields {
		for _, v := range values {
			w.WriteField(name, v)
		}
	}
	for _, raw := range photos {
		part, err := w.CreateFormFile("photo", "IMG 1.jpg")
		if err != nil {
			s.t.Fatal(err)
		}
		part.Write(raw)
	}
	w.Close()
	return s.ask(member, http.MethodPost, action, http.Header{"Content-Type": {w.FormDataContentType()}}, &form)
}

func TestPostingByForm(t *testing.T) {
	s := newSite(t)
	fields := url.Values{"kind": {"need"}, "title": {""}, "text": {"for <b>two</b> days"}, "reach": {"neighbours"}, "expires": {""}}
	status, page, _ := s.submit("m2", "/notices/new", "/notices", fields, shot(30, 20))
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "for &lt;b&gt;two&lt;/b&gt; days") || !strings.Contains(page, "choose the photos once more") {
		t.Fatalf("%d %s", status, page)
	}
	fields.Set("title", "سلّم طويل")
	status, page, header := s.submit("m2", "/notices/new", "/notices", fields, withEXIF(shot(30, 20), 6, binary.BigEndian))
	if status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, page)
	}
	path := header.Get("Location")
	_, page = s.get("", path, "en")
	picture := regexp.MustCompile(`src="(/pictures/[^"]+)"`).FindStringSubmatch(page)
	if !strings.Contains(page, `<h1><bdi>سلّم طويل</bdi></h1>`) || picture == nil || !strings.Contains(page, `alt="سلّم طويل"`) {
		t.Fatal(page)
	}
	status, raw, header := s.ask("", http.MethodGet, picture[1], nil, nil)
	if status != http.StatusOK || header.Get("Content-Type") != "image/jpeg" || strings.Contains(raw, "SecretCamera") {
		t.Errorf("picture: %d %s", status, header)
	}
	if status, page, _ = s.submit("m3", path, path+"/comments", url.Values{"text": {"I have one"}}); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, page)
	}
	if status, page, _ = s.submit("m3", path, path+"/comments", url.Values{"text": {strings.Repeat("x", maxSay+1)}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "I have one") || !strings.Contains(page, "xxx</textarea>") {
		t.Errorf("%d %s", status, page)
	}
	if status, page, _ = s.submit("m3", path, path+"/claims", nil); status != http.StatusSeeOther {
		t.Errorf("%d %s", status, page)
	}
	if status, _, _ = s.submit("m2", path, path+"/hide", url.Values{"reason": {"spam"}}); status != http.StatusForbidden {
		t.Errorf("a member hid it: %d", status)
	}
	if status, _ := s.get("", "/notices/new", "en"); status != http.StatusUnauthorized {
		t.Errorf("a guest got the form: %d", status)
	}
}

func TestPostingByScript(t *testing.T) {
	s := newSite(t)
	post := func(content string) (int, string) {
		status, raw, _ := s.ask("", http.MethodPost, "/notices", http.Header{
			"Authorization": {"Bearer m2"}, "Accept": {"application/json"}, "Content-Type": {"application/json"},
		}, strings.NewReader(content))
		return status, raw
	}
	form := `{"kind":"event","title":"Soup","text":"for all","expires":"2026-03-09","starts":"2026-03-08T18:00","reach":"far","key":"k1"}`
	status, raw := post(form)
	var made portal.Created
	if err := json.Unmarshal([]byte(raw), &made); err != nil || status != http.StatusCreated || made.URL != s.url+"/notices/"+made.ID || len(made.Leaf) != 64 {
		t.Fatalf("%d %s %v", status, raw, err)
	}
	if status, again := post(form); status != http.StatusCreated || again != raw {
		t.Errorf("%d %s", status, again)
	}
	if status, raw := post(strings.Replace(form, "Soup", "Stew", 1)); status != http.StatusConflict {
		t.Errorf("%d %s", status, raw)
	}
	if status, raw := post(`{"kind":"event"}`); status != http.StatusUnprocessableEntity || !strings.Contains(raw, `"field":"title"`) {
		t.Errorf("%d %s", status, raw)
	}
	_, raw, _ = s.ask("", http.MethodGet, "/notices", http.Header{"Accept": {"application/json"}}, nil)
	var list ListPage
	if err := json.Unmarshal([]byte(raw), &list); err != nil || len(list.Items) != 1 || list.Items[0].Title != "Soup" {
		t.Errorf("%s %v", raw, err)
	}
}

func TestSharedPagesHaveNothingForMembers(t *testing.T) {
	s := newSite(t)
	d := draft(Offer, "a secret offer")
	d.Reach, d.Pictures = body.Hub, []*photo.Picture{develop(t, shot(30, 20))}
	id := s.post("m2", d)
	picture := s.detail(Reader{Member: "m2"}, id).Pictures[0].URL
	for _, path := range []string{"/", "/notices", "/notices?q=secret", "/notices/" + id.String(), "/notices.atom", "/notices?kind=offer"} {
		if _, page := s.get("m3", path, "en"); !strings.Contains(page, "secret") && path != "/notices.atom" {
			t.Errorf("a member misses it at %s", path)
		}
		if _, page := s.get("", path, "en"); strings.Contains(strings.ReplaceAll(page, "q=secret", ""), "secret offer") {
			t.Errorf("a guest reads it at %s", path)
		}
	}
	if status, _ := s.get("", picture, "en"); status != http.StatusNotFound {
		t.Errorf("a guest got the picture: %d", status)
	}
	if status, _ := s.get("m3", picture, "en"); status != http.StatusOK {
		t.Errorf("a member did not: %d", status)
	}
}

// TestEveryPageInEveryLanguage renders the board in each state that it knows, for each kind of reader, and looks for sentences that
// are missing: those come out as their keys.
func TestEveryPageInEveryLanguage(t *testing.T) {
	s := newSite(t)
	hubs := town(t)
	for _, h := range hubs {
		s.sync(h)
	}
	paths := []string{"/", "/notices", "/notices/new", "/notices?show=past", "/notices?show=mine", "/notices?q=nothing", "/notices/flagged", "/notices?kind=news", "/notices?hub=" + hubs[0].r.Self().ID()}
	for i, kind := range Kinds() {
		d := draft(kind, "our "+string(kind))
		d.Reach, d.Place, d.Starts = []body.Reach{body.Hub, body.Neighbours, body.Far}[i%3], "yard", "2026-03-03T10:00"
		id := s.post("m2", d)
		at := "/notices/" + id.String()
		if kind.claimable() {
			s.must(s.s.Claim(t.Context(), by("m3"), id))
		}
		_, err := s.s.Comment(t.Context(), by("m3"), id, "hello")
		s.must(err)
		s.must(s.s.Flag(t.Context(), by("m4"), id, "hm"))
		switch kind {
		case Need:
			s.must(s.s.Finish(t.Context(), by("m2"), id, "thanks"))
		case News:
			s.must(s.s.Withdraw(t.Context(), by("m2"), id))
		case LostFound:
			s.must(s.s.Hide(t.Context(), by("m1"), id, "unsafe", "see me"))
		}
		paths = append(paths, at, at+"/edit", at+"/hide")
	}
	s.view(func(v record.View) {
		items, _, _ := s.s.List(v, Reader{}, Query{})
		past, _, _ := s.s.List(v, Reader{}, Query{Past: true})
		for _, i := range append(items, past...) {
			paths = append(paths, i.URL)
		}
	})
	s.clock.pass(12 * day)
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	missing := regexp.MustCompile(`\bnotice\.[a-z-]+|%!`)
	for _, l := range words.All() {
		for _, reader := range []string{"", "m1", "m2", "m3"} {
			for _, path := range paths {
				status, page := s.get(reader, path, l.Code)
				if status >= 500 || !strings.Contains(page, fmt.Sprintf(`<html lang="%s" dir="%s">`, l.Code, l.Dir)) {
					t.Errorf("%s %s %q: %d %s", l.Code, path, reader, status, page)
				}
				if key := missing.FindString(page); key != "" {
					t.Errorf("%s %s %q: %s", l.Code, path, reader, key)
				}
				if status, _, _ := s.ask(reader, http.MethodGet, path, http.Header{"Accept": {"application/json"}}, nil); status >= 500 {
					t.Errorf("%s as JSON: %d", path, status)
				}
			}
		}
	}
}

// withEXIF puts an orientation, a place and a camera into a JPEG, as phones do.
func withEXIF(raw []byte, orientation byte, order binary.ByteOrder) []byte {
	tiff := []byte("II*\x00\x08\x00\x00\x00")
	if order == binary.BigEndian {
		tiff = []byte("MM\x00*\x00\x00\x00\x08")
	}
	two, four := make([]byte, 2), make([]byte, 4)
	add16 := func(v uint16) { order.PutUint16(two, v); tiff = append(tiff, two...) }
	add32 := func(v uint32) { order.PutUint32(four, v); tiff = append(tiff, four...) }
	add16(2) // entries
	for _, e := range [][2]uint16{{0x010f, 0}, {0x0112, uint16(orientation)}} {
		add16(e[0])
		add16(3)
		add32(1)
		add16(e[1])
		add16(0)
	}
	tiff = append(tiff, "GPS 52.5200 13.4050 SecretCamera"...)
	payload := append([]byte("Exif\x00\x00"), tiff...)
	segment := []byte{0xff, 0xe1, 0, 0}
	binary.BigEndian.PutUint16(segment[2:], uint16(len(payload)+2))
	return append(append(append([]byte{}, raw[:2]...), append(segment, payload...)...), raw[2:]...)
}
