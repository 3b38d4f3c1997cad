package ledger

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/a-h/templ"

	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// busy is a hub with a year of n events of all sorts: help between households, gifts, and expenses from question to payment.
func busy(b *testing.B, n int) *hub {
	b.Helper()
	h := newHub(b)
	h.fund(10_000_000)
	h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: money.Hour, Limit: book.Limit{Down: -1, Up: -1}}))
	const batch = 100
	for from := 0; from < n; from += batch {
		_, err := h.r.Do(ctx(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			for i := from; i < from+batch; i++ {
				happen(v, d, i, from)
			}
			return d, nil
		}})
		h.must(err)
		h.clock.pass(365 * aDay * batch / time.Duration(n))
	}
	if got := h.voids(); len(got) > 0 {
		b.Fatalf("void are %v", got)
	}
	return h
}

// happen appends the event number i: of ten, five are help, two gifts, and three one expense.
func happen(v record.View, d *record.Decision, i, first int) {
	at := v.Size(v.Self()) + uint64(i-first)
	payer, payee := fmt.Sprint("h", 1+i%9), fmt.Sprint("h", 1+(i+1)%9)
	write := func(kind, household string, data any, memo ...*body.Sealed) {
		d.Append(record.Event{V: 1, Kind: kind, By: "m1", For: household, Data: record.Data(data)}, memo...)
	}
	switch i % 10 {
	case 7:
		data := book.Asked{Pot: "p1", Purpose: "s1", Amount: int64(100 + i%900)}
		write(book.AskedKind, "h4", data, sealWords(words{Text: "Screws and paint"}, body.Far))
	case 8:
		write(book.ApprovedKind, "h5", book.OfExpense{Expense: at - 1})
	case 9:
		write(book.PaidKind, "h1", book.OfExpense{Expense: at - 2})
	case 5, 6:
		write(book.ContributedKind, payer, book.Contributed{Pot: "p1", Amount: int64(100 + i%700)}, sealWords(words{Text: "With thanks"}, body.Far))
	default:
		data := book.Given{From: book.Account(payer), To: book.Account(payee), Unit: money.Hour, Amount: int64(1 + i%90)}
		write(book.GivenKind, payer, data, sealWords(words{Text: "A lift"}, body.Hub))
	}
}

// shown is a page as the portal knows it.
type shown interface {
	HTML(*web.Frame) templ.Component
}

// BenchmarkPages reads and renders pages of a ledger for a member, none of which may take longer when there is more behind it. Run with
//
//	go test ./services/ledger -run - -bench Pages
func BenchmarkPages(b *testing.B) {
	f := benchFrame(b)
	for _, n := range []int{1_000, 100_000} {
		h := busy(b, n)
		b.Run(fmt.Sprint("balance/", n), func(b *testing.B) {
			for b.Loop() {
				h.must(h.s.look(Reader{}, func(l sight) error { l.Totals("h3", money.Hour); return nil }))
			}
		})
		for name, page := range map[string]func(l sight) shown{"fund": benchFund, "credit": benchCredit, "statement": benchStatement} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					h.must(h.s.look(Reader{Member: "m3", Household: "h3"}, func(l sight) error {
						return page(l).HTML(f).Render(ctx(), io.Discard)
					}))
				}
			})
		}
	}
}

func benchFund(l sight) shown {
	return FundPage{Pots: l.pots(), Budgets: l.budgets(), Units: l.fundUnits(), Items: l.fundItems(fundRecent)}
}

func benchCredit(l sight) shown {
	p := BalancesPage{Unit: money.Hour, Units: []money.Unit{money.Hour}}
	for _, n := range l.households() {
		p.Rows = append(p.Rows, l.sum(n.Account, money.Hour))
	}
	p.Moved = p.Rows[0].as(p.Rows[0].Given)
	return p
}

func benchStatement(l sight) shown {
	p := AccountPage{Name: l.name("h3"), Unit: money.Hour, Sums: l.sums("h3"), first: true, house: true, pay: "http://hub.test/ledger/transfer?to=H3T"}
	p.Lines, p.Folded, _ = l.entered("h3", money.Hour, 1<<63, false)
	spans := l.spans()
	p.Course = l.course(money.Hour, spans, l.balanceRow(money.Hour, spans, "h3"))
	return p
}

func benchFrame(b *testing.B) *web.Frame {
	b.Helper()
	all, err := web.LoadWords()
	if err != nil {
		b.Fatal(err)
	}
	assets, err := web.LoadAssets()
	if err != nil {
		b.Fatal(err)
	}
	return &web.Frame{Lang: all.Match("en"), Assets: assets, Visitor: web.Visitor{Known: true, Member: "m3"}, Now: time.Now()}
}
