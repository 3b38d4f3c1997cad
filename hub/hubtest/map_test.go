package hubtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"commonhub/web"
)

// A map of a small quarter on a narrow phone, in both directions of writing: one hub in step, one that went away, one read over another,
// one bounded by a quota, one merely seen.
func TestMapOnAPhone(t *testing.T) {
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	chromium, program := browser(t), Program(t)
	here := Start(t, Options{Program: program, Args: append([]string{"--name", "Olive Street", "--host", "hub.test"}, onLoopback...)})
	steward := here.Settle("ana")
	next := func(name string, args ...string) *Hub {
		return Start(t, Options{Program: program, Args: append(append([]string{"--name", name, "--join", here.URL}, onLoopback...), args...)})
	}
	mill, gone, quay := next("Mill Lane"), next("شارع الزيتون الطويل جدًا"), next("Quay")
	beyond := Start(t, Options{Program: program, Args: append([]string{"--name", "Beyond the river", "--join", mill.URL}, onLoopback...)})
	beyond.Settle("cem").Post(Notice{Kind: "offer", Title: "Plums", Text: "Many.", Reach: "far"})
	quayNotices(t, quay)
	mill.Accept(beyond)
	Until(t, "the mill has what is beyond", func() bool { n, _ := mill.Neighbour(beyond.ID()); return n.Synced > 0 && n.Behind == 0 })
	here.Accept(mill)
	here.Accept(gone)
	Until(t, "the quay is seen", func() bool { n, seen := here.Neighbour(quay.ID()); return seen && n.Words != "" })
	steward.Act("/neighbours/"+quay.ID()+"/quota", map[string]string{"entries": "5", "megabytes": "0", "bodies": "0"})
	here.Accept(quay)
	Until(t, "the quay met its bound", func() bool {
		n, _ := here.Neighbour(quay.ID())
		return n.Synced == 5 && n.Problem == "mirror.quota-entries"
	})
	Until(t, "the river's other side is read over the mill", func() bool { n, _ := here.Neighbour(beyond.ID()); return n.Hops == 2 && n.Synced > 0 })
	lost, quayID := gone.ID(), quay.ID()
	gone.Stop()
	here.Stop()
	here.Start() // and asks all of them at once
	Until(t, "one hub no longer answers", func() bool {
		n, _ := here.Neighbour(lost)
		quay, _ := here.Neighbour(quayID)
		return n.Status == "away" && quay.Quality != ""
	})
	for _, code := range []string{"en", "ar"} {
		p, lang := newPhone(t, chromium, false), words.Match(code)
		p.open(fmt.Sprintf("%s/neighbours?lang=%s", strings.Replace(here.URL, "127.0.0.1", "hub.test", 1), code))
		p.look(code + "-30-map")
		for _, sentence := range []string{"pages.status-synced", "pages.status-away", "pages.status-far", "mirror.quota-entries"} {
			p.has(lang.T(sentence))
		}
		p.has(lang.T("pages.hops", 2))
		if label := ask(p, chromedp.Attributes(chromedp.CSS("svg.map")))["aria-label"]; label != lang.T("pages.map-label") {
			t.Errorf("the map is called %q", label)
		}
	}
}

// quayNotices writes more than its neighbours will want.
func quayNotices(t *testing.T, quay *Hub) {
	t.Helper()
	ben := quay.Settle("ben")
	for i := range 6 {
		ben.Post(Notice{Kind: "offer", Title: fmt.Sprintf("Rope %d", i), Text: "Wet.", Reach: "far"})
	}
}
