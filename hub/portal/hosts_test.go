package portal

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

func from(local string) with {
	return func(r *http.Request) {
		a, err := net.ResolveTCPAddr("tcp", local)
		if err != nil {
			panic(err)
		}
		*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, a))
	}
}

func TestHosts(t *testing.T) {
	for _, c := range []struct {
		url, host, path string
		local           string
		location        string // "" = answered
	}{
		{"", "10.0.0.1:8080", "/", "10.0.0.1:8080", ""},
		{"", "10.9.9.9", "/", "10.0.0.1:8080", ""},
		{"", "[fd00::1]:8080", "/", "10.0.0.1:8080", ""},
		{"", "[fd00::1]", "/", "10.0.0.1:8080", ""},
		{"", "localhost:3000", "/", "10.0.0.1:8080", ""},
		{"", "LOCALHOST.", "/", "10.0.0.1:8080", ""},
		{"", "olive.lan", "/", "10.0.0.1:8080", ""},
		{"", "Olive.LAN.:8080", "/", "10.0.0.1:8080", ""},
		{"", "connectivitycheck.gstatic.com", "/generate_204", "10.0.0.1:8080", "http://10.0.0.1:8080/"},
		{"", "captive.apple.com", "/", "10.0.0.1:80", "http://10.0.0.1/"},
		{"", "rebound.example", "/", "[fd00::1]:8080", "http://[fd00::1]:8080/"},
		{"", "rebound.example", "/", "[::ffff:10.0.0.1]:8080", "http://10.0.0.1:8080/"},
		{"", "olive.lan.example", "/", "10.0.0.1:8080", "http://10.0.0.1:8080/"},
		{"", "10.0.0.1.example", "/", "10.0.0.1:8080", "http://10.0.0.1:8080/"},
		{"", "", "/", "10.0.0.1:8080", "http://10.0.0.1:8080/"},
		{"", "evil.example\" onload=", "/notices/1", "10.0.0.1:8080", "http://10.0.0.1:8080/"},
		{"http://hub.test:81", "hub.test:81", "/", "10.0.0.1:8080", ""},
		{"http://hub.test:81/", "hub.test", "/", "10.0.0.1:8080", ""},
		{"http://hub.test:81", "other.test", "/notices/1?q=x", "10.0.0.1:8080", "http://hub.test:81/"},
		{"", "neighbour.example", "/raw", "10.0.0.1:8080", ""},
		{"", "neighbour.example", "/healthz", "10.0.0.1:8080", ""},
		{"", "neighbour.example", "/live", "10.0.0.1:8080", "http://10.0.0.1:8080/"},
	} {
		h := open(t, func(o *Options) { o.URL, o.Hosts = c.url, []string{"olive.lan"} })
		w := h.get(c.path, host(c.host), from(c.local))
		if c.location == "" {
			if w.Code != http.StatusOK {
				t.Errorf("%s at %q: %d", c.path, c.host, w.Code)
			}
			continue
		}
		if w.Code != http.StatusFound || w.Header().Get("Location") != c.location {
			t.Errorf("%s at %q: %d to %q, want 302 to %q", c.path, c.host, w.Code, w.Header().Get("Location"), c.location)
		}
		if w.Body.Len() == 0 || c.host != "" && strings.Contains(w.Body.String(), c.host) {
			t.Errorf("%q is answered with %q: it must be short, not empty, and never repeat the host", c.host, w.Body)
		}
	}
}

func TestAddressesOfTheHubMustBeAddresses(t *testing.T) {
	for _, bad := range []string{"hub.test", "ftp://hub.test", "http://", "://"} {
		o := open(t, nil).o
		o.URL = bad
		if _, err := New(o); err == nil {
			t.Errorf("the address %q was taken", bad)
		}
	}
}

func TestAbsoluteAddressesNeverRepeatTheHost(t *testing.T) {
	h := open(t, nil)
	w := h.ask("POST", "/post", "title=x", asJSON, host("10.66.66.66"), from("10.0.0.1:8080"))
	h.want(w, 201, `"url":"http://10.0.0.1:8080/notices/1"`)
}
