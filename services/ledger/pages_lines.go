package ledger

import (
	"strconv"

	"github.com/a-h/templ"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// mountLines registers credit between hubs. What hubs owe each other can be read by anyone, like all of the ledger.
func (s *Service) mountLines(p *portal.Portal) {
	p.Get("/ledger/lines", s.listLines)
	p.Get("/ledger/lines/:hub", s.showLine)
	p.Get("/ledger/lines/:hub/pay", s.blankPay, portal.Members)
	p.Post("/ledger/lines/:hub/pay", s.postAbroad, s.payAgain, portal.Members)
	p.Get("/ledger/payments/:index", s.showPayment)
	p.Post("/ledger/payments/:index/recall", s.postRecall, s.paymentAgain, portal.Members)
	p.Post("/ledger/lines", s.postCaps, s.linesAgain, portal.Stewards)
	act := func(path, flash string, do func(*portal.Request, string) (record.Ref, error)) {
		p.Post("/ledger/lines/:hub/"+path, func(r *portal.Request) (portal.Outcome, error) {
			hub := r.Param("hub")
			_, err := do(r, hub)
			return portal.Outcome{See: "/ledger/lines/" + hub, Flash: flash}, err
		}, s.lineAgain, portal.Stewards)
	}
	act("trust", "ledger.flash-line-asked", s.postTrust)
	act("agree", "ledger.flash-line-agreed", s.postAgreeLine)
	act("freeze", "ledger.flash-set", s.postFreeze)
	act("shut", "ledger.flash-set", s.postShut)
	act("writeoff", "ledger.flash-writeoff-asked", s.postWriteoff)
	act("writeoff/agree", "ledger.flash-writeoff", s.postWriteoffYes)
}

// LinesPage is /ledger/lines: what we and other hubs owe each other.
type LinesPage struct {
	Lines []LineShown `json:"lines"`
	Caps  []CapShown  `json:"caps"`
	Hubs  []HubRef    `json:"hubs"` // that we accepted
	units []book.Admitted
}

// CapShown is what all lines of a unit come to, and what they may.
type CapShown struct {
	book.LineCapped
	book.Abroad
	scale money.Scale
}

func (s *Service) listLines(r *portal.Request) (portal.Page, error) {
	p := LinesPage{Caps: []CapShown{}}
	err := s.look(readerOf(r), func(l sight) error {
		p.Lines, p.Hubs = l.lines(""), l.accepted()
		p.units = l.Units()
		for _, u := range p.units {
			p.Caps = append(p.Caps, CapShown{l.Cap(u.Unit), l.Books.Abroad(u.Unit), l.Scale(u.Unit)})
		}
		return nil
	})
	return p, err
}

func (s *Service) linesAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	return s.listLines(r)
}

// Title of the list.
func (p LinesPage) Title(f *web.Frame) string { return f.T("ledger.title-lines") }

// HTML is the list.
//
//go:noinline
func (p LinesPage) HTML(f *web.Frame) templ.Component { return linesPage(f, p) }

// LinePage is /ledger/lines/:hub: the statement of our lines with one hub, and everything that did not become an entry.
type LinePage struct {
	Hub         HubRef          `json:"hub"`
	Accepted    bool            `json:"accepted"`
	Frozen      bool            `json:"frozen"`
	FrozenThere bool            `json:"frozen_there"`
	Lines       []LineShown     `json:"lines"`
	Unit        money.Unit      `json:"unit,omitempty"` // of the statement
	Statement   []Crossing      `json:"statement"`
	Way         []Leaving       `json:"way"`     // ours, not answered
	Back        []Leaving       `json:"back"`    // ours, refused over there
	Refused     []Arriving      `json:"refused"` // theirs, refused here or not answered
	Void        []TheirVoid     `json:"void"`
	Claims      []TheirVoid     `json:"claims"` // of theirs, which our books know nothing of
	Writeoffs   []book.Writeoff `json:"writeoffs"`
	Older       string          `json:"older,omitempty"`

	units  []book.Admitted
	scale  money.Scale
	reader Reader
	form   func(string) string // what was sent
}

// showLine answers GET /ledger/lines/:hub?unit=&before=.
func (s *Service) showLine(r *portal.Request) (portal.Page, error) {
	p, err := s.linePage(r)
	return p, err
}

