package book

import (
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// lineAsked: what is no more than before counts at once, because it is our own trust. More waits for the other hub, and replaces what
// waited before.
func (b Books) lineAsked(n record.Entry, d LineAsked) (effect, error) {
	_, admitted := b.Admitted(d.Unit)
	switch {
	case !other(n, d.Hub) || d.Decimals != b.decimalsOf(d.Unit):
		return effect{}, malformed()
	case !admitted:
		return effect{}, noSuchUnit(d.Unit)
	case d.Most < 0 || d.Most > money.Most:
		return effect{}, fault.New(fault.Invalid, "ledger.amount-huge").On("most")
	case b.Frozen(d.Hub):
		return effect{}, lineFrozen()
	}
	l, known := b.TrustLine(d.Hub, d.Unit)
	if !known {
		l = TrustLine{Hub: d.Hub, Unit: d.Unit, Shut: true}
	}
	e := effect{}
	if l.Asked != nil {
		e.rows = append(e.rows, openRow('l', l.Asked.Index, false), row{"line-ask", record.Num(l.Asked.Index), nil})
		l.Asked = nil
	}
	if d.Most <= l.Most {
		l.Most = d.Most
	} else {
		l.Asked = &Ask{n.Index, record.Hex(n.Leaf), d.Most}
		e.rows = append(e.rows, openRow('l', n.Index, true), row{"line-ask", record.Num(n.Index), lineKeyOf(d.Hub, d.Unit)})
	}
	e.rows = append(e.rows, put("line", lineKeyOf(d.Hub, d.Unit), l))
	return e, nil
}

// asking finds the line of which the event at an index is the open ask.
func (b Books) asking(index uint64) (TrustLine, bool) {
	key := b.shelf.Get("line-ask", record.Num(index))
	if key == nil {
		return TrustLine{}, false
	}
	l, ok := load[TrustLine](b, "line", key)
	return l, ok && l.Asked != nil && l.Asked.Index == index
}

// OpenAsks lists the lines of which we asked more than the other hub has agreed to.
func (b Books) OpenAsks() []TrustLine { return waiting(b, 'l', b.asking) }

// lineAgreed makes the line open, from our side: we may send. Whether they asked for just this is in their record.
func (b Books) lineAgreed(n record.Entry, d LineAgreed) (effect, error) {
	hub := d.Line.Origin.ID()
	_, admitted := b.Admitted(d.Unit)
	switch {
	case !d.Line.valid() || !other(n, hub) || d.Most <= 0 || d.Most > money.Most:
		return effect{}, malformed()
	case !admitted:
		return effect{}, noSuchUnit(d.Unit)
	case d.Decimals != b.decimalsOf(d.Unit):
		return effect{}, fault.New(fault.Conflict, "ledger.line-decimals", string(d.Unit))
	case b.Frozen(hub):
		return effect{}, lineFrozen()
	}
	l, known := b.TrustLine(hub, d.Unit)
	if !known {
		l = TrustLine{Hub: hub, Unit: d.Unit}
	}
	l.Theirs, l.Shut = d.Most, false
	return effect{rows: []row{put("line", lineKeyOf(hub, d.Unit), l)}}, nil
}

func (b Books) lineRaised(_ record.Entry, d LineRaised) (effect, error) {
	l, ok := b.asking(d.Line)
	switch {
	case !ok || !d.Agreed.valid() || d.Agreed.Origin.ID() != l.Hub:
		return effect{}, missing()
	case b.Frozen(l.Hub):
		return effect{}, lineFrozen()
	}
	l.Most, l.Asked, l.Shut = l.Asked.Most, nil, false
	return effect{of: &d.Line, rows: []row{
		put("line", lineKeyOf(l.Hub, l.Unit), l), openRow('l', d.Line, false), {"line-ask", record.Num(d.Line), nil},
	}}, nil
}

func (b Books) lineCapped(_ record.Entry, d LineCapped) (effect, error) {
	if _, admitted := b.Admitted(d.Unit); !admitted {
		return effect{}, noSuchUnit(d.Unit)
	}
	if d.Imports < -1 || d.Exports < -1 || d.Imports > money.Most || d.Exports > money.Most {
		return effect{}, malformed()
	}
	return effect{rows: []row{put("line-cap", []byte(d.Unit), d)}}, nil
}

// lineFrozen may come before any line: whom we do not trust we need not wait for.
func (b Books) lineFrozen(n record.Entry, d LineFrozen) (effect, error) {
	if !other(n, d.Hub) {
		return effect{}, malformed()
	}
	if d.Frozen == b.Frozen(d.Hub) {
		return effect{}, fault.New(fault.Conflict, "ledger.line-frozen-already")
	}
	r := row{"line-frozen", []byte(d.Hub), nil}
	if d.Frozen {
		r.value = record.Num(n.Index)
	}
	return effect{rows: []row{r}}, nil
}

// lineShut takes an open ask back, too.
func (b Books) lineShut(_ record.Entry, d LineShut) (effect, error) {
	l, err := b.openLine(d.Hub, d.Unit)
	if err != nil {
		return effect{}, err
	}
	if b.Totals(l.Account(), l.Unit).Balance != 0 || l.Way != 0 {
		return effect{}, fault.New(fault.Conflict, "ledger.line-not-even")
	}
	e := effect{}
	if l.Asked != nil {
		e.rows = append(e.rows, openRow('l', l.Asked.Index, false), row{"line-ask", record.Num(l.Asked.Index), nil})
	}
	l.Most, l.Theirs, l.Asked, l.Shut = 0, 0, nil, true
	e.rows = append(e.rows, put("line", lineKeyOf(d.Hub, d.Unit), l))
	return e, nil
}

// Writeoff is a proposal to take what a hub owes us, or we it, out of the books.
type Writeoff struct {
	WriteoffAsked
	Index uint64 `json:"index"`
	By    string `json:"by"`
	For   string `json:"for"`
}

// Writeoff finds a proposal that nobody has agreed to yet.
func (b Books) Writeoff(index uint64) (Writeoff, bool) {
	return load[Writeoff](b, "writeoff", record.Num(index))
}

// OpenWriteoffs lists them, oldest first.
func (b Books) OpenWriteoffs() []Writeoff { return waiting(b, 'w', b.Writeoff) }

// writeoffAsked names the decision in its body. Only what was frozen can be written off: else it might grow meanwhile.
func (b Books) writeoffAsked(n record.Entry, d WriteoffAsked) (effect, error) {
	if n.For == "" || n.Event.Body == "" {
		return effect{}, malformed()
	}
	if _, err := b.lost(d); err != nil {
		return effect{}, err
	}
	w := Writeoff{d, n.Index, n.By, n.For}
	return effect{rows: []row{put("writeoff", record.Num(n.Index), w), openRow('w', n.Index, true)}}, nil
}

// lost finds a frozen line with just the balance that is to be written off.
func (b Books) lost(d WriteoffAsked) (TrustLine, error) {
	l, ok := b.TrustLine(d.Hub, d.Unit)
	switch {
	case !ok:
		return l, missing()
	case !b.Frozen(d.Hub):
		return l, fault.New(fault.Conflict, "ledger.line-not-frozen")
	case d.Amount == 0 || b.Totals(l.Account(), l.Unit).Balance != d.Amount:
		return l, fault.New(fault.Conflict, "ledger.line-changed")
	}
	return l, nil
}

// writeoffAgreed: a person can change households, so that it is those who must differ, as with expenses.
func (b Books) writeoffAgreed(n record.Entry, d WriteoffAgreed) (effect, error) {
	w, ok := b.Writeoff(d.Ask)
	switch {
	case !ok || n.For == "":
		return effect{}, missing()
	case n.For == w.For || n.By == w.By:
		return effect{}, fault.New(fault.Denied, "ledger.writeoff-own")
	}
	l, err := b.lost(w.WriteoffAsked)
	if err != nil {
		return effect{}, err
	}
	_, _, rows := b.shifted(shift{line: l, balance: -w.Amount})
	return effect{
		of:   &d.Ask,
		legs: []Leg{{l.Account(), l.Unit, -w.Amount}, {WriteOffs, l.Unit, w.Amount}},
		rows: append(rows, row{"writeoff", record.Num(d.Ask), nil}, openRow('w', d.Ask, false)),
	}, nil
}
