package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"commonhub/hub/hubtest"
)

var (
	// routes finds in our sources every page that the hub registers.
	routes = regexp.MustCompile(`p\.Get\("([^"]+)"`)
	// bareKey is a sentence that nobody wrote: T answers an unknown key with the key.
	bareKey = regexp.MustCompile(`\b(callout|event|fault|hub|ledger|mirror|notice|pages|people|photo|portal|record|store|web)\.[a-z][a-z.-]*[a-z]`)
)

// directions of the languages that we speak.
var directions = map[string]string{"en": "ltr", "ar": "rtl"}

// walk is one reader's way through a hub by its links, in one language.
type walk struct {
	t      *testing.T
	client http.Client
	hub    *hubtest.Hub
	reader *hubtest.Member // nil is a guest
	lang   string
	seen   []string // in the order of discovery, without the query
}

// Whoever follows every link meets only whole pages, in the language and direction asked for; and no page that the hub
// registers is left out.
func TestEveryLinkInEveryLanguage(t *testing.T) {
	program := hubtest.Program(t)
	h := hubtest.Start(t, hubtest.Options{Program: program, Args: []string{"--mdns=false", "--mesh-listen", "127.0.0.1:0"}})
	other := hubtest.Start(t, hubtest.Options{Program: program, Args: []string{"--mdns=false", "--mesh-listen", "127.0.0.1:0", "--join", h.URL}})
	visited := []string{"/claim/x"}
	for lang := range directions {
		newWalk(t, h, nil, lang).from(strings.TrimPrefix(h.Claim, h.URL))
	}
	doors := furnish(t, h, other)
	for lang := range directions {
		for _, reader := range []*hubtest.Member{nil, doors.steward} {
			visited = append(visited, newWalk(t, h, reader, lang).from(append(doors.paths, "/")...)...)
		}
	}
	for _, route := range registered(t) {
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`:[a-z]+`).ReplaceAllString(route, "[^/]+") + "$")
		if !slices.ContainsFunc(visited, pattern.MatchString) {
			t.Errorf("nobody came to %s", route)
		}
	}
	hubtest.Report(t, "%d visits, no page broken", len(visited))
}

// newWalk chooses the language as people do, by a link of the footer, which the browser's cookie remembers.
func newWalk(t *testing.T, h *hubtest.Hub, reader *hubtest.Member, lang string) *walk {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &walk{t: t, client: http.Client{Jar: jar}, hub: h, reader: reader, lang: lang}
	w.get("/?lang=" + lang)
	return w
}

func (w *walk) get(path string) (status int, page []byte) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.hub.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.reader != nil {
		req.Header.Set("Authorization", "Bearer "+w.reader.Token)
	}
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if page, err = io.ReadAll(res.Body); err != nil {
		w.t.Fatalf("GET %s: %v", path, err)
	}
	return res.StatusCode, page
}

// doors are pages that no link leads to: they are the answers to forms.
type doors struct {
	steward *hubtest.Member
	paths   []string
}

// furnish fills the hub with one of everything that has a page.
func furnish(t *testing.T, h, other *hubtest.Hub) doors {
	t.Helper()
	steward, there := h.Settle("ana"), other.Settle("ben")
	n := steward.PostPhoto(hubtest.Notice{Kind: "offer", Title: "A ladder", Text: "Three metres.", Reach: "neighbours"}, grey(t))
	there.Post(hubtest.Notice{Kind: "need", Title: "An anvil", Text: "For a week.", Reach: "neighbours"})
	steward.Do("/notices/"+n.ID+"/comments", map[string]string{"text": "And a saw."}, &struct{}{})
	member := h.Join("The Bakers", "cem")
	send(t, h, member, "/notices/"+n.ID+"/flag", map[string]string{"why": "Look at this."})
	keepBooks(t, h, steward, member)
	h.Accept(other)
	other.Accept(h) // or it keeps to itself what is for neighbours
	hubtest.Until(t, "the neighbour's notice is on our board", func() bool { return h.Shows("/notices", "An anvil") })
	openLine(t, h, other, steward, there)
	join := strings.TrimPrefix(h.Console("invite", "--household", "New ones"), h.URL)
	const key = "chosen-by-this-test" // under it the answer is shown
	send(t, h, steward, "/people/invitations", map[string]string{"household": "Newer ones", "key": key})
	send(t, h, steward, "/me/tokens", map[string]string{"label": "a clock", "key": key})
	send(t, h, steward, "/me/card", map[string]string{"key": key})
	return doors{steward, []string{join, "/recover", "/people/invitations/" + key, "/me/tokens/" + key, "/me/card/" + key,
		"/neighbours/" + other.ID() + "/events/0"}}
}

