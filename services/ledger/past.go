package ledger

import (
	"cmp"
	"slices"
	"strings"

	"commonhub/hub/fault"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/export"
	"commonhub/services/ledger/money"
)

// past adds a former year up, from whatever file it was kept in.
type past struct {
	books  book.Books
	exists func(book.Account) bool
	sums   map[book.Leg]int64 // by account and unit
	line   int                // that is being read, from 1 on
}

// maxPast bounds the lines of a file: a year of a block has some thousands.
const maxPast = 200_000

// ReadPast reads the balances at the end of a year that was kept elsewhere: a CSV with the columns account, unit and amount, one line an
// account or one line an entry, or a journal of hledger, of which it takes transactions in their plain form and nothing that would need
// another program to be understood. Accounts are named by code or handle, alone or behind other parts ("Assets:H7K", "household:h7").
// Gifts, spending and opening balances of that year are over: only what households, pots and named accounts have is carried on.
//
// Errors: fault Invalid, which names the line.
func ReadPast(text string, b book.Books, exists func(book.Account) bool) ([]book.Leg, error) {
	p := &past{books: b, exists: exists, sums: map[book.Leg]int64{}}
	text = strings.TrimPrefix(text, "\ufeff") // spreadsheets begin so
	read := p.journal
	if p.heading(text) {
		read = p.table
	}
	if strings.Count(text, "\n") > maxPast {
		return nil, fault.New(fault.TooLarge, "ledger.past-long", maxPast).On("past")
	}
	if err := read(text); err != nil {
		return nil, err
	}
	return p.legs()
}

// wrong is a fault about the line that is being read.
func (p *past) wrong(key string, args ...any) error {
	return fault.New(fault.Invalid, key, append([]any{p.line}, args...)...).On("past")
}

// add notes what an account gained.
func (p *past) add(account, unit, amount string) (int64, money.Unit, error) {
	a, err := p.account(account)
	if err != nil {
		return 0, "", err
	}
	n, u, err := p.amount(amount, unit)
	if err != nil {
		return 0, "", err
	}
	return n, u, p.gain(a, u, n)
}

func (p *past) gain(a book.Account, u money.Unit, n int64) error {
	place := book.Leg{Account: a, Unit: u}
	sum, ok := money.Add(p.sums[place], n)
	if !ok || max(sum, -sum) > money.Most {
		return p.wrong("ledger.past-huge")
	}
	p.sums[place] = sum
	return nil
}

// account finds an account of ours by the last part of a name. What belongs to that year alone is not asked to exist.
func (p *past) account(name string) (book.Account, error) {
	last := strings.TrimSpace(name[strings.LastIndex(name, ":")+1:])
	a, err := accountOf(last, "past")
	always := a == book.Levies || a == book.WriteOffs
	if err != nil || a.Letter() == 'x' || carried(a) && !always && !p.exists(a) {
		return "", p.wrong("ledger.past-account", clip(name))
	}
	return a, nil
}

// carried tells whether what an account has goes on into the new year.
func carried(a book.Account) bool {
	return a.Household() || a.Pot() || a.Letter() == 'n' && a != book.Openings
}

// amount reads "-12.50" of a unit as files name it: also "h" for hours with decimals.
func (p *past) amount(amount, unit string) (int64, money.Unit, error) {
	u, scale := money.Unit(unit), money.Scale{}
	switch unit {
	case export.Minutes:
		u = money.Hour
	case "h", "hour", "hours":
		u, scale = money.Hour, money.Scale{Clock: true}
	default:
		_, currency := u.Currency()
		if _, admitted := p.books.Admitted(u); !currency && !admitted {
			return 0, "", p.wrong("ledger.past-unit", clip(unit))
		}
		scale = p.books.Scale(u)
	}
	digits, minus := strings.CutPrefix(strings.TrimPrefix(amount, "+"), "-")
	n, err := money.Parse(digits, scale, '.')
	if err != nil && fault.Of(err).Key != "ledger.amount-zero" {
		return 0, "", p.wrong("ledger.past-amount", clip(amount))
	}
	if minus {
		n = -n
	}
	return n, u, nil
}

// clip shortens what a file says for a sentence about it.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// legs are the balances that go on, in the order of accounts and units.
func (p *past) legs() ([]book.Leg, error) {
	var all []book.Leg
	for place, sum := range p.sums {
		if sum != 0 && carried(place.Account) {
			all = append(all, book.Leg{Account: place.Account, Unit: place.Unit, Amount: sum})
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "ledger.past-nothing").On("past")
	}
	slices.SortFunc(all, func(a, b book.Leg) int {
		return cmp.Or(strings.Compare(string(a.Account), string(b.Account)), strings.Compare(string(a.Unit), string(b.Unit)))
	})
	return all, nil
}
