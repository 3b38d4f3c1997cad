package ledger

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// HubRef is another hub as pages name it.
type HubRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (l sight) hub(id string) HubRef {
	return HubRef{id, l.s.o.Hubs.HubName(l.View, record.OriginFor(id))}
}

// LineShown is a line as both hubs' records have it.
type LineShown struct {
	book.TrustLine
	Name        HubRef       `json:"name"`
	Account     book.Account `json:"account"`
	Balance     int64        `json:"balance"` // positive: we owe
	Entries     uint64       `json:"entries"`
	There       Side         `json:"there"` // what their record says
	Reach       int64        `json:"reach"` // how much they let us owe
	Raise       *Raise       `json:"raise,omitempty"`
	Frozen      bool         `json:"frozen,omitempty"`
	FrozenThere bool         `json:"frozen_there,omitempty"`
	scale       money.Scale
}

// Agrees tells whether both sides come to the same.
func (l LineShown) Agrees() bool { return l.Balance == -l.There.Balance }

// line dresses a line of ours, or one that only they asked for.
func (l sight) line(t book.TrustLine) LineShown {
	terms := theirTerms(l.View, Line{t.Hub, t.Unit})
	totals := l.Totals(t.Account(), t.Unit)
	out := LineShown{TrustLine: t, Name: l.hub(t.Hub), Account: t.Account(), Balance: totals.Balance, Entries: totals.Entries,
		Reach: terms.reach(t), Raise: terms.Asked, Frozen: l.Frozen(t.Hub), FrozenThere: l.frozenThere(t.Hub), scale: l.Scale(t.Unit)}
	if terms.Asked != nil && !t.Shut && terms.Asked.Most == t.Theirs {
		out.Raise = nil // we have said yes
	}
	out.There, _ = record.Load[Side](l.Table(service, sideTable), inUnit(t.Hub, t.Unit))
	return out
}

func (l sight) frozenThere(hub string) bool {
	return l.Table(service, frozenTable).Get([]byte(hub)) != nil
}

// lines lists the lines with a hub, or all with "", and what hubs ask for that we have no line with.
func (l sight) lines(hub string) []LineShown {
	all := []LineShown{}
	known := map[Line]bool{}
	for _, t := range l.TrustLines(hub) {
		known[Line{t.Hub, t.Unit}] = true
		all = append(all, l.line(t))
	}
	for k := range l.Table(service, termsTable).Prefix([]byte(hub)) {
		id, unit, _ := strings.Cut(string(k), "\x00")
		at := Line{id, money.Unit(unit)}
		_, admitted := l.Admitted(at.Unit)
		if theirTerms(l.View, at).Asked != nil && !known[at] && admitted {
			all = append(all, l.line(book.TrustLine{Hub: id, Unit: at.Unit, Shut: true}))
		}
	}
	return all
}

