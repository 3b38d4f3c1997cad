package callout

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// FormPage is /callouts/new, empty or filled in.
type FormPage struct {
	Text     string     `json:"text"`
	Lang     string     `json:"lang"`
	Urgency  Urgency    `json:"urgency"`
	Severity Severity   `json:"severity"`
	Minutes  string     `json:"minutes"` // until it expires
	Reach    body.Reach `json:"reach"`
	Exercise bool       `json:"exercise"`
	Sure     bool       `json:"sure"`
}

func (s *Service) blank(r *portal.Request) (portal.Page, error) { return empty(r), nil }

func empty(r *portal.Request) FormPage {
	return FormPage{Lang: r.Lang.Code, Minutes: minutes(usual), Reach: body.Neighbours}
}

func minutes(d time.Duration) string { return strconv.Itoa(int(d / time.Minute)) }

// sent is the form as it came.
func sent(r *portal.Request) FormPage {
	return FormPage{
		Text: r.Form("text"), Lang: r.Form("lang"), Urgency: Urgency(r.Form("urgency")), Severity: Severity(r.Form("severity")),
		Minutes: r.Form("minutes"), Reach: body.Reach(r.Form("reach")), Exercise: r.Form("exercise") == "yes", Sure: r.Form("sure") == "yes",
	}
}

func (p FormPage) draft() (Draft, error) {
	d := Draft{Text: p.Text, Lang: p.Lang, Urgency: p.Urgency, Severity: p.Severity, Reach: p.Reach, Exercise: p.Exercise, Sure: p.Sure}
	if p.Minutes == "" {
		return d, nil
	}
	n, err := strconv.ParseUint(p.Minutes, 10, 16)
	if err != nil || n == 0 {
		return d, fault.New(fault.Invalid, "callout.life-wrong").On("minutes")
	}
	d.Life = time.Duration(n) * time.Minute
	return d, nil
}

func (s *Service) raiseAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return sent(r), nil
}

func (s *Service) postRaise(r *portal.Request) (portal.Outcome, error) {
	d, err := sent(r).draft()
	if err != nil {
		return portal.Outcome{}, err
	}
	ref, err := s.Raise(r.Context(), orderOf(r), d)
	if err != nil {
		return portal.Outcome{}, err
	}
	id := idOf(ref.Origin, ref.Leaf)
	path := "/callouts/" + string(id)
	made := portal.Created{ID: string(id), URL: r.URL(path), Index: ref.Index, Leaf: record.Hex(ref.Leaf)}
	return portal.Outcome{See: path, Created: made, Flash: "callout.flash-raised"}, nil
}

func (s *Service) postUpdate(r *portal.Request, id ID) error {
	d, err := sent(r).draft()
	if err != nil {
		return err
	}
	return s.Update(r.Context(), orderOf(r), id, d)
}

// Title of the form.
func (p FormPage) Title(f *web.Frame) string { return f.T("callout.title-new") }

// HTML is the form.
func (p FormPage) HTML(f *web.Frame) templ.Component { return formPage(f, p) }

func urgencies(f *web.Frame, chosen Urgency) []web.Choice {
	var list []web.Choice
	for _, u := range Urgencies() {
		list = append(list, web.Choice{Value: string(u), Label: f.T("callout.urgency-" + string(u)), Chosen: u == chosen})
	}
	return list
}

func severities(f *web.Frame, chosen Severity) []web.Choice {
	var list []web.Choice
	for _, s := range Severities() {
		list = append(list, web.Choice{Value: string(s), Label: f.T("callout.severity-" + string(s)), Chosen: s == chosen})
	}
	return list
}

func lives(f *web.Frame, chosen string) []web.Choice {
	list := []web.Choice{{Value: "30", Label: f.T("callout.half-hour"), Chosen: chosen == "30"}}
	for _, hours := range []int{1, 2, 6, 12, 24} {
		value := strconv.Itoa(hours * 60)
		list = append(list, web.Choice{Value: value, Label: f.T("callout.hours", hours), Chosen: value == chosen})
	}
	return list
}

func reaches(f *web.Frame, chosen body.Reach) []web.Choice {
	var list []web.Choice
	for _, r := range []body.Reach{body.Neighbours, body.Far} {
		list = append(list, web.Choice{Value: string(r), Label: f.T("callout.reach-" + string(r)), Chosen: r == chosen})
	}
	return list
}
