package portal

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"commonhub/web"
)

func TestPageAsJSON(t *testing.T) {
	h := open(t, nil)
	for name, w := range map[string]interface {
		Header() http.Header
	}{"shared": h.get("/notices/7", asJSON), "member's": h.get("/notices/7", asJSON, as("m2"))} {
		if got := w.Header().Get("Content-Type"); got != "application/json; charset=utf-8" {
			t.Errorf("%s: Content-Type %q", name, got)
		}
	}
	var got struct{ Text string }
	if err := json.Unmarshal(h.get("/notices/7", asJSON).Body.Bytes(), &got); err != nil || !strings.Contains(got.Text, `id "7"`) {
		t.Errorf("%+v, %v", got, err)
	}
	h.want(h.get("/notices/7", header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")), 200, "<!doctype html>")
}

func TestPostThenSee(t *testing.T) {
	h := open(t, nil)
	form := "title=x&form-token=" + token(t, h.get("/mine", as("m2")))
	w := h.ask("POST", "/post", form, as("m2"))
	h.want(w, 303)
	if got := w.Header().Get("Location"); got != "/notices/1" {
		t.Errorf("led to %q", got)
	}
	flash := w.Result().Cookies()[0]
	if flash.Name != flashCookie || flash.Value != "portal.home" {
		t.Fatalf("flash %v", flash)
	}
	seen := h.get("/notices/1", as("m2"), setCookie(flashCookie, flash.Value))
	h.want(seen, 200, "To the start page</p>")
	if got := strings.Join(seen.Header().Values("Set-Cookie"), ""); !strings.Contains(got, flashCookie+"=; Path=/; Max-Age=0") {
		t.Errorf("the flash stays: %q", got)
	}
	for _, invented := range []string{"You have won", "<b>", "no.such-key"} {
		if w := h.get("/notices/1", setCookie(flashCookie, invented)); strings.Contains(w.Body.String(), `class="flash"`) {
			t.Errorf("a cookie made the page say %q", invented)
		}
	}
}

func TestWhereAPostLeads(t *testing.T) {
	h := open(t, nil)
	form := "title=x&form-token=" + token(t, h.get("/mine", as("m2")))
	for back, want := range map[string]string{
		"/notices/9?q=1":       "/notices/9?q=1",
		"":                     "/notices/1",
		"//evil.example":       "/notices/1",
		"/%5Cevil.example":     "/notices/1",
		"http://evil.example/": "/notices/1",
		"javascript:alert(1)":  "/notices/1",
		"/a%0d%0aSet-Cookie:x": "/notices/1",
	} {
		w := h.ask("POST", "/post", form+"&back="+back, as("m2"))
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("back=%s is answered with %d to %q, want 303 to %q", back, w.Code, got, want)
		}
	}
}

func TestRefusedFormComesBackFilledIn(t *testing.T) {
	h := open(t, nil)
	form := "title=&text=many+words+%3Cb%3E&form-token=" + token(t, h.get("/mine", as("m2")))
	w := h.ask("POST", "/post", form, as("m2"))
	h.want(w, 422, "you wrote many words &lt;b&gt;", "There are characters in it", `href="#f-title"`)
	w = h.ask("POST", "/post", form, as("m2"), header("Accept-Language", "ar"))
	h.want(w, 422, "يحتوي النص على رموز", `dir="rtl"`)
	w = h.ask("POST", "/post", strings.Replace(form, "title=", "title=taken", 1), as("m2"))
	h.want(w, 409, `href="/notices/7"`)
}

func TestProblems(t *testing.T) {
	h := open(t, nil)
	for _, c := range []struct {
		method, path, body string
		how                []with
		want               problem
	}{
		{"POST", "/post", "title=", nil, problem{Title: "Unprocessable Entity", Status: 422, Kind: "invalid", Key: "portal.bad-characters", Field: "title", Instance: "/post"}},
		{"POST", "/post", "title=taken", nil, problem{Title: "Conflict", Status: 409, Kind: "conflict", Key: "portal.not-found", See: "/notices/7", Instance: "/post"}},
		{"GET", "/mine", "", nil, problem{Title: "Unauthorized", Status: 401, Kind: "sign-in", Key: "portal.sign-in-first", Instance: "/mine"}},
		{"GET", "/keys", "", []with{as("m2")}, problem{Title: "Forbidden", Status: 403, Kind: "denied", Key: "portal.stewards-only", Instance: "/keys"}},
		{"GET", "/gone", "", nil, problem{Title: "Gone", Status: 410, Kind: "gone", Key: "portal.not-found", Instance: "/gone"}},
		{"GET", "/nowhere", "", nil, problem{Title: "Not Found", Status: 404, Kind: "not-found", Key: "portal.not-found", Instance: "/nowhere"}},
		{"DELETE", "/mine", "", nil, problem{Title: "Method Not Allowed", Status: 405, Kind: "invalid", Key: "portal.method", Instance: "/mine"}},
		{"POST", "/post", strings.Repeat("a=b&", 100), nil, problem{Title: "Request Entity Too Large", Status: 413, Kind: "too-large", Key: "portal.too-large", Instance: "/post"}},
	} {
		w := h.ask(c.method, c.path, c.body, append(c.how, asJSON)...)
		var got problem
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Errorf("%s %s: %v: %s", c.method, c.path, err, w.Body)
			continue
		}
		if got.Detail == "" || got.Type != "about:blank" || w.Header().Get("Content-Type") != "application/problem+json" || w.Code != c.want.Status {
			t.Errorf("%s %s: %d %+v %v", c.method, c.path, w.Code, got, w.Header())
		}
		got.Detail, got.Type = "", ""
		if got != c.want {
			t.Errorf("%s %s: %+v, want %+v", c.method, c.path, got, c.want)
		}
	}
}

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	h := open(t, nil)
	w := h.get("/nowhere", asJSON, header("Accept-Language", "ar"))
	h.want(w, 404, "لا يوجد شيء في هذا العنوان")
	if w.Header().Get("Content-Language") != "ar" {
		t.Errorf("Content-Language %q", w.Header().Get("Content-Language"))
	}
}

type part struct {
	Text string `json:"text"`
}

func (p part) HTML(*web.Frame) templ.Component { return web.Text(p.Text) }

func TestPartsOfToday(t *testing.T) {
	h := open(t, nil)
	say := func(p Part) func(*Request) (Part, error) { return func(*Request) (Part, error) { return p, nil } }
	h.Today(20, say(part{"second"}))
	h.Today(30, say(Nothing{}))
	h.Today(10, say(part{"first"}))
	parts, err := h.Parts(&Request{})
	got, _ := json.Marshal(parts)
	if err != nil || string(got) != `[{"text":"first"},{"text":"second"}]` {
		t.Errorf("parts %s, %v", got, err)
	}
}