// accepted lists the hubs that we accepted, whose records we hold.
func (l sight) accepted() []HubRef {
	all := []HubRef{}
	for _, o := range l.Origins() {
		if len(l.s.o.Hubs.AcceptedKeys(o)) > 0 && o != l.Self() {
			all = append(all, l.hub(o.ID()))
		}
	}
	slices.SortFunc(all, func(a, b HubRef) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return all
}

// Crossing is one line of a statement, which both hubs have: in theirs, the amount is the opposite.
type Crossing struct {
	Payment book.Citation `json:"payment"` // event by which both hubs call it
	Index   uint64        `json:"index"`   // of our entry
	At      time.Time     `json:"at"`
	Kind    string        `json:"kind"`
	From    Name          `json:"from,omitzero"` // household of the hub that pays: the payment's origin
	To      Name          `json:"to,omitzero"`
	Amount  int64         `json:"amount"` // positive: we owe more
	After   int64         `json:"after"`
	There   bool          `json:"there"` // their record says so, too
	Memo    Said          `json:"memo"`
}

// statement lists the newest lines below an index; next is where the following page begins, 0 at the end.
func (l sight) statement(t book.TrustLine, below uint64, limit int) (rows []Crossing, next uint64) {
	rows = []Crossing{}
	for one := range l.Statement(t.Account(), t.Unit, below) {
		if len(rows) == limit {
			return rows, rows[limit-1].Index
		}
		rows = append(rows, l.crossing(t, one))
	}
	return rows, 0
}

func (l sight) crossing(t book.TrustLine, one book.Line) Crossing {
	c := Crossing{Index: one.Index, Amount: one.Amount, After: one.After, Memo: Said{State: WordsNone}}
	p, _ := l.Posting(one.Index)
	c.Kind, c.At = p.Kind, p.At.In(l.s.o.Zone)
	n, err := l.Entry(l.Self(), one.Index)
	if err != nil {
		return c
	}
	c.Payment = book.Cite(n.Ref)
	switch p.Kind {
	case book.ReceivedKind:
		d, _ := record.Decode[book.Received](n.Event)
		c.Payment, c.From, c.To, c.Memo = d.Payment, l.abroad(d.Payment.Origin, d.From), l.name(d.To), l.theirWords(d.Payment)
	case book.FinishedKind:
		sent, _ := l.Payment(*p.Of)
		c.Payment = book.Citation{Origin: l.Self(), Leaf: sent.Leaf}
		c.From, c.To, c.Memo = l.name(sent.From), l.abroad(record.OriginFor(t.Hub), sent.To), l.words(sent.Index)
	}
	there, ok := l.entryThere(t.Hub, c.Payment)
	c.There = ok && there.Amount == -c.Amount && there.Unit == t.Unit
	return c
}

// abroad is what a household of another hub is called.
func (l sight) abroad(o record.Origin, a book.Account) Name {
	return Name{a, a.Code(), l.s.o.Members.NameOf(l.View, o, string(a), l.r.known())}
}

func (l sight) entryThere(hub string, payment book.Citation) (TheirEntry, bool) {
	return record.Load[TheirEntry](l.Table(service, entryTable), append([]byte(hub), payment.Key()...))
}

// theirMemo is what belongs to a payment that we received.
func (l sight) theirMemo(index uint64) Said {
	n, err := l.Entry(l.Self(), index)
	d, ok := record.Decode[book.Received](n.Event)
	if err != nil || !ok {
		return Said{State: WordsNone}
	}
	return l.theirWords(d.Payment)
}

// theirWords reads what somebody of another hub wrote to a payment to us: it is for the members of both.
func (l sight) theirWords(c book.Citation) Said {
	leaf, err := record.ParseHash(c.Leaf)
	if err != nil {
		return Said{State: WordsNone}
	}
	b := l.View.Body(c.Origin, leaf)
	var w words
	switch {
	case b.State == body.Unknown || b.State == body.NotFetched:
		return Said{State: WordsNone}
	case !l.r.known():
		return Said{State: WordsMembers}
	case b.State != body.Here || json.Unmarshal(b.Bytes, &w) != nil:
		return Said{State: WordsErased}
	}
	return Said{State: WordsHere, Text: w.Text}
}

// LinesPart is what credit between hubs has for the reader's home page.
type LinesPart struct {
	Asked     []LineShown `json:"lines_asked,omitempty"` // for stewards: other hubs wait for our yes
	Writeoffs []HubRef    `json:"writeoffs,omitempty"`   // for stewards: somebody proposed to write a line off
	Away      []Leaving   `json:"away,omitempty"`        // of the reader's household, on its way
}

func (p LinesPart) empty() bool { return len(p.Asked)+len(p.Writeoffs)+len(p.Away) == 0 }

func (l sight) linesPart() (p LinesPart) {
	for _, one := range l.OnTheWay() {
		if string(one.From) == l.r.Household && len(p.Away) < maxListed {
			p.Away = append(p.Away, l.left(one))
		}
	}
	if !l.r.Steward {
		return p
	}
	for _, one := range l.lines("") {
		if one.Raise != nil && !one.Frozen {
			p.Asked = append(p.Asked, one)
		}
	}
	for _, w := range l.OpenWriteoffs() {
		if w.For != l.r.Household {
			p.Writeoffs = append(p.Writeoffs, l.hub(w.Hub))
		}
	}
	return p
}
