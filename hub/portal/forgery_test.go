package portal

import (
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// token takes the form token off a page.
func token(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	m := regexp.MustCompile(`name="form-token" value="([^"]*)"`).FindStringSubmatch(w.Body.String())
	if m == nil {
		t.Fatalf("no form token on the page: %s", w.Body)
	}
	return m[1]
}

// guestOf takes the guest cookie off an answer.
func guestOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	for _, c := range w.Result().Cookies() {
		if c.Name == guestCookie {
			return c.Value
		}
	}
	t.Fatalf("no guest cookie: %v", w.Header())
	return ""
}

func TestForgedPosts(t *testing.T) {
	h := open(t, nil)
	m2, m3 := token(t, h.get("/mine", as("m2"))), token(t, h.get("/mine", as("m3")))
	fresh := h.get("/fresh")
	guest, cookie := token(t, fresh), guestOf(t, fresh)
	other := token(t, h.get("/fresh"))
	bearer, json := header("Authorization", "Bearer b-m2"), header("Content-Type", "application/json")
	cross := []with{header("Origin", "http://evil.example"), header("Sec-Fetch-Site", "cross-site")}
	for _, c := range []struct {
		name   string
		body   string
		how    []with
		status int
	}{
		{"member with the token", "title=x&form-token=" + m2, []with{as("m2")}, 303},
		{"member with the token in a header", "title=x", []with{as("m2"), header("X-Form-Token", m2)}, 303},
		{"member without", "title=x", []with{as("m2")}, 403},
		{"member with another's", "title=x&form-token=" + m3, []with{as("m2")}, 403},
		{"member with a guest's", "title=x&form-token=" + guest, []with{as("m2"), setCookie(guestCookie, cookie)}, 403},
		{"member with the token from another site", "title=x&form-token=" + m2, append(cross, as("m2")), 403},
		{"member asking for JSON without", "title=x", []with{as("m2"), asJSON}, 403},
		{"member sending JSON without", `{"title":"x"}`, []with{as("m2"), json}, 403},
		{"member sending JSON with", `{"title":"x","form-token":"` + m2 + `"}`, []with{as("m2"), json}, 201},
		{"ended session asking for JSON without", "title=x", []with{setCookie(sessionCookie, "ended"), asJSON}, 403},
		{"guest with the token", "title=x&form-token=" + guest, []with{setCookie(guestCookie, cookie)}, 303},
		{"guest with the token but without the cookie", "title=x&form-token=" + guest, nil, 403},
		{"guest with another guest's", "title=x&form-token=" + other, []with{setCookie(guestCookie, cookie)}, 403},
		{"guest without", "title=x", nil, 403},
		{"guest with an empty one", "title=x&form-token=", nil, 403},
		{"bearer", "title=x", []with{bearer, asJSON}, 201},
		{"bearer, also from another site", "title=x", append(cross, bearer, asJSON), 201},
		{"bearer beside a session", "title=x", []with{bearer, as("m2"), asJSON}, 201},
		{"script asking for JSON", "title=x", []with{asJSON}, 201},
		{"script sending JSON", `{"title":"x"}`, []with{json}, 201},
		{"script from another site", "title=x", append(cross, asJSON), 403},
	} {
		before := h.acts.Load()
		w := h.ask("POST", "/post", c.body, c.how...)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d: %.300s", c.name, w.Code, c.status, w.Body)
		}
		if acted := h.acts.Load() > before; acted != (c.status < 400) {
			t.Errorf("%s: acted %v with status %d", c.name, acted, w.Code)
		}
	}
}

func TestAStaleFormComesBackFilledIn(t *testing.T) {
	h := open(t, nil)
	w := h.ask("POST", "/post", "title=x&text="+url.QueryEscape("long words")+"&form-token=old", as("m2"))
	h.want(w, 403, "you wrote long words", "too old")
	if got := token(t, w); got == "" || got == "old" {
		t.Errorf("the form came back with the token %q", got)
	}
}

func TestScriptsGetNoCookies(t *testing.T) {
	h := open(t, nil)
	w := h.ask("POST", "/enter", "a=b", asJSON)
	h.want(w, 201, `"token":"b-m2"`)
	if c := w.Header().Values("Set-Cookie"); len(c) > 0 {
		t.Errorf("a script got cookies: %q", c)
	}
}

func TestSignInSetsAStrictCookie(t *testing.T) {
	h := open(t, nil)
	fresh := h.get("/fresh")
	w := h.ask("POST", "/enter", "form-token="+token(t, fresh), setCookie(guestCookie, guestOf(t, fresh)))
	h.want(w, 303)
	all := strings.Join(w.Header().Values("Set-Cookie"), "\n")
	if !strings.Contains(all, "hub=s-m2; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax") {
		t.Errorf("cookies are %s", all)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("an answer that signs in may be stored")
	}
}
