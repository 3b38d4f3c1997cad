package callout

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// Page is /callouts/:id.
type Page struct {
	Item
	Told    []Telling `json:"told"` // what was said before, newest first
	Answers []Answer  `json:"answers"`

	may  may
	form FormPage // of an update
}

// Telling is what was said at one time.
type Telling struct {
	At    time.Time `json:"at"`
	Words WordState `json:"words"`
	Text  string    `json:"text,omitempty"`
	Lang  string    `json:"lang,omitempty"`
}

// Answer is a member who has seen it, or is coming.
type Answer struct {
	By      string `json:"by"`
	Name    string `json:"name,omitempty"`
	HubName string `json:"hub_name,omitempty"`
	Coming  bool   `json:"coming"`
}

// may is which buttons make sense for the reader; commands judge for themselves.
type may struct{ seen, coming, speak, block bool }

func (s *Service) show(r *portal.Request) (portal.Page, error) {
	id, err := ParseID(r.Param("id"))
	if err != nil {
		return nil, err
	}
	var p Page
	err = s.record.Read(func(v record.View) error {
		p, err = s.read(v, readerOf(r), id)
		return err
	})
	p.form = empty(r)
	p.form.Urgency, p.form.Severity = p.Urgency, p.Severity
	return p, err
}

func (s *Service) read(v record.View, r Reader, id ID) (Page, error) {
	c, recorded, ok := s.find(v, id)
	if !ok || isBlocked(v, id.Origin(), c.By) && !r.Steward {
		return Page{}, missing()
	}
	p := Page{Item: s.item(v, r, id, c, recorded), Told: []Telling{}, Answers: s.answers(v, r, id)}
	for _, t := range slices.Backward(c.Told[:len(c.Told)-1]) {
		text, state := s.words(v, id.Origin(), leafOf(t.Leaf))
		p.Told = append(p.Told, Telling{s.local(t.At), state, text, t.Lang})
	}
	mine := said(v, id, v.Self(), r.Member)
	live := r.known() && c.live(v.Now())
	p.may = may{
		seen: live && mine&hasSeen == 0, coming: live && mine&isComing == 0, block: r.Steward && !p.Blocked,
		speak: r.known() && id.Origin() == v.Self() && c.Over == "" && (c.By == r.Member || r.Steward),
	}
	return p, nil
}

// answers lists who answered, those who come first.
func (s *Service) answers(v record.View, r Reader, id ID) []Answer {
	list := []Answer{}
	prefix := under(string(id), "")
	for k, flags := range v.Table(service, "answer").Prefix(prefix) {
		o, member := record.OriginFor(string(k[len(prefix):][:hubLength])), string(k[len(prefix)+hubLength:])
		a := Answer{By: member, Name: s.o.Members.NameOf(v, o, member, r.known()), Coming: flags[0]&isComing != 0}
		if o != v.Self() {
			a.HubName = s.o.Hubs.HubName(v, o)
		}
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b Answer) int { return rank(!a.Coming) - rank(!b.Coming) })
	return list
}

func (s *Service) showAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	page, err := s.show(r)
	if err != nil {
		return nil, err
	}
	p := page.(Page)
	if written := sent(r); written.Text != "" {
		p.form = written
	}
	return p, nil
}

// Title says what it is: its words are long, and below.
func (p Page) Title(f *web.Frame) string {
	if p.Exercise {
		return f.T("callout.exercise")
	}
	return f.T("callout.title-one")
}

// HTML is the call-out.
func (p Page) HTML(f *web.Frame) templ.Component { return showPage(f, p) }

// Until is when it expires.
func (p Page) Until() time.Time { return soonest([]Item{p.Item}) }

func (p Page) at(act string) string { return p.URL + "/" + act }

func (s *Service) postSeen(r *portal.Request, id ID) error {
	return s.Seen(r.Context(), orderOf(r), id)
}

func (s *Service) postComing(r *portal.Request, id ID) error {
	return s.Coming(r.Context(), orderOf(r), id)
}

func (s *Service) postCancel(r *portal.Request, id ID) error {
	return s.Cancel(r.Context(), orderOf(r), id)
}

func (s *Service) postResolve(r *portal.Request, id ID) error {
	return s.Resolve(r.Context(), orderOf(r), id)
}
