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
}

// Agrees tells whether both sides come to the same.
func (l LineShown) Agrees() bool { return l.Balance == -l.There.Balance }

// line dresses a line of ours, or one that only they asked for.
func (l sight) line(t book.TrustLine) LineShown {
	terms := theirTerms(l.View, Line{t.Hub, t.Unit})
	totals := l.Totals(t.Account(), t.Unit)
	out := LineShown{TrustLine: t, Name: l.hub(t.Hub), Account: t.Account(), Balance: totals.Balance, Entries: totals.Entries,
		Reach: terms.reach(t), Raise: terms.Asked, Frozen: l.Frozen(t.Hub), FrozenThere: l.Table(service, frozenTable).Get([]byte(t.Hub)) != nil}
	if terms.Asked != nil && !t.Shut && terms.Asked.Most == t.Theirs {
		out.Raise = nil // we have said yes
	}
	out.There, _ = record.Load[Side](l.Table(service, sideTable), inUnit(t.Hub, t.Unit))
	return out
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
	From    string        `json:"from,omitempty"` // household, of whichever hub pays
	To      string        `json:"to,omitempty"`
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
		c.Payment, c.From, c.To, c.Memo = d.Payment, string(d.From), string(d.To), l.theirWords(d.Payment)
	case book.FinishedKind:
		sent, _ := l.Payment(*p.Of)
		c.Payment = book.Citation{Origin: l.Self(), Leaf: sent.Leaf}
		c.From, c.To, c.Memo = string(sent.From), string(sent.To), l.words(sent.Index)
	}
	there, ok := l.entryThere(t.Hub, c.Payment)
	c.There = ok && there.Amount == -c.Amount && there.Unit == t.Unit
	return c
}

func (l sight) entryThere(hub string, payment book.Citation) (TheirEntry, bool) {
	return record.Load[TheirEntry](l.Table(service, entryTable), append([]byte(hub), payment.Key()...))
}

// theirWords reads what somebody of another hub wrote to a payment to us: it is for the members of both.
func (l sight) theirWords(c book.Citation) Said {
	leaf, err := record.ParseHash(c.Leaf)
	if err != nil || !l.r.known() {
		return Said{State: WordsMembers}
	}
	b := l.View.Body(c.Origin, leaf)
	var w words
	switch {
	case b.State == body.Unknown || b.State == body.NotFetched:
		return Said{State: WordsNone}
	case b.State != body.Here || json.Unmarshal(b.Bytes, &w) != nil:
		return Said{State: WordsErased}
	}
	return Said{State: WordsHere, Text: w.Text}
}

// Arriving is a payment to us, or a claim of one, that is not in our books.
type Arriving struct {
	TheirPayment
	Payment book.Citation `json:"payment"`
	Why     string        `json:"why,omitempty"` // code, if we refused it; "line-never" if we owe no answer
}

// maxListed bounds the lists of a page that another hub can fill.
const maxListed = 50

// arriving lists the payments of a hub to us that we refused, newest first, and those that wait or never will be answered.
func (l sight) arriving(hub string) []Arriving {
	all := []Arriving{}
	for _, leaf := range l.newest(sentIndexTable, hub) {
		cite := book.Citation{Origin: record.OriginFor(hub), Leaf: string(leaf)}
		p, _ := record.Load[TheirPayment](l.Table(service, sentTable), cite.Key())
		answer, answered := l.AnswerTo(cite)
		_, line := l.TrustLine(hub, p.Unit)
		switch {
		case answered && answer.Why == "":
			continue
		case !answered && !line:
			answer.Why = "line-never"
		}
		all = append(all, Arriving{p, cite, answer.Why})
	}
	return all
}

// newest yields the values of the last rows of a hub, whose keys are a hub and an index.
func (l sight) newest(table, hub string) [][]byte {
	var all [][]byte
	for k, v := range l.Table(service, table).Back(atIndex(hub, 1<<63)) {
		if !strings.HasPrefix(string(k), hub) || len(all) == maxListed {
			break
		}
		all = append(all, v)
	}
	return all
}

// TheirVoid is an event of another hub's record that breaks a rule, or disagrees with our books.
type TheirVoid struct {
	Index uint64 `json:"index"`
	Why   string `json:"why"` // key of the sentence that says which
}

// theirVoids lists what a hub's record says about lines with us that does not count.
func (l sight) theirVoids(hub string) []TheirVoid {
	all := []TheirVoid{}
	for k, v := range l.Table(service, theirVoidsTable).Back(atIndex(hub, 1<<63)) {
		if !strings.HasPrefix(string(k), hub) || len(all) == maxListed {
			break
		}
		all = append(all, TheirVoid{record.ParseNum(k[len(hub):]), string(v)})
	}
	return all
}

// claims lists lines of their statement that are not in ours, and will not be: payments that we never sent, or of another amount. It reads
// all of their statement, and so is asked only where the two do not agree.
func (l sight) claims(hub string) []TheirVoid {
	all := []TheirVoid{}
	for k, v := range l.Table(service, entryTable).Prefix([]byte(hub)) {
		var there TheirEntry
		if len(k) < len(hub)+16 || json.Unmarshal(v, &there) != nil || len(all) == maxListed {
			continue
		}
		cite := book.Citation{Origin: record.OriginFor(string(k[len(hub) : len(hub)+16])), Leaf: string(k[len(hub)+16:])}
		if !l.known(cite, there) {
			all = append(all, TheirVoid{there.Index, "ledger.claim-unknown"})
		}
	}
	return all
}

// known tells whether a line of theirs is in our books, or on its way to be.
func (l sight) known(payment book.Citation, there TheirEntry) bool {
	if payment.Origin != l.Self() {
		a, answered := l.AnswerTo(payment)
		writeoff := l.Table(service, sentTable).Get(payment.Key()) == nil // which is cited by itself
		return answered && a.Why == "" || writeoff
	}
	p, sent := l.PaymentOf(payment.Leaf)
	return sent && p.State != book.GivenBack && p.Amount == -there.Amount && p.Unit == there.Unit
}
