package noticeboard

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/photo"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// FormPage is /notices/new and /notices/:id/edit, empty or filled in.
type FormPage struct {
	Action  string `json:"action"` // where it is sent
	Notice  string `json:"notice,omitempty"`
	Version string `json:"version,omitempty"` // leaf of the words that an edit starts from
	Kind    string `json:"kind"`
	Heading string `json:"title"`
	Text    string `json:"text"`
	Place   string `json:"place"`
	Lang    string `json:"lang"`
	Starts  string `json:"starts"`
	Expires string `json:"expires"`
	Reach   string `json:"reach"`
	Shots   []Shot `json:"pictures,omitempty"` // of an edit: those there are
	Photos  bool   `json:"-"`                  // photos were chosen before a refusal: a browser forgets them
	Today   string `json:"-"`                  // first day that may be chosen
}

func (s *Service) blank(r *portal.Request) (portal.Page, error) {
	kind := Kind(r.Query("kind"))
	if !kind.valid() {
		kind = Offer
	}
	return FormPage{
		Action: "/notices", Kind: string(kind), Reach: string(body.Neighbours), Lang: r.Lang.Code, Today: s.day(r.Now()),
	}, nil
}

func (s *Service) day(t time.Time) string { return t.In(s.o.Zone).Format(time.DateOnly) }

// sent is the form as it came.
func (s *Service) sent(r *portal.Request) FormPage {
	files, _ := r.Files("photo") // only whether there are any matters here
	return FormPage{
		Action: r.Path(), Kind: r.Form("kind"), Heading: r.Form("title"), Text: r.Form("text"), Place: r.Form("place"),
		Lang: r.Form("lang"), Starts: r.Form("starts"), Expires: r.Form("expires"), Reach: r.Form("reach"),
		Version: r.Form("version"), Photos: len(files) > 0, Today: s.day(r.Now()),
	}
}

func (p FormPage) draft() Draft {
	return Draft{
		Words: Words{p.Heading, p.Text, p.Place}, Kind: Kind(p.Kind), Lang: p.Lang, Starts: p.Starts, Expires: p.Expires,
		Reach: body.Reach(p.Reach),
	}
}

func (s *Service) postAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.sent(r), nil
}

func (s *Service) post(r *portal.Request) (portal.Outcome, error) {
	draft := s.sent(r).draft()
	if draft.Reach == "" {
		draft.Reach = body.Neighbours
	}
	// Before the photos, which take seconds: a missing title should not.
	if err := draft.check(); err != nil {
		return portal.Outcome{}, err
	}
	var err error
	if draft.Pictures, err = s.photos(r.Context(), r); err != nil {
		return portal.Outcome{}, err
	}
	ref, err := s.Post(r.Context(), order(r), draft)
	if err != nil {
		return portal.Outcome{}, err
	}
	made, err := created(r, ref, "")
	return portal.Outcome{See: "/notices/" + made.ID, Created: made, Flash: "notice.flash-posted"}, err
}

// photos develops what was uploaded, one after the other.
func (s *Service) photos(ctx context.Context, r *portal.Request) ([]*photo.Picture, error) {
	files, err := r.Files("photo")
	if err != nil {
		return nil, err
	}
	if len(files) > maxPhotos {
		return nil, fault.New(fault.Invalid, "notice.photos-many", maxPhotos).On("photo")
	}
	var pictures []*photo.Picture
	for _, f := range files {
		p, err := s.photo(ctx, f)
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, p)
	}
	return pictures, nil
}

func (s *Service) photo(ctx context.Context, f portal.Upload) (*photo.Picture, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return s.darkroom.Develop(ctx, in)
}

// edit answers GET /notices/:id/edit with the words as they are.
func (s *Service) edit(r *portal.Request) (portal.Page, error) {
	return s.editing(r)
}

func (s *Service) editing(r *portal.Request) (p FormPage, err error) {
	id, err := ParseID(r.Param("id"))
	if err != nil {
		return p, err
	}
	err = s.record.Read(func(v record.View) error {
		d, err := s.Read(v, reader(r), id)
		if err != nil {
			return err
		}
		if !d.May.Edit {
			return fault.New(fault.Denied, "notice.not-yours")
		}
		p = FormPage{
			Action: d.URL + "/edit", Notice: d.ID, Version: d.Version, Kind: string(d.Kind), Heading: d.Item.Title, Text: d.Text,
			Place: d.Place, Lang: d.Lang, Reach: string(d.Reach), Shots: d.Pictures, Today: s.day(v.Now()),
		}
		if d.Starts != nil {
			p.Starts = d.Starts.Format("2006-01-02T15:04")
		}
		return nil
	})
	return p, err
}

// editAgain keeps what was written, and the version that it was written on: a second try is refused again if somebody else
// edited meanwhile, until the page is opened anew.
func (s *Service) editAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	now, err := s.editing(r)
	if err != nil {
		return nil, err
	}
	p := s.sent(r)
	p.Notice, p.Shots, p.Kind, p.Reach = now.Notice, now.Shots, now.Kind, now.Reach
	return p, nil
}

func (s *Service) saveEdit(r *portal.Request) (portal.Outcome, error) {
	id, err := ParseID(r.Param("id"))
	if err != nil {
		return portal.Outcome{}, err
	}
	form := s.sent(r)
	draft := form.draft()
	if draft.Pictures, err = s.photos(r.Context(), r); err != nil {
		return portal.Outcome{}, err
	}
	return back(id, "notice.flash-edited", s.Edit(r.Context(), order(r), id, form.Version, draft, r.FormAll("drop")))
}

// Title of the form.
func (p FormPage) Title(f *web.Frame) string {
	if p.Notice != "" {
		return f.T("notice.title-edit")
	}
	return f.T("notice.title-new")
}

// HTML is the form.
//
//go:noinline
func (p FormPage) HTML(f *web.Frame) templ.Component { return formPage(f, p) }
