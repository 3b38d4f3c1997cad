package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// Feed is an Atom feed (RFC 4287) of the newest entries, with pages (RFC 5005).
type Feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []FeedLink  `xml:"link"`
	Entries []FeedEntry `xml:"entry"`
}

// FeedLink is a link of a feed.
type FeedLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

// FeedEntry is an entry of the books in a feed.
type FeedEntry struct {
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Author  FeedAuthor `xml:"author"`
	Links   []FeedLink `xml:"link"`
	Content FeedText   `xml:"content"`
}

// FeedAuthor is who acted.
type FeedAuthor struct {
	Name string `xml:"name"`
}

// FeedText is plain text: a line each leg, "household:h7 -90 MIN", and the memo behind an empty line.
type FeedText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// Speaker is what a feed needs from the page around it: absolute addresses, and the reader's language.
type Speaker struct {
	Title string                   // of the feed
	URL   func(path string) string // makes a path absolute
	Kind  func(kind string) string // says what happened
}

// feedSize is how many entries a page of the feed has.
const feedSize = 50

// Feed gives the newest entries below an index.
func (s Sight) Feed(o record.Origin, below uint64, say Speaker) (Feed, error) {
	f := Feed{
		ID: urn(string(o)), Title: say.Title, Updated: stamp(time.UnixMilli(0)),
		Links: []FeedLink{{"self", "application/atom+xml", say.URL("/ledger/entries.atom")}, {"alternate", "text/html", say.URL("/ledger")}},
	}
	var postings []book.Posting
	for p, err := range s.PostingsBack(below) {
		if err != nil {
			return f, err
		}
		if len(postings) == feedSize {
			f.Links = append(f.Links, FeedLink{"next", "application/atom+xml", say.URL(fmt.Sprint("/ledger/entries.atom?before=", postings[0].Index))})
			break
		}
		postings = append([]book.Posting{p}, postings...)
	}
	rows, err := s.rows(postings)
	for _, r := range rows {
		f.Updated = stamp(r.Posted)
		f.Entries = append([]FeedEntry{r.feed(o, say)}, f.Entries...)
	}
	return f, err
}

func (r Row) feed(o record.Origin, say Speaker) FeedEntry {
	var text strings.Builder
	for _, l := range r.Legs {
		fmt.Fprintln(&text, l.Account, l.Amount, l.Unit)
	}
	if r.Memo != "" {
		text.WriteString("\n" + r.Memo + "\n")
	}
	return FeedEntry{
		ID: urn(string(o) + " " + r.Leaf), Title: say.Kind(r.Kind), Updated: stamp(r.Posted), Author: FeedAuthor{r.By},
		Links: []FeedLink{{"alternate", "text/html", say.URL(fmt.Sprint("/ledger/entries/", r.Index))}}, Content: FeedText{"text", text.String()},
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// urn makes a UUID of version 8 (RFC 9562) from what identifies a thing in the record: the same under every address of the hub.
func urn(name string) string {
	h := sha256.Sum256([]byte("commonhub ledger " + name))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	x := hex.EncodeToString(h[:16])
	return "urn:uuid:" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