func (s *Service) lineAgain(r *portal.Request, _ *fault.Fault) (portal.Page, error) {
	p, err := s.linePage(r)
	p.form = r.Form
	return p, err
}

func (s *Service) linePage(r *portal.Request) (p LinePage, err error) {
	hub := r.Param("hub")
	if !record.ValidID(hub) {
		return p, missing()
	}
	p = LinePage{Statement: []Crossing{}, Claims: []TheirVoid{}, Writeoffs: []book.Writeoff{}, reader: readerOf(r), form: func(string) string { return "" }}
	p.Accepted = len(s.o.Hubs.AcceptedKeys(record.OriginFor(hub))) > 0
	err = s.look(p.reader, func(l sight) error {
		p.Hub, p.Frozen, p.FrozenThere, p.units = l.hub(hub), l.Frozen(hub), l.frozenThere(hub), l.Units()
		p.Lines, p.Refused, p.Void = l.lines(hub), l.arriving(hub), l.theirVoids(hub)
		p.Way, p.Back = l.leaving(hub)
		for _, w := range l.OpenWriteoffs() {
			if w.Hub == hub {
				p.Writeoffs = append(p.Writeoffs, w)
			}
		}
		if !p.Accepted && len(p.Lines) == 0 {
			return missing()
		}
		return p.fill(l, r)
	})
	return p, err
}

// fill writes the statement of the unit that was asked for, or of the first line.
func (p *LinePage) fill(l sight, r *portal.Request) error {
	p.Unit = money.Unit(r.Query("unit"))
	if p.Unit == "" && len(p.Lines) > 0 {
		p.Unit = p.Lines[0].Unit
	}
	for _, one := range p.Lines {
		if !one.Agrees() {
			p.Claims = l.claims(p.Hub.ID)
		}
	}
	below, err := strconv.ParseUint(r.Query("before"), 10, 63)
	if err != nil {
		below = 1 << 63
	}
	p.scale = l.Scale(p.Unit)
	t, ok := l.TrustLine(p.Hub.ID, p.Unit)
	if !ok {
		return nil
	}
	var next uint64
	if p.Statement, next = l.statement(t, below, pageSize); next > 0 {
		p.Older = "/ledger/lines/" + p.Hub.ID + "?unit=" + string(p.Unit) + "&before=" + strconv.FormatUint(next, 10)
	}
	return nil
}

// Title names the hub.
func (p LinePage) Title(f *web.Frame) string { return f.T("ledger.title-line", p.Hub.Name) }

// HTML is the line.
//
//go:noinline
func (p LinePage) HTML(f *web.Frame) templ.Component { return linePage(f, p) }

// sum dresses an amount of the statement.
func (p LinePage) sum(minor int64) money.Amount {
	return money.Amount{Minor: minor, Unit: p.Unit, Scale: p.scale}
}

func (l LineShown) sum(minor int64) money.Amount {
	return money.Amount{Minor: minor, Unit: l.Unit, Scale: l.scale}
}

func (c CapShown) sum(minor int64) money.Amount {
	return money.Amount{Minor: minor, Unit: c.Unit, Scale: c.scale}
}

// owes says in words who owes whom.
func (l LineShown) owes(f *web.Frame) string {
	switch {
	case l.Balance > 0:
		return f.T("ledger.we-owe", l.sum(l.Balance))
	case l.Balance < 0:
		return f.T("ledger.they-owe", l.sum(-l.Balance))
	}
	return f.T("ledger.nobody-owes")
}

// whyBounced says why a payment did not arrive; a later version may have reasons that we do not know.
func whyBounced(f *web.Frame, why string) string {
	if key := "ledger.bounced-" + why; f.Has(key) {
		return f.T(key)
	}
	return f.T("ledger.bounced")
}

// lineOf finds a line of the page; what is asked for is there.
func (p LinePage) lineOf(u money.Unit) LineShown {
	for _, l := range p.Lines {
		if l.Unit == u {
			return l
		}
	}
	return LineShown{}
}

func (p LinePage) chosenUnit() money.Unit {
	if sent := p.form("unit"); sent != "" {
		return money.Unit(sent)
	}
	return p.Unit
}
