package pages

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/mirror"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// Event is one entry of a record, as it is kept.
type Event struct {
	Origin           string          `json:"origin"`
	Index            uint64          `json:"index"`
	Leaf             string          `json:"leaf"` // hexadecimal
	Kind             string          `json:"kind"`
	At               time.Time       `json:"at"`
	By               string          `json:"by,omitempty"`
	ByName           string          `json:"byName,omitempty"`
	For              string          `json:"for,omitempty"`
	Data             json.RawMessage `json:"data,omitempty"`
	Reach            body.Reach      `json:"reach,omitempty"`
	Words            string          `json:"words"` // state of the body: none, here, not-fetched, erased, lost, elsewhere
	mirror.Witnesses                 // on the checkpoint that a receipt shows
	Raw              string          `json:"raw"` // the very bytes that were hashed
	path             string          // of this event
	hub              string          // whose record it is, "" for ours
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
		return nil
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
		Witnesses: mirror.WitnessesOf(v, e.Origin, e.Index),
		path:      fmt.Sprintf("/events/%d", e.Index),
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
//
//go:noinline
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
				proof, err = mirror.Receipt(v, o, index)
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
