package ledger

import (
	"fmt"
	"strings"
	"testing"

	"commonhub/hub/fault"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

func (h *hub) past(text string) (legs []book.Leg, err error) {
	h.sees(Reader{}, func(l sight) { legs, err = ReadPast(text, l.Books, l.exists) })
	return legs, err
}

func TestReadPast(t *testing.T) {
	h := newHub(t)
	h.fund(0)
	for text, want := range map[string]string{
		"account,unit,amount\nh3,EUR,-12.50\nH4" + code("h4") + ",h,1.5\nh3,EUR,2.50\ns1,EUR,10\n": "h3 -1000 EUR, h4 90 hour",
		"Account;Amount;Unit\nh3;-5;MIN\n":                                                                     "h3 -5 hour",
		"2025-01-01 x\n  Assets:p1   10 EUR ; help\n  h3  EUR -4\n  gift:g1\n":                                 "h3 -400 EUR, p1 1000 EUR",
		"account h3\n  ; note\n2025-01-01 * (1) x ; y\n    household:h3\t-5 MIN\n    h4  5 MIN = 5 MIN\n; end": "h3 -5 hour, h4 5 hour",
		"nothing":                           "past-line",
		"":                                  "past-nothing",
		"account,unit,amount\nh3,EUR,1e3\n": "past-amount",
		"account,unit,amount\nh33,EUR,1\n":  "past-account",
		"account,unit,amount\np9,EUR,1\n":   "past-account",
		"account,unit,amount\nh3,kwh,1\n":   "past-unit",
		"account,unit,amount\nh3,EUR\n":     "past-row",
		"account,amount\nh3,5\n":            "past-row",
		"account,unit,amount\nh3,h,0.33\n":  "past-amount",
		"account,unit,amount\nh3,EUR,99999999999\nh3,EUR,99999999999\n": "past-huge",
		"2025-01-01 x\n  h3  1 EUR\n  h4  -2 EUR\n":                     "past-unbalanced",
		"2025-01-01 x\n  h3  1 EUR\n  h4\n  h5\n":                       "past-line",
		"include other.journal\n":                                       "past-line",
		"= h3\n  h4  1 EUR\n":                                           "past-line",
		"2025-01-01 x\n  (h3)  1 EUR\n":                                 "past-account",
		"2025-01-01 x\n  h3  1 EUR @ 2 EUR\n  h4\n":                     "past-amount",
	} {
		legs, err := h.past(text)
		got := spelled(legs)
		if err != nil {
			got = strings.TrimPrefix(fault.Of(err).Key, "ledger.")
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func code(a book.Account) string { return a.Code()[len(a):] }

func spelled(legs []book.Leg) string {
	var all []string
	for _, l := range legs {
		all = append(all, fmt.Sprintf("%s %d %s", l.Account, l.Amount, l.Unit))
	}
	return strings.Join(all, ", ")
}

// What one hub's files say, another hub with the same households and pots begins with.
func TestYearIsCarriedOn(t *testing.T) {
	old := newHub(t)
	old.houses = 9
	old.liveAYear(300)
	s := serve(t, old)
	for _, path := range []string{"/ledger/entries.csv", "/ledger/journal.hledger"} {
		file := s.fetch("m1", path, "*/*")
		h := newHub(t)
		h.fund(0)
		h.did(h.s.OpenPlace(ctx(), by("m1"), Opening{Letter: 'p', Name: "Reserve", Unit: "EUR"}))
		h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: "kwh", Decimals: 1, Limit: book.Limit{Down: 9000, Up: 9000}}))
		h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: "litre", Limit: book.Limit{Down: -1, Up: -1}}))
		h.did(h.s.OpenPlace(ctx(), by("m1"), Opening{Letter: 'p', Name: "Battery", Unit: "kwh", InKind: true}))
		legs, err := h.past(file)
		h.must(err)
		h.did(h.s.Carry(ctx(), by("m1"), legs))
		old.books(func(b book.Books) {
			for _, one := range b.Balances() {
				if carried(one.Account) && h.balance(one.Account, one.Unit) != one.Balance {
					t.Errorf("%s: %s begins with %d %s, and ended with %d", path, one.Account, h.balance(one.Account, one.Unit), one.Unit, one.Balance)
				}
			}
		})
		h.wantVoids(map[string]int{})
	}
}

// Whatever is handed in is refused with a sentence, or can be carried on as it is.
func FuzzReadPast(f *testing.F) {
	for _, s := range []string{
		"account,unit,amount\nh3,EUR,-12.50\n", "2025-01-01 x\n  h3  1 EUR\n  h4\n", "2025-01-01\n\th3\t\"EUR\" 5\n\th4  -5EUR=0", "account;amount\n\"", "account,unit,amount\n\"=1\",EUR,\"-\"",
		"1\n h3  5 MIN\n h4  = 5", "\ufeffaccount\tunit\tamount\nh3\th\t٣٫٥", "2 \n  h3  9999999999999 MIN\n  h4  \n2\n h3  9999999999999 MIN\n h4",
	} {
		f.Add(s)
	}
	b := book.OnPaper(book.NewMemory())
	f.Fuzz(func(t *testing.T, text string) {
		legs, err := ReadPast(text, b, func(a book.Account) bool { return a.Household() })
		if err != nil {
			if f, ok := err.(*fault.Fault); !ok || f.Kind == fault.Internal {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, l := range legs {
			if !l.Account.Household() && l.Account.Letter() != 'n' || l.Amount == 0 || max(l.Amount, -l.Amount) > money.Most || !l.Unit.Valid() {
				t.Fatalf("%q gives the leg %+v", text, l)
			}
		}
	})
}
