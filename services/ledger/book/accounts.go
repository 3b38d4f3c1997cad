package book

import (
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Place is a pot, a purpose or a named account that the block opened. Its name is the body of the event at Named.
type Place struct {
	Account Account    `json:"account"`
	Unit    money.Unit `json:"unit,omitempty"` // of a pot, which holds nothing else
	InKind  bool       `json:"in_kind,omitempty"`
	Target  int64      `json:"target,omitempty"`
	Shut    bool       `json:"shut,omitempty"`
	Named   uint64     `json:"named"` // index of the event whose body is the name
}

// Place finds a pot, purpose or named account that was opened.
func (b Books) Place(a Account) (Place, bool) { return load[Place](b, "place", []byte(a)) }

// Opened is how many accounts of a letter there are: they are numbered from 1 on, those that are always there included.
func (b Books) Opened(letter byte) uint64 {
	n, ok := load[uint64](b, "opened", []byte{letter})
	if !ok {
		return preset(letter)
	}
	return n
}

// Next is the name of the account that would be opened next. The letters are p, s and n.
func (b Books) Next(letter byte) Account { return numbered(letter, b.Opened(letter)+1) }

// maxPlaces bounds what a block can open of one letter: pages show all of them.
const maxPlaces = 200

func (b Books) opened(n record.Entry, d Opened) (effect, error) {
	letter := d.Account.Letter()
	_, currency := d.Unit.Currency()
	_, admitted := b.Admitted(d.Unit)
	switch {
	case letter != pot && letter != purpose && letter != named || d.Account != b.Next(letter) || n.Event.Body == "":
		return effect{}, malformed()
	case letter != pot && (d.Unit != "" || d.InKind || d.Target != 0) || d.Target < 0 || d.Target > money.Most:
		return effect{}, malformed()
	case letter == pot && !currency && !admitted:
		return effect{}, noSuchUnit(d.Unit)
	case d.Account.Number() > maxPlaces:
		return effect{}, fault.New(fault.TooMany, "ledger.many-places", maxPlaces)
	}
	return effect{rows: []row{
		put("opened", []byte{letter}, d.Account.Number()),
		put("place", []byte(d.Account), Place{d.Account, d.Unit, d.InKind, d.Target, false, n.Index}),
	}}, nil
}

func (b Books) changed(n record.Entry, d Changed) (effect, error) {
	p, ok := b.Place(d.Account)
	if !ok || d.Target < 0 || d.Target > money.Most || d.Target != 0 && !d.Account.Pot() {
		return effect{}, malformed()
	}
	p.Target, p.Shut = d.Target, d.Shut
	if n.Event.Body != "" {
		p.Named = n.Index
	}
	return effect{rows: []row{put("place", []byte(d.Account), p)}}, nil
}

// open finds a pot that takes and gives.
func (b Books) open(a Account, field string) (Place, error) {
	p, ok := b.Place(a)
	switch {
	case !ok || !a.Pot():
		return p, fault.New(fault.Invalid, "ledger.no-such-pot").On(field)
	case p.Shut:
		return p, fault.New(fault.Invalid, "ledger.pot-shut", a.Code()).On(field)
	}
	return p, nil
}

// purposeOpen tells whether the fund may still spend on a.
func (b Books) purposeOpen(a Account) error {
	p, ok := b.Place(a)
	if a != Sundries && (!ok || !a.Purpose() || p.Shut) {
		return fault.New(fault.Invalid, "ledger.no-such-purpose").On("purpose")
	}
	return nil
}

// Budget is what may be spent on a purpose in whole months.
type Budget struct {
	Purpose Account    `json:"purpose"`
	Unit    money.Unit `json:"unit"`
	From    string     `json:"from"`
	Until   string     `json:"until"`
	Amount  int64      `json:"amount"`
}

func (b Books) budgeted(_ record.Entry, d Budgeted) (effect, error) {
	_, currency := d.Unit.Currency()
	_, admitted := b.Admitted(d.Unit)
	switch {
	case !validMonth(d.From) || !validMonth(d.Until) || d.From > d.Until || d.Amount < 0 || d.Amount > money.Most:
		return effect{}, malformed()
	case !currency && !admitted:
		return effect{}, noSuchUnit(d.Unit)
	}
	if err := b.purposeOpen(d.Purpose); err != nil {
		return effect{}, err
	}
	key := append(balanceKey(d.Purpose, d.Unit), "\x00"+d.From...)
	if d.Amount == 0 {
		return effect{rows: []row{{"budget", key, nil}}}, nil
	}
	return effect{rows: []row{put("budget", key, Budget(d))}}, nil
}
