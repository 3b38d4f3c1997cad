package web

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

func frame(t *testing.T, l *Lang) *Frame {
	t.Helper()
	assets, err := LoadAssets()
	if err != nil {
		t.Fatal(err)
	}
	return &Frame{
		Lang: l, Title: "Board", Path: "/notices?kind=offer", HubName: "Olive <Court>", Languages: words(t).All(), FormToken: "tok", Key: "stem",
		Nav:   []NavItem{{Path: "/", Key: "web.nav", Icon: "house"}, {Path: "/notices", Key: "web.print", Icon: "board"}},
		Flash: "Done", Refusal: &Refusal{Text: "Too long", Field: "title", See: "/notices/1"},
		Now: time.Date(2026, 3, 9, 17, 4, 0, 0, time.UTC), Assets: assets,
	}
}

// everything is a page of all components.
func everything(f *Frame) templ.Component {
	in := func(name string) Input { return Input{Name: name, Label: "L " + name, Hint: "H " + name, Max: 9} }
	choices := []Choice{{Value: "a", Label: "A", Hint: "h", Chosen: true}, {Value: "b", Label: "B"}}
	then := f.Now.Add(-time.Hour)
	return templ.Join(
		inside(Upload(f, "/post"), Field(f, in("title")), Area(f, in("text")), Select(f, in("reach"), choices), Radios(f, in("kind"), choices),
			Checkbox(f, in("sure"), true), Pictures(f, in("photo")), Submit("Go"), Danger("Go away")),
		inside(Form(f, "/other"), Field(f, Input{Name: "code", Label: "C", Plain: true, Required: true, Fill: "one-time-code", Mode: "numeric"})),
		Search(f, "/", Input{Name: "q", Label: "S", Type: "search"}, "Find"),
		inside(Buttons(), Action(f, "/act", "Act", "check", Hidden{"a", "b"}), Link(f, "/x", "X", "plus"), Quiet(f, "/y", "Y", ""), Print(f)),
		inside(Cards(), inside(Card(), Headline(f, "/n/1", "<b>"), inside(Meta(), Tag("t", "good"), Person(f, "", "m1", "Hub"), Time(f, then), Day(f, then)), Text("a\nb"))),
		inside(Section("S"), Empty(f, "E", "e", "/e", "l"), inside(Note(f, "warn"), Code("k")), inside(Facts(), inside(Fact("n"), Code("v")))),
		Picture("/p.jpg", "alt", 4, 3), QR("scan", "http://10.0.0.1/join/x"), Progress("p", 1, 2), inside(Fold("more"), Text("x")),
		Filters("which", []Filter{{"/?all", "all", true}, {"/?k=a", "a", false}}), Pager(f, "/?p=1", "/?p=3"),
	)
}

// inside gives a component its children, as { … } does in a template.
func inside(outer templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

func rendered(t *testing.T, f *Frame, body templ.Component) (string, *html.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := Page(f, body).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), doc
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func elements(doc *html.Node, visit func(n *html.Node)) {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

func TestPageInEveryLanguage(t *testing.T) {
	for _, l := range words(t).All() {
		f := frame(t, l)
		text, doc := rendered(t, f, everything(f))
		for _, bad := range []string{"%!", "web.", "style=", "onclick", "<b>", "<Court>"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: the page contains %q", l.Code, bad)
			}
		}
		elements(doc, func(n *html.Node) {
			if n.Data == "html" && (attr(n, "lang") != l.Code || attr(n, "dir") != l.Dir) {
				t.Errorf("%s: html is lang=%s dir=%s", l.Code, attr(n, "lang"), attr(n, "dir"))
			}
		})
	}
}

// What a screen reader follows must lead somewhere, and only to one place.
func TestReferencesResolve(t *testing.T) {
	f := frame(t, words(t).Match("en"))
	_, doc := rendered(t, f, everything(f))
	ids := make(map[string]int)
	elements(doc, func(n *html.Node) {
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
	})
	for id, n := range ids {
		if n > 1 {
			t.Errorf("the id %q is there %d times", id, n)
		}
	}
	labelled := 0
	elements(doc, func(n *html.Node) {
		for _, ref := range append(strings.Fields(attr(n, "aria-describedby")), attr(n, "for"), strings.TrimPrefix(attr(n, "href"), "#")) {
			if ref != "" && !strings.Contains(ref, "/") && ids[ref] == 0 {
				t.Errorf("<%s> refers to %q, which is not there", n.Data, ref)
			}
		}
		if attr(n, "for") != "" {
			labelled++
		}
	})
	if labelled < 6 {
		t.Errorf("only %d fields have a label", labelled)
	}
}

func TestEveryPostFormHasItsTokenAndAKeyOfItsOwn(t *testing.T) {
	f := frame(t, words(t).Match("en"))
	_, doc := rendered(t, f, everything(f))
	keys, posts := make(map[string]bool), 0
	elements(doc, func(form *html.Node) {
		if form.Data != "form" || attr(form, "method") != "post" {
			return
		}
		posts++
		token := ""
		elements(form, func(n *html.Node) {
			switch attr(n, "name") {
			case "form-token":
				token = attr(n, "value")
			case "key":
				keys[attr(n, "value")] = true
			}
		})
		if token != "tok" {
			t.Errorf("the form to %s has the token %q", attr(form, "action"), token)
		}
	})
	if posts != 3 || len(keys) != posts {
		t.Errorf("%d forms have %d different keys, want 3 and 3", posts, len(keys))
	}
}

func TestRefusalStandsAtItsField(t *testing.T) {
	f := frame(t, words(t).Match("en"))
	text, doc := rendered(t, f, everything(f))
	elements(doc, func(n *html.Node) {
		if n.Data == "input" && attr(n, "name") == "title" && (attr(n, "aria-invalid") != "true" || attr(n, "aria-describedby") != "hint-title wrong-title") {
			t.Errorf("the refused field has the attributes %v", n.Attr)
		}
	})
	if !strings.Contains(text, `href="#f-title"`) || !strings.Contains(text, `href="/notices/1"`) {
		t.Error("the refusal leads neither to the field nor to the thing in the way")
	}
	if strings.Contains(text, "data-live") {
		t.Error("a form that came back would be swapped away by the script")
	}
}

func TestLinksOfTheFrame(t *testing.T) {
	f := frame(t, words(t).Match("en"))
	text, _ := rendered(t, f, everything(f))
	for _, want := range []string{
		`href="/notices?kind=offer&amp;lang=ar"`,
		`href="/sign-in?back=%2Fnotices%3Fkind%3Doffer"`,
		`href="/notices" aria-current="page"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(text, `href="/" aria-current`) {
		t.Error("the start page is marked as the current one too")
	}
}

func TestUnsafeAddressesAreBlocked(t *testing.T) {
	f := frame(t, words(t).Match("en"))
	text, _ := rendered(t, f, Link(f, "javascript:alert(1)", "x", ""))
	if strings.Contains(text, "javascript:") {
		t.Error("a link may run a script: templ.SafeURL does not check, templ.URL does")
	}
}
