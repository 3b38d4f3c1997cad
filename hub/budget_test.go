package hub_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"commonhub/hub/hubtest"
)

// firstView is what a phone may have to fetch before it shows a page for the first time, in bytes as they travel. That is what
// one round trip carries on a fresh connection (RFC 6928: ten segments).
const firstView = 14 << 10

// asset is what a page cannot do without: stylesheet, sprite of icons, script. Its own icon in the browser's tab counts too.
var asset = regexp.MustCompile(`(?:href|src)="(/assets/[^"#]+)`)

// The first view of a full board and of the home page fits into the first round trip, photos aside.
func TestFirstViewFitsTheFirstRoundTrip(t *testing.T) {
	h := hubtest.Start(t, hubtest.Options{Args: []string{"--mesh=false"}})
	members := []*hubtest.Member{h.Settle("ana"), h.Join("Second floor", "ben"), h.Join("Third floor", "cem")}
	for i := range 54 {
		n := hubtest.Notice{Kind: "offer", Title: fmt.Sprintf("Something useful, number %d", i), Reach: "neighbours",
			Text: fmt.Sprintf("It has been in the cellar for %d years and wants to be used. Ring at the door on the left.", i)}
		if i%2 == 1 {
			n.Title, n.Text = fmt.Sprintf("شيء مفيد رقم %d", i), fmt.Sprintf("بقي في القبو %d سنوات ويريد أن يُستعمل. اطرقوا الباب الأيسر.", i)
		}
		members[i%3].Post(n)
	}
	for _, view := range [][2]string{{"/", "en"}, {"/notices", "en"}, {"/", "ar"}, {"/notices", "ar"}} {
		path, lang := view[0], view[1]
		page, travelled := fetch(t, h.URL+path, lang)
		sum, fetched := travelled, map[string]bool{}
		for _, found := range asset.FindAllStringSubmatch(page, -1) {
			if !fetched[found[1]] {
				fetched[found[1]] = true
				_, size := fetch(t, h.URL+found[1], lang)
				sum += size
			}
		}
		hubtest.Report(t, "first view of %s in %s: %d bytes, of which the page %d and %d assets %d", path, lang, sum, travelled, len(fetched), sum-travelled)
		if sum > firstView || len(fetched) < 4 {
			t.Errorf("%s needs %d bytes with %d assets, want at most %d with all four", path, sum, len(fetched), firstView)
		}
		if path == "/notices" && strings.Count(page, "<article") < 50 {
			t.Errorf("a board of %d notices proves little", strings.Count(page, "<article"))
		}
	}
}

// fetch reads an address as a browser on plain HTTP does, and says how many bytes of body travelled.
func fetch(t *testing.T, address, lang string) (text string, travelled int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", lang)
	for _, packed := range []bool{false, true} {
		client := http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
		if packed {
			req.Header.Set("Accept-Encoding", "gzip, deflate")
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("GET %s answered %s: %v", address, res.Status, err)
		}
		if !packed {
			text = string(body)
		}
		travelled = len(body)
	}
	return text, travelled
}
