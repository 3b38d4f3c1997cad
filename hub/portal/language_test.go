package portal

import (
	"strings"
	"testing"
)

func TestWhoDecidesTheLanguage(t *testing.T) {
	h := open(t, func(o *Options) { o.Language = "ar" })
	for _, c := range []struct {
		name string
		how  []with
		want string
	}{
		{"the hub, for a browser without a wish", nil, "ar"},
		{"the hub, for a wish that nobody can fulfil", []with{header("Accept-Language", "ja")}, "ar"},
		{"the browser", []with{header("Accept-Language", "en-GB,en;q=0.8,ar;q=0.2")}, "en"},
		{"the switch before the browser", []with{header("Accept-Language", "ar"), setCookie(languageCookie, "en")}, "en"},
		{"the browser, for an odd cookie", []with{header("Accept-Language", "en"), setCookie(languageCookie, "../../etc")}, "en"},
	} {
		w := h.get("/", c.how...)
		if !strings.Contains(w.Body.String(), `<html lang="`+c.want+`"`) {
			t.Errorf("%s: want %s: %.200s", c.name, c.want, w.Body)
		}
	}
}

func TestLanguageSwitch(t *testing.T) {
	h := open(t, nil)
	w := h.get("/notices/7?q=a+b&lang=ar")
	h.want(w, 303)
	if got := w.Header().Get("Location"); got != "/notices/7?q=a+b" {
		t.Errorf("led to %q", got)
	}
	if got := w.Header().Get("Set-Cookie"); !strings.HasPrefix(got, "hub-language=ar; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax") {
		t.Errorf("cookie %q", got)
	}
	w = h.get("/?lang=xx")
	h.want(w, 303)
	if got := w.Header().Get("Set-Cookie"); got != "" {
		t.Errorf("a language that we do not speak was kept: %q", got)
	}
	if w := h.get("//evil.example/?lang=ar"); strings.Contains(w.Header().Get("Location"), "//") {
		t.Errorf("the switch leads elsewhere: %q", w.Header().Get("Location"))
	}
}

func TestSwitchLeadsBackToAPageThatExists(t *testing.T) {
	h := open(t, nil)
	h.want(h.get("/notices/7?q=x"), 200, `href="/notices/7?lang=ar&amp;q=x"`)
	form := "title=&form-token=" + token(t, h.get("/mine", as("m2")))
	h.want(h.ask("POST", "/post", form, as("m2")), 422, `href="/?lang=ar"`)     // /post answers no GET
	h.want(h.ask("POST", "/mine", form, as("m2")), 422, `href="/mine?lang=ar"`) // /mine does
}
