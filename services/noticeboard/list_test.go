package noticeboard

import (
	"context"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

func TestListsPageThroughEverythingOnce(t *testing.T) {
	h := newHub(t, Options{Daily: 1000})
	var live, past []string
	for i := range 130 {
		d := draft(Kinds()[i%5], fmt.Sprint("notice ", i))
		d.Expires = stamp(h.clock.Now().Add(time.Duration(1+i*7%50) * day))
		h.post(fmt.Sprint("m", 2+i%3), d)
		h.clock.pass(day / 4)
	}
	h.view(func(v record.View) {
		for k, raw := range v.Table(service, "notice").From(nil) {
			n, _ := decode[notice](raw)
			w, _ := words(v, Reader{}, ID(k), n)
			if n.live(v.Now()) {
				live = append(live, w.Title)
			} else {
				past = append(past, w.Title)
			}
		}
	})
	if len(live) < 20 || len(past) < 20 {
		t.Fatalf("%d live and %d past ones prove little", len(live), len(past))
	}
	for _, c := range []struct {
		q    Query
		want []string
	}{{Query{Limit: 7}, live}, {Query{Limit: 7, Past: true}, past}, {Query{Limit: 7, Text: "notice"}, live}, {Query{Limit: 7, Text: "noti", Past: true}, past}} {
		newestFirst(c.want)
		same(t, h.pages(c.q), c.want...)
	}
	offers := 0
	for _, kind := range Kinds() {
		offers += len(h.pages(Query{Kind: kind, Limit: 3}))
	}
	if offers != len(live) {
		t.Errorf("the kinds add up to %d, not %d", offers, len(live))
	}
}

// newestFirst sorts "notice 7" and the like by number.
func newestFirst(titles []string) {
	number := func(s string) (n int) {
		fmt.Sscanf(s, "notice %d", &n)
		return n
	}
	slices.SortFunc(titles, func(a, b string) int { return number(b) - number(a) })
}

// pages follows a list to its end.
func (h *hub) pages(q Query) (titles []string) {
	h.t.Helper()
	for range 200 {
		var next string
		h.view(func(v record.View) {
			var items []Item
			items, next, _ = h.s.List(v, Reader{}, q)
			if len(items) > q.Limit {
				h.t.Fatalf("%d on a page of %d", len(items), q.Limit)
			}
			for _, i := range items {
				titles = append(titles, i.Title)
			}
		})
		if next == "" {
			return titles
		}
		q.Before = next
	}
	h.t.Fatal("the list never ends")
	return nil
}

func TestWrongClockSortsLast(t *testing.T) {
	here, ahead := newHub(t, Options{}), newHub(t, Options{})
	ahead.clock.pass(3 * day)
	early := ahead.post("m2", draft(Offer, "from the future"))
	here.post("m2", draft(Offer, "older"))
	here.clock.pass(time.Hour)
	here.post("m2", draft(Offer, "newer"))
	here.sync(ahead)
	same(t, here.titles(Reader{}, Query{}), "newer", "older", "from the future")
	same(t, here.pages(Query{Limit: 1}), "newer", "older", "from the future")
	if !here.detail(Reader{}, early).BadClock {
		t.Error("not marked")
	}
	here.clock.pass(2*day + time.Hour)
	same(t, here.titles(Reader{}, Query{}), "from the future", "newer", "older")
	if here.detail(Reader{}, early).BadClock {
		t.Error("still marked")
	}
}

func TestSearch(t *testing.T) {
	h := newHub(t, Options{Daily: 100})
	for _, title := range []string{
		"Drill and ladder", "Café chairs", "مِثْقَابٌ كهربائي", "أبحث عن سُلَّم", "والمكتبة مفتوحة", "מַקְדֵּחָה להשאלה", "שלום לכולם",
		"Ｆｕｌｌ width", "غرفة ٢٤",
	} {
		h.post("m2", draft(Offer, title))
	}
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"drill", []string{"Drill and ladder"}},
		{"LADD dri", []string{"Drill and ladder"}},
		{"drill chairs", nil},
		{"cafe", []string{"Café chairs"}},
		{"CAFÉ", []string{"Café chairs"}},
		{"مثقاب", []string{"مِثْقَابٌ كهربائي"}},
		{"المثقاب", []string{"مِثْقَابٌ كهربائي"}},
		{"كهربائى", []string{"مِثْقَابٌ كهربائي"}},
		{"ابحث", []string{"أبحث عن سُلَّم"}},
		{"ســـلم", []string{"أبحث عن سُلَّم"}},
		{"مكتبه", []string{"والمكتبة مفتوحة"}},
		{"المكتبة", []string{"والمكتبة مفتوحة"}},
		{"מקדחה", []string{"מַקְדֵּחָה להשאלה"}},
		{"השאלה", []string{"מַקְדֵּחָה להשאלה"}},
		{"שלומ", []string{"שלום לכולם"}},
		{"full", []string{"Ｆｕｌｌ width"}},
		{"24", []string{"غرفة ٢٤"}},
		{"nothing at all", nil},
	} {
		t.Run(c.query, func(t *testing.T) {
			h.t = t
			same(t, h.titles(Reader{}, Query{Text: c.query}), c.want...)
		})
	}
}

func TestFeed(t *testing.T) {
	h, ctx := newHub(t, Options{}), context.Background()
	kept := h.post("m2", draft(Offer, "kept <b> & \x00 all"))
	gone := h.post("m2", draft(Offer, "withdrawn"))
	neighbours := draft(News, "for neighbours")
	neighbours.Reach = body.Neighbours
	h.post("m3", neighbours)
	h.clock.pass(time.Hour)
	h.must(h.s.Withdraw(ctx, by("m2"), gone))
	other := newHub(t, Options{})
	other.sync(h)

	read := func(h *hub) (f Feed, raw string) {
		h.view(func(v record.View) {
			out, err := xml.Marshal(h.s.Feed(v, func(p string) string { return "http://hub.test" + p }, ""))
			if err != nil {
				t.Fatal(err)
			}
			raw = string(out)
			if err := xml.Unmarshal(out, &f); err != nil {
				t.Fatal(err)
			}
		})
		return f, raw
	}
	f, raw := read(h)
	if len(f.Entries) != 2 || len(f.Gone) != 1 || f.Entries[1].Title != "kept <b> & \ufffd all" {
		t.Fatalf("feed %s", raw)
	}
	if f.Updated != f.Gone[0].When || f.Entries[1].Links[0].Href != "http://hub.test/notices/"+kept.String() {
		t.Errorf("feed %s", raw)
	}
	if !strings.Contains(raw, `xmlns="http://purl.org/atompub/tombstones/1.0"`) || !strings.Contains(raw, `<id>urn:uuid:`) {
		t.Errorf("feed %s", raw)
	}
	g, raw := read(other)
	if len(g.Entries) != 1 || g.Entries[0].ID != f.Entries[1].ID || g.Gone[0].Ref != f.Gone[0].Ref {
		t.Errorf("a neighbour's feed passes on or renames: %s", raw)
	}
}
