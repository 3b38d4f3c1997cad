package pages

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/net/html"

	"commonhub/hub/record"
)

func isCodes(n *html.Node) bool {
	return n.Data == "ol" && strings.Contains(attr(n, "class"), "pages-codes")
}

// Every page, for every sort of reader, in every language: whole, in one language, and as JSON.
func TestEveryPageInEveryLanguage(t *testing.T) {
	b := open(t)
	claim := b.claim
	b.phone("en").open(claim).send(claim, "household", "Third floor", "name", "ana", "secret", "a long secret").at("/")
	steward := b.phone("en").open("/sign-in").send("/sign-in", "name", "ana", "secret", "a long secret").at("/")
	member := b.joined(steward, "ben")
	code := steward.invitation("household", "Two")
	invitation := steward.path
	back := steward.invitation("member", "m2")
	card := member.open("/me").send("/me/card").path
	token := member.open("/me").send("/me/tokens", "label", "x").path
	guest := b.phone("en")
	mirrored := b.mirror(open(t))
	for _, c := range []struct {
		reader *phone
		paths  []string
	}{
		{guest, []string{"/", "/join", "/join/" + code, "/join/" + back, "/sign-in", "/recover"}},
		{guest, []string{"/people", "/neighbours", "/neighbours/aaaaaaaaaaaaaaaa", "/record", "/record?before=4", "/events/0", "/events/4"}},
		{guest, []string{mirrored + "/events/0"}},
		{member, []string{"/", "/me", card, token, "/me/erase", "/me/leave", "/people", "/record"}},
		{steward, []string{"/", "/me", "/people", invitation, "/neighbours"}},
		{steward, []string{"/neighbours/aaaaaaaaaaaaaaaa", "/neighbours/bbbbbbbbbbbbbbbb", "/neighbours/cccccccccccccccc"}},
	} {
		for _, path := range c.paths {
			for _, l := range b.words.All() {
				c.reader.language = l.Code
				whole(c.reader.open(withLanguage(path, l.Code)), l.Code, l.Dir)
			}
			asJSON(c.reader, path)
		}
	}
	fresh := open(t)
	for _, l := range fresh.words.All() {
		whole(fresh.phone(l.Code).open("/"), l.Code, l.Dir)
		whole(fresh.phone(l.Code).open(fresh.claim), l.Code, l.Dir)
	}
}

// mirror keeps another block's record and gives the path of its hub.
func (b *block) mirror(other *block) string {
	b.t.Helper()
	self := other.record.Self()
	x := record.Extension{Origin: self, Verifier: note.VerifierList(other.record.Verifier()), Note: other.record.Checkpoint().Note}
	b.must(other.record.Read(func(v record.View) error {
		for e := range v.Entries(self, 0) {
			x.Entries = append(x.Entries, bytes.Clone(e.Raw))
		}
		return nil
	}))
	_, err := b.record.Extend(context.Background(), x)
	b.must(err)
	return "/neighbours/" + self.ID()
}

func withLanguage(path, code string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + code
	}
	return path + "?lang=" + code
}

var voids = map[string]bool{"meta": true, "link": true, "input": true, "br": true, "hr": true, "img": true}

// whole checks that a page is one document in one language: every tag closed in order, one h1, no bare message key.
func whole(p *phone, code, dir string) {
	p.t.Helper()
	if p.status != http.StatusOK {
		p.t.Errorf("%s in %s: %d", p.path, code, p.status)
		return
	}
	root := find(p.tree, func(n *html.Node) bool { return n.Data == "html" })
	if attr(root, "lang") != code || attr(root, "dir") != dir {
		p.t.Errorf("%s is %s %s, want %s %s", p.path, attr(root, "lang"), attr(root, "dir"), code, dir)
	}
	if n := strings.Count(p.page, "<h1"); n != 1 {
		p.t.Errorf("%s has %d h1", p.path, n)
	}
	if key := bareKey.FindString(text(root)); key != "" {
		p.t.Errorf("%s in %s shows the key %s", p.path, code, key)
	}
	if strings.Contains(p.page, "%!") || strings.Contains(p.page, " style=") || strings.Contains(p.page, " on") && inline.MatchString(p.page) {
		p.t.Errorf("%s in %s has a broken sentence, or style or script within", p.path, code)
	}
	closes(p)
}

var (
	bareKey = regexp.MustCompile(`\b(pages|people|event|web|portal|mirror)\.[a-z]+[a-z.-]*`)
	inline  = regexp.MustCompile(`<[a-z][^>]* on[a-z]+=`)
)

func closes(p *phone) {
	p.t.Helper()
	var open []string
	ids := map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(p.page))
	for {
		kind := z.Next()
		token := z.Token()
		for _, a := range token.Attr {
			if a.Key == "id" && kind != html.EndTagToken {
				if ids[a.Val] {
					p.t.Errorf("%s has two elements with the id %s", p.path, a.Val)
				}
				ids[a.Val] = true
			}
		}
		switch {
		case kind == html.ErrorToken:
			if len(open) > 0 {
				p.t.Errorf("%s leaves %v open", p.path, open)
			}
			return
		case kind == html.StartTagToken && !voids[token.Data]:
			open = append(open, token.Data)
		case kind == html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				p.t.Errorf("%s closes %s inside %v", p.path, token.Data, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
}

func asJSON(p *phone, path string) {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.server.URL+path, nil)
	p.must(err)
	req.Header.Set("Accept", "application/json")
	res, err := p.client.Do(req)
	p.must(err)
	defer res.Body.Close()
	var any map[string]json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&any); err != nil || len(any) == 0 || res.StatusCode != http.StatusOK {
		p.t.Errorf("%s as JSON: %d %v %v", path, res.StatusCode, any, err)
	}
	for name := range any {
		if name != strings.ToLower(name[:1])+name[1:] {
			p.t.Errorf("%s as JSON has a member %s", path, name)
		}
	}
}
