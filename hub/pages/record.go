package pages

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

func (s Pages) mountRecord(p *portal.Portal) {
	p.Get("/record", s.record)
	p.Get("/events/:index", s.event)
	p.Raw(http.MethodGet, "/events/:index/receipt", http.HandlerFunc(s.receipt))
	p.Get("/neighbours/:id/events/:index", s.event)
	p.Raw(http.MethodGet, "/neighbours/:id/events/:index/receipt", http.HandlerFunc(s.receipt))
}

// recent is how many events the record's page shows at once.
const recent = 20

// Record says what the record is, how long it is and how anyone can check it.
type Record struct {
	Origin       string  `json:"origin"`
	Size         uint64  `json:"size"`
	Root         string  `json:"root"` // base64, as in the checkpoint
	Key          string  `json:"key"`  // verification key
	URL          string  `json:"url"`  // for `commonhub record verify`
	Cosignatures int     `json:"cosignatures"`
	Events       []Event `json:"events"`          // newest first
	Older        uint64  `json:"older,omitempty"` // value of ?before= for the next page, 0 at the beginning of the record
	newest       bool
}

func (s Pages) record(r *portal.Request) (portal.Page, error) {
	p := Record{Origin: string(s.Record.Self()), Key: s.Record.VerifierKey(), URL: r.URL("/record/"), Events: []Event{}}
	err := s.Record.Read(func(v record.View) error {
		c, err := v.Checkpoint(v.Self())
		if err != nil {
			return err
		}
		p.Size, p.Root, p.Cosignatures = c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), cosignatures(c)
		before, err := strconv.ParseUint(r.Query("before"), 10, 63)
		if err != nil || before > c.Size {
			before = c.Size
		}
		p.newest = before == c.Size
		for i := before; i > 0 && len(p.Events) < recent; i-- {
			e, err := v.Entry(v.Self(), i-1)
			if err != nil {
				return err
			}
			p.Events = append(p.Events, s.shown(v, e, r.Visitor.Known()))
			p.Older = i - 1
		}
		return nil
	})
	return p, err
}

// cosignatures counts the signature lines of a checkpoint beyond the hub's own.
func cosignatures(c record.Checkpoint) int {
	_, signatures, _ := bytes.Cut(c.Note, []byte("\n\n"))
	return max(0, bytes.Count(signatures, []byte("\n"))-1)
}

// Title of the page.
func (p Record) Title(f *web.Frame) string { return f.T("pages.record-title") }

// HTML begins with plain words.
func (p Record) HTML(f *web.Frame) templ.Component { return recordView(f, p) }

// Event is one entry of a record, as it is kept.
type Event struct {
	Origin       string          `json:"origin"`
	Index        uint64          `json:"index"`
	Leaf         string          `json:"leaf"` // hexadecimal
	Kind         string          `json:"kind"`
	At           time.Time       `json:"at"`
	By           string          `json:"by,omitempty"`
	ByName       string          `json:"byName,omitempty"`
	For          string          `json:"for,omitempty"`
	Data         json.RawMessage `json:"data,omitempty"`
	Reach        body.Reach      `json:"reach,omitempty"`
	Words        string          `json:"words"`                  // state of the body: none, here, not-fetched, erased, lost, elsewhere
	Cosignatures int             `json:"cosignatures,omitempty"` // on the checkpoint that a receipt shows
	Raw          string          `json:"raw"`                    // the very bytes that were hashed
	path         string          // of this event
	hub          string          // whose record it is, "" for ours
}

func (s Pages) event(r *portal.Request) (portal.Page, error) {
	o, index, err := s.place(r)
	if err != nil {
		return nil, err
	}
	var page Event
	err = s.Record.Read(func(v record.View) error {
		e, err := v.Entry(o, index)
		if err != nil {
			return err
		}
		page = s.shown(v, e, r.Visitor.Known())
		c, err := v.Checkpoint(o)
		if err == nil {
			page.Cosignatures = cosignatures(c)
		}
		return nil // a mirror that is still being filled has no checkpoint, and shows its events all the same
	})
	if o != s.Record.Self() {
		page.hub = s.hubName(o)
	}
	return page, err
}

// place reads which event an address means.
func (s Pages) place(r *portal.Request) (record.Origin, uint64, error) {
	o := s.Record.Self()
	if id := r.Param("id"); id != "" {
		o = record.OriginFor(id)
	}
	index, err := strconv.ParseUint(r.Param("index"), 10, 63)
	if err != nil || o.ID() == "" {
		return "", 0, fault.New(fault.NotFound, "portal.not-found")
	}
	return o, index, nil
}

// hubName is what a neighbour calls itself, or else its id.
func (s Pages) hubName(o record.Origin) string {
	for _, n := range s.Neighbours.List() {
		if n.ID == o.ID() {
			return called(n.Name, n.ID)
		}
	}
	return o.ID()
}

func (s Pages) shown(v record.View, e record.Entry, known bool) Event {
	page := Event{
		Origin: string(e.Origin), Index: e.Index, Leaf: record.Hex(e.Leaf), Kind: e.Kind, At: e.At, By: e.By, For: e.For,
		ByName: s.People.NameOf(v, e.Origin, e.By, known), Data: e.Data, Reach: e.Reach, Words: "none", Raw: string(e.Raw),
		path: fmt.Sprintf("/events/%d", e.Index),
	}
	if e.Origin != v.Self() {
		page.path = "/neighbours/" + e.Origin.ID() + page.path
	}
	if e.Event.Body != "" {
		page.Words = wordsState(v.Body(e.Origin, e.Leaf).State)
	}
	return page
}

func wordsState(s body.State) string {
	switch s {
	case body.Here:
		return "here"
	case body.NotFetched:
		return "not-fetched"
	case body.Erased:
		return "erased"
	case body.Lost:
		return "lost"
	}
	return "elsewhere"
}

// Title names the event by its place.
func (p Event) Title(f *web.Frame) string { return f.T("pages.event-title", p.Index) }

// HTML shows it in words, then as bytes.
func (p Event) HTML(f *web.Frame) templ.Component { return eventView(f, p) }

// said is the event's kind in words; each package has those of its own kinds under "event.".
func (p Event) said(f *web.Frame) string {
	if key := "event." + p.Kind; f.Has(key) {
		return f.T(key)
	}
	return f.T("pages.kind-unknown", p.Kind)
}

// receipt offers the tlog-proof of an event.
func (s Pages) receipt(w http.ResponseWriter, req *http.Request) {
	r := portal.From(req)
	o, index, err := s.place(r)
	var proof []byte
	if err == nil {
		err = s.Record.Read(func(v record.View) error {
			_, err := v.Entry(o, index)
			if err == nil {
				proof, err = v.Receipt(o, index)
			}
			return err
		})
	}
	if err != nil {
		f := fault.Of(err)
		http.Error(w, r.Lang.T(f.Key, f.Args...), f.Kind.Status())
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%d.tlog-proof"`, o.ID(), index))
	h.Set("Cache-Control", "no-cache")
	w.Write(proof)
}