// keepBooks enters one of everything that the ledger has a page for. The indexes of events are told by their addresses.
func keepBooks(t *testing.T, h *hubtest.Hub, steward, member *hubtest.Member) {
	t.Helper()
	enter := func(m *hubtest.Member, path string, form map[string]string) (made hubtest.Posted) {
		t.Helper()
		m.Do(path, form, &made)
		return made
	}
	enter(member, "/ledger/transfers", map[string]string{"way": "give", "to": "h1", "unit": "hour", "amount": "1:30", "memo": "A lift."})
	request := enter(member, "/ledger/transfers", map[string]string{"way": "ask", "to": "h1", "unit": "hour", "amount": "0.5"})
	send(t, h, steward, "/ledger/requests/"+request.ID+"/agree", nil)
	enter(steward, "/ledger/places", map[string]string{"kind": "pot", "name": "Common pot", "unit": "EUR", "target": "500"})
	x := enter(steward, "/ledger/expenses", map[string]string{"pot": "p1", "purpose": "s0", "amount": "12.50", "memo": "Paint"})
	send(t, h, member, "/ledger/expenses/"+x.ID+"/return", map[string]string{"reason": "Where is the receipt?"})
}

// openLine has the other hub's household be paid, and one that is not there.
func openLine(t *testing.T, h, other *hubtest.Hub, steward, there *hubtest.Member) {
	t.Helper()
	line := "/ledger/lines/" + other.ID()
	there.Act("/ledger/lines/"+h.ID()+"/trust", map[string]string{"unit": "hour", "most": "10:00"})
	hubtest.Until(t, "the other hub's line waits for our yes", func() bool { return h.Shows(line, "they ask for our yes") })
	steward.Act(line+"/agree", map[string]string{"unit": "hour", "most": "600"})
	for _, household := range []string{"h1", "h99"} {
		form := map[string]string{"to": household, "unit": "hour", "amount": "0:20", "memo": "A saw."}
		steward.Do(line+"/pay", form, &struct{}{})
	}
	hubtest.Until(t, "the other hub has answered", func() bool { return h.Shows(line, "in both books") && h.Shows(line, "There is no such household.") })
}

// send posts a form as a script, whatever it answers as long as it is content.
func send(t *testing.T, h *hubtest.Hub, m *hubtest.Member, path string, form map[string]string) {
	t.Helper()
	sent, _ := json.Marshal(form)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+m.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode > 299 {
		t.Fatalf("POST %s answered %s", path, res.Status)
	}
}

// from follows every link from these pages on, and returns the paths of all pages that it met.
func (w *walk) from(paths ...string) []string {
	w.t.Helper()
	known := map[string]bool{}
	for ; len(paths) > 0; paths = paths[1:] {
		path, _, _ := strings.Cut(paths[0], "#")
		if bare, query, _ := strings.Cut(path, "?"); known[path] || strings.Contains(query, "lang=") || !strings.HasPrefix(bare, "/") {
			continue
		}
		known[path] = true
		paths = append(paths, w.visit(path)...)
	}
	return w.seen
}

// visit judges one page and returns its links. What a reader may not see is a whole page too, which says so.
func (w *walk) visit(path string) (links []string) {
	w.t.Helper()
	status, page := w.get(path)
	if !bytes.HasPrefix(page, []byte("<!doctype html>")) {
		if status != http.StatusOK {
			w.t.Errorf("%s answered %d", path, status)
		}
		return nil // a feed, a receipt, a download
	}
	if status != http.StatusOK && status != http.StatusUnauthorized && status != http.StatusForbidden {
		w.t.Errorf("%s in %s answered %d", path, w.lang, status)
	}
	if status == http.StatusOK {
		bare, _, _ := strings.Cut(path, "?")
		w.seen = append(w.seen, bare)
	}
	if !bytes.Contains(page, []byte(fmt.Sprintf("<html lang=%q dir=%q>", w.lang, directions[w.lang]))) {
		w.t.Errorf("%s is not marked %s %s", path, w.lang, directions[w.lang])
	}
	return w.read(path, page)
}

// read checks that every tag is closed in its order and no sentence is missing, and collects links.
func (w *walk) read(path string, page []byte) (links []string) {
	w.t.Helper()
	var open []string
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch kind, token := z.Next(), z.Token(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				w.t.Errorf("%s leaves %v open", path, open)
			}
			return links
		case html.StartTagToken:
			if !slices.Contains([]string{"meta", "link", "input", "br", "hr", "img"}, token.Data) {
				open = append(open, token.Data)
			}
			for _, a := range token.Attr {
				if token.Data == "a" && a.Key == "href" {
					links = append(links, a.Val)
				}
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				w.t.Errorf("%s closes %s inside %v", path, token.Data, open)
				return links
			}
			open = open[:len(open)-1]
		case html.TextToken:
			inCode := slices.Contains(open, "code") || slices.Contains(open, "pre")
			if key := bareKey.FindString(token.Data); key != "" && !inCode || strings.Contains(token.Data, "%!") {
				w.t.Errorf("%s in %s says %q", path, w.lang, token.Data)
			}
		}
	}
}

// registered are the paths of all pages, as our sources name them.
func registered(t *testing.T) (paths []string) {
	t.Helper()
	for _, root := range []string{".", "../services"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, found := range routes.FindAllSubmatch(source, -1) {
				paths = append(paths, string(found[1]))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(paths) < 20 {
		t.Fatalf("only %d pages are registered, so this test looks in the wrong place", len(paths))
	}
	return paths
}

func grey(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 40)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
