package ledger

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"commonhub/hub/fault"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/web"
)

// door knows a member by a session or a bearer token that is their handle.
type door struct{}

func (door) Session(token string) (people.Visitor, error) {
	if len(token) != 2 {
		return people.Visitor{}, fault.New(fault.SignIn, "portal.sign-in-first")
	}
	return people.Visitor{Member: token, Household: "h" + token[1:], Steward: token == "m1", Session: token}, nil
}

func (d door) Bearer(token string) (people.Visitor, error) {
	v, err := d.Session(token)
	v.Bearer, v.Session = true, ""
	return v, err
}

// site is a hub with its pages on a server.
type site struct {
	*hub
	url   string
	words *web.Words
}

// serve puts a hub's pages on a server.
func serve(t *testing.T, h *hub) *site {
	t.Helper()
	words, err := web.LoadWords()
	h.must(err)
	p, err := portal.New(portal.Options{
		Name: func() string { return "Test hub" }, Words: words, People: door{}, Generation: h.r.Generation,
		Changes: h.r.Changes, Secret: bytes.Repeat([]byte("s"), 32), Now: h.clock.Now,
	})
	h.must(err)
	h.s.Mount(p)
	server := httptest.NewServer(p.Handler())
	t.Cleanup(server.Close)
	return &site{h, server.URL, words}
}

// fetch gets a page or a file as a member ("" is a guest); it must be there.
func (s *site) fetch(member, path, accept string) string {
	s.t.Helper()
	status, body := s.ask(member, http.MethodGet, path, accept, nil)
	if status != http.StatusOK {
		s.t.Fatalf("GET %s answered %d: %s", path, status, body)
	}
	return body
}

func (s *site) ask(member, method, path, accept string, content io.Reader) (status int, body string) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, content)
	s.must(err)
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Language", "en")
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if member != "" {
		req.Header.Set("Authorization", "Bearer "+member)
	}
	res, err := http.DefaultClient.Do(req)
	s.must(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	s.must(err)
	return res.StatusCode, string(raw)
}
