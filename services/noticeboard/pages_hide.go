package noticeboard

import (
	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// HidePage is where a steward says why a notice or a comment is to be hidden. It is a page of its own because a notice may have
// many comments, and two forms on one page would share the names of their fields.
type HidePage struct {
	Action string `json:"action"`
	Words  string `json:"words"` // what is to be hidden
	Reason string `json:"reason,omitempty"`
	Text   string `json:"text,omitempty"`

	target ID
}

func (s *Service) hidePage(r *portal.Request) (portal.Page, error) {
	p := HidePage{Action: r.Path(), Reason: r.Form("reason"), Text: r.Form("text")}
	id, err := ParseID(r.Param("id"))
	if err != nil {
		return nil, err
	}
	err = s.record.Read(func(v record.View) error {
		d, err := s.Read(v, reader(r), id)
		if err != nil {
			return err
		}
		p.target, p.Words = id, d.Item.Title
		if r.Param("comment") != "" {
			return p.about(d, r.Param("comment"))
		}
		return nil
	})
	return p, err
}

// about points the page at one of the notice's comments.
func (p *HidePage) about(d Detail, comment string) (err error) {
	for _, c := range d.Replies {
		if c.ID == comment {
			p.Words = c.Text
			p.target, err = ParseID(comment)
			return err
		}
	}
	return missing()
}

func (s *Service) hideAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.hidePage(r)
}

func (s *Service) postHide(r *portal.Request) (portal.Outcome, error) {
	page, err := s.hidePage(r)
	if err != nil {
		return portal.Outcome{}, err
	}
	p := page.(HidePage)
	id, err := ParseID(r.Param("id"))
	if err == nil {
		err = s.Hide(r.Context(), order(r), p.target, p.Reason, p.Text)
	}
	return back(id, "notice.flash-hidden", err)
}

// Title of the page.
func (p HidePage) Title(f *web.Frame) string { return f.T("notice.title-hide") }

// HTML is the form.
//
//go:noinline
func (p HidePage) HTML(f *web.Frame) templ.Component { return hidePage(f, p) }
