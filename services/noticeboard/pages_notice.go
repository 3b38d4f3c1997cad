package noticeboard

import (
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// NoticePage is /notices/:id.
type NoticePage struct {
	Detail

	written written // what came back with a refused form
}

// written is what somebody wrote into one of the page's small forms.
type written struct {
	form string // last part of the path that it was sent to
	text string
}

func (s *Service) show(r *portal.Request) (portal.Page, error) {
	id, err := ParseID(r.Param("id"))
	if err != nil {
		return nil, err
	}
	var p NoticePage
	err = s.record.Read(func(v record.View) error {
		p.Detail, err = s.Read(v, reader(r), id)
		return err
	})
	return p, err
}

// showAgain is the page with what was written, after a refusal.
func (s *Service) showAgain(r *portal.Request, f *fault.Fault) (portal.Page, error) {
	page, err := s.show(r)
	if err != nil {
		return nil, err
	}
	p := page.(NoticePage)
	text := r.Form("text") + r.Form("thanks") + r.Form("why") // each form has one of them
	p.written = written{form: r.Path()[len("/notices/")+len(p.ID)+1:], text: text}
	return p, nil
}

// again is what was written into a form, "" if it was another.
func (p NoticePage) again(form string) string {
	if p.written.form == form {
		return p.written.text
	}
	return ""
}

// Title is the notice's own, where the reader may see it.
func (p NoticePage) Title(f *web.Frame) string {
	if p.Item.Title != "" {
		return p.Item.Title
	}
	return f.T("notice.kind-" + string(p.Kind))
}

// HTML is the notice.
//
//go:noinline
func (p NoticePage) HTML(f *web.Frame) templ.Component { return noticePage(f, p) }

// Until is when it expires, if that is still ahead.
func (p NoticePage) Until() time.Time { return soonest([]Item{p.Item}) }

// at is the path of one of the page's acts.
func (p NoticePage) at(act string) string { return p.URL + "/" + act }

func (s *Service) postComment(r *portal.Request, id ID) (portal.Outcome, error) {
	ref, err := s.Comment(r.Context(), order(r), id, r.Form("text"))
	if err != nil {
		return portal.Outcome{}, err
	}
	see := "/notices/" + id.String() + "#comments"
	made, err := created(r, ref, see)
	return portal.Outcome{See: see, Created: made, Flash: "notice.flash-comment"}, err
}

// back leads to the notice with a sentence about what was done.
func back(id ID, flash string, err error) (portal.Outcome, error) {
	return portal.Outcome{See: "/notices/" + id.String(), Flash: flash}, err
}

func (s *Service) postUncomment(r *portal.Request, id ID) (portal.Outcome, error) {
	comment, err := ParseID(r.Param("comment"))
	if err == nil {
		err = s.EraseComment(r.Context(), order(r), id, comment)
	}
	return back(id, "notice.flash-erased", err)
}

func (s *Service) postShowComment(r *portal.Request, id ID) (portal.Outcome, error) {
	comment, err := ParseID(r.Param("comment"))
	if err == nil {
		err = s.Show(r.Context(), order(r), comment)
	}
	return back(id, "notice.flash-shown", err)
}

func (s *Service) postClaim(r *portal.Request, id ID) (portal.Outcome, error) {
	flash := "notice.flash-claimed"
	if id.Origin() != s.record.Self() {
		flash = "notice.flash-claim-sent"
	}
	return back(id, flash, s.Claim(r.Context(), order(r), id))
}

func (s *Service) postRelease(r *portal.Request, id ID) (portal.Outcome, error) {
	claim, err := ParseID(r.Param("claim"))
	if err == nil {
		err = s.Release(r.Context(), order(r), id, claim)
	}
	return back(id, "notice.flash-released", err)
}

func (s *Service) postDone(r *portal.Request, id ID) (portal.Outcome, error) {
	return back(id, "notice.flash-done", s.Finish(r.Context(), order(r), id, r.Form("thanks")))
}

func (s *Service) postExtend(r *portal.Request, id ID) (portal.Outcome, error) {
	return back(id, "notice.flash-extended", s.Extend(r.Context(), order(r), id, r.Form("expires")))
}

func (s *Service) postWithdraw(r *portal.Request, id ID) (portal.Outcome, error) {
	return back(id, "notice.flash-withdrawn", s.Withdraw(r.Context(), order(r), id))
}

func (s *Service) postRestore(r *portal.Request, id ID) (portal.Outcome, error) {
	return back(id, "notice.flash-restored", s.Restore(r.Context(), order(r), id))
}

func (s *Service) postErase(r *portal.Request, id ID) (portal.Outcome, error) {
	return back(id, "notice.flash-erased", s.EraseAll(r.Context(), order(r), id))
}

func (s *Service) postFlag(r *portal.Request, id ID) (portal.Outcome, error) {
	return back(id, "notice.flash-flagged", s.Flag(r.Context(), order(r), id, r.Form("why")))
}

func (s *Service) postShow(r *portal.Request, id ID) (portal.Outcome, error) {
	return back(id, "notice.flash-shown", s.Show(r.Context(), order(r), id))
}
