package noticeboard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Feed is an Atom feed (RFC 4287) with tombstones (RFC 6721) and pages (RFC 5005).
type Feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []feedLink  `xml:"link"`
	Entries []feedEntry `xml:"entry"`
	Gone    []tombstone `xml:"http://purl.org/atompub/tombstones/1.0 deleted-entry"`
}

type feedLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type feedEntry struct {
	Lang      string       `xml:"xml:lang,attr,omitempty"`
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Author    feedAuthor   `xml:"author"`
	Category  feedCategory `xml:"category"`
	Links     []feedLink   `xml:"link"`
	Content   feedText     `xml:"content"`
}

type feedAuthor struct {
	Name string `xml:"name"`
}

type feedCategory struct {
	Term string `xml:"term,attr"`
}

type feedText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type tombstone struct {
	Ref  string `xml:"ref,attr"`
	When string `xml:"when,attr"`
}

// Feed gives a page of the feed. url makes a path absolute; before is the cursor of the page before, "" for the first.
//
// A feed is read by machines that publish again, so it has less than the board: of other hubs' notices only those that may go
// anywhere, as words for neighbours are never passed on.
func (s *Service) Feed(v record.View, url func(path string) string, before string) Feed {
	f := Feed{
		ID: urn(string(v.Self())), Title: s.o.Hubs.HubName(v, v.Self()),
		Links: []feedLink{{"self", "application/atom+xml", url("/notices.atom")}, {"alternate", "text/html", url("/notices")}},
	}
	latest := time.UnixMilli(0)
	_, next := newest(v, Query{Before: before}, func(h hit) bool {
		n, held := load(v, h.id)
		if !held || !feedable(v, h.id, n) {
			return false
		}
		i := s.item(v, Reader{}, h.id, n)
		if i.State != WordsHere {
			return false
		}
		f.Entries = append(f.Entries, i.entry(n, url))
		latest = later(latest, i.changed)
		return true
	})
	if next != "" {
		f.Links = append(f.Links, feedLink{"next", "application/atom+xml", url("/notices.atom?before=" + next)})
	}
	if before == "" {
		f.Gone, latest = tombstones(v, latest)
	}
	f.Updated = stamp(latest)
	return f
}

func feedable(v record.View, id ID, n notice) bool {
	return n.Reach == body.Far || n.Reach == body.Neighbours && id.Origin() == v.Self()
}

func (i Item) entry(n notice, url func(string) string) feedEntry {
	e := feedEntry{
		Lang: i.Lang, ID: urnOf(i.Hub, n), Title: i.Title, Published: stamp(i.At), Updated: stamp(later(i.At, i.changed)),
		Author: feedAuthor{i.Name}, Category: feedCategory{string(i.Kind)},
		Links: []feedLink{{"alternate", "text/html", url(i.URL)}}, Content: feedText{"text", i.Text},
	}
	if e.Author.Name == "" {
		e.Author.Name = i.By
	}
	for _, p := range i.Pictures {
		e.Links = append(e.Links, feedLink{"enclosure", "image/jpeg", url(p.URL)})
	}
	return e
}

// tombstones lists what was lately withdrawn or hidden, the latest first, each once.
func tombstones(v record.View, latest time.Time) ([]tombstone, time.Time) {
	var list []tombstone
	seen := make(map[ID]bool)
	walked := 0
	for k := range v.Table(service, "gone").Back(nil) {
		if walked++; walked > maxWalk || len(list) == pageSize {
			break
		}
		id, when := ID(k[8:]), at(int64(record.ParseNum(k[:8])))
		n, held := load(v, id)
		if !held || seen[id] || !feedable(v, id, n) {
			continue
		}
		seen[id] = true
		list = append(list, tombstone{urnOf(id.Origin().ID(), n), stamp(when)})
		latest = later(latest, when)
	}
	return list, latest
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func urnOf(hub string, n notice) string { return urn(string(record.OriginFor(hub)) + " " + n.Leaf) }

// urn makes a UUID of version 8 (RFC 9562) from what identifies a thing in the record: it stays the same at every hub, under
// every address, after every restart.
func urn(name string) string {
	h := sha256.Sum256([]byte("commonhub noticeboard " + name))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	x := hex.EncodeToString(h[:16])
	return "urn:uuid:" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
