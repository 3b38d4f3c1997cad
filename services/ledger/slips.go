package ledger

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"commonhub/hub/body"
	"commonhub/hub/deed"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

const maxSlips = 200 // rows of one list

// Slip is one row of a paper list that a steward types off.
type Slip struct {
	Line   int    // in the text, from 1 on
	From   string // codes, as they were typed
	To     string
	Amount string
	Memo   string
	Fault  *fault.Fault // nil if the row can be entered, together with those before it
}

// ReadSlips reads a list of rows "from, to, amount, memo", with commas, semicolons or tabs between. A first row that names columns is
// passed over. Rows that are no rows carry their fault.
//
// Errors: fault Invalid for an empty list, or one that is no list at all; TooLarge.
func ReadSlips(text string) ([]Slip, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = separator(text), -1, true, true
	var all []Slip
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "ledger.slips-unreadable").On("slips").Because(err)
		}
		line, _ := r.FieldPos(0)
		if slip := slipOf(line, fields); len(all) > 0 || !slip.heading() {
			all = append(all, slip)
		}
		if len(all) > maxSlips {
			return nil, fault.New(fault.TooLarge, "ledger.slips-many", maxSlips).On("slips")
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "ledger.slips-missing").On("slips")
	}
	return all, nil
}

// separator is the one of the three that the first line has most of. Amounts may have a comma of their own.
func separator(text string) rune {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	switch {
	case strings.Contains(first, "\t"):
		return '\t'
	case strings.Contains(first, ";"):
		return ';'
	}
	return ','
}

func slipOf(line int, fields []string) Slip {
	s := Slip{Line: line}
	if len(fields) < 3 || len(fields) > 4 {
		s.Fault = fault.New(fault.Invalid, "ledger.slips-columns", len(fields))
	}
	for i, to := range []*string{&s.From, &s.To, &s.Amount, &s.Memo} {
		if i < len(fields) {
			*to = strings.TrimSpace(fields[i])
		}
	}
	return s
}

// heading tells whether a row names columns: its amount has no digit.
func (s Slip) heading() bool {
	return s.Fault == nil && !strings.ContainsAny(s.Amount, "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")
}

// List is a paper list to be entered: all of its rows, or none.
type List struct {
	Slips []Slip
	Unit  money.Unit
	On    string // day of all of them, "" for not said
	Mark  rune   // decimal mark of the language that it is written in
}

// sealMemos seals all memos before the queue; rows that cannot be sealed get their fault.
func (l List) sealMemos() []*body.Sealed {
	memos := make([]*body.Sealed, len(l.Slips))
	for i := range l.Slips {
		memo, err := seal(l.Slips[i].Memo, body.Hub, maxMemo, "memo")
		if err != nil {
			l.Slips[i].Fault = fault.Of(err)
		}
		memos[i] = memo
	}
	return memos
}

// EnterList enters all rows of a list, or none. By stewards; the events name the steward and the payer's household.
//
// Errors: fault Invalid, key ledger.slips-wrong, if any row cannot be entered: TryList says which and why.
func (s *Service) EnterList(ctx context.Context, o Order, l List) (record.Receipt, error) {
	memos := l.sealMemos()
	return s.do(ctx, o, "list", func(a *act) error {
		rows, err := s.tryRows(a, l, memos)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Fault != nil {
				return fault.New(fault.Invalid, "ledger.slips-wrong").On("slips")
			}
		}
		return nil
	})
}

// TryList tells of each row whether it could be entered now.
func (s *Service) TryList(v record.View, o Order, l List) ([]Slip, error) {
	by, err := deed.Find(v, s.o.Members, o)
	if err != nil {
		return nil, err
	}
	a := &act{Actor: by, Books: book.OnPaper(reading(v)), decision: v.Decide(), next: v.Size(v.Self())}
	return s.tryRows(a, l, l.sealMemos())
}

// tryRows enters what can be entered; the fault of each row that cannot is in the copy that it returns.
func (s *Service) tryRows(a *act, l List, memos []*body.Sealed) ([]Slip, error) {
	if err := a.steward(); err != nil {
		return nil, err
	}
	rows := make([]Slip, len(l.Slips))
	for i, slip := range l.Slips {
		if slip.Fault == nil {
			if err := s.enterSlip(a, l, slip, memos[i]); err != nil {
				slip.Fault = fault.Of(err)
			}
		}
		rows[i] = slip
	}
	return rows, nil
}

func (s *Service) enterSlip(a *act, l List, slip Slip, memo *body.Sealed) error {
	from, err := accountOf(slip.From, "from")
	if err != nil {
		return err
	}
	to, err := accountOf(slip.To, "to")
	if err != nil {
		return err
	}
	amount, err := money.Parse(slip.Amount, a.Scale(l.Unit), l.Mark)
	if err != nil {
		return err
	}
	return s.give(a, Transfer{From: from, To: to, Unit: l.Unit, Amount: amount, On: l.On}, memo)
}

// accountOf reads an account as its code, or as its name in events.
func accountOf(s, field string) (book.Account, error) {
	if a, ok := book.ParseCode(s); ok {
		return a, nil
	}
	if a := book.Account(strings.ToLower(s)); a.Letter() != 0 {
		return a, nil
	}
	return "", fault.New(fault.Invalid, "ledger.no-such-account").On(field)
}
