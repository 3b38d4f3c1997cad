package pages

import (
	"encoding/base64"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/mirror"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

func (s Pages) mountRecord(p *portal.Portal) {
	p.Get("/record", s.record)
	p.Post("/record/quorum", s.setQuorum, s.recordAgain, portal.Stewards)
	p.Get("/events/:index", s.event)
	p.Raw(http.MethodGet, "/events/:index/receipt", http.HandlerFunc(s.receipt))
	p.Get("/neighbours/:id/events/:index", s.event)
	p.Raw(http.MethodGet, "/neighbours/:id/events/:index/receipt", http.HandlerFunc(s.receipt))
}

// recent is how many events the record's page shows at once.
const recent = 20

// Record says what the record is, how long it is and how anyone can check it.
type Record struct {
	Origin string `json:"origin"`
	Size   uint64 `json:"size"`
	Root   string `json:"root"` // base64, as in the checkpoint
	Key    string `json:"key"`  // verification key
	URL    string `json:"url"`  // for `commonhub record verify`
	mirror.Witnesses
	Quorum  int     `json:"quorum"`          // cosignatures that make a receipt final
	Events  []Event `json:"events"`          // newest first
	Older   uint64  `json:"older,omitempty"` // value of ?before= for the next page, 0 at the beginning of the record
	newest  bool
	signers int // neighbours who could sign
	typed   string
}

// recordAgain shows the record with the number that a steward typed.
func (s Pages) recordAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	shown, err := s.record(r)
	if p, ok := shown.(Record); ok {
		p.typed = r.Form("k")
		return p, err
	}
	return shown, err
}

func (s Pages) record(r *portal.Request) (portal.Page, error) {
	p := Record{Origin: string(s.Record.Self()), Key: s.Record.VerifierKey(), URL: r.URL("/record/"), Events: []Event{}}
	err := s.Record.Read(func(v record.View) error {
		c, err := v.Checkpoint(v.Self())
		if err != nil {
			return err
		}
		p.Size, p.Root, p.Witnesses = c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), mirror.WitnessesOfAll(v, v.Self())
		p.Quorum = mirror.Quorum(v, v.Self())
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
	for _, n := range s.Neighbours.List() {
		if n.State == mirror.Accepted {
			p.signers++
		}
	}
	p.typed = strconv.Itoa(p.Quorum)
	return p, err
}

// Title of the page.
func (p Record) Title(f *web.Frame) string { return f.T("pages.record-title") }

// HTML begins with plain words.
//
//go:noinline
func (p Record) HTML(f *web.Frame) templ.Component { return recordView(f, p) }
