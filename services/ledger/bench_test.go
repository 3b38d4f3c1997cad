package ledger

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"commonhub/hub/record"
	"commonhub/hub/store"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// BenchmarkGive pays by so many clients at once, each answered when its payment is durable, beside what the disk takes if every 4 kB are
// synced. Run with
//
//	go test ./services/ledger -run - -bench Give
func BenchmarkGive(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		f, err := os.Create(filepath.Join(b.TempDir(), "bare"))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		block := make([]byte, 4096)
		for b.Loop() {
			f.Write(block)
			f.Sync()
		}
	})
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			h := newHubOn(b, store.Options{})
			h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: money.Hour, Limit: book.Limit{Down: -1, Up: -1}}))
			var n atomic.Int64
			b.SetParallelism((clients + 1) / 2) // of two processors
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					i := n.Add(1)
					t := Transfer{To: book.Account(fmt.Sprint("h", 1+(i+1)%9)), Unit: money.Hour, Amount: 1 + i%90}
					if _, err := h.s.Give(context.Background(), by(fmt.Sprint("m", 1+i%9)), t); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// year is a hub with so many transfers, many to a commit: this measures reading.
func year(b *testing.B, n int) *hub {
	b.Helper()
	h := newHub(b)
	h.fund(10_000)
	h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: money.Hour, Limit: book.Limit{Down: -1, Up: -1}}))
	const batch = 500
	for from := 0; from < n; from += batch {
		_, err := h.r.Do(ctx(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			for i := from; i < min(from+batch, n); i++ {
				payer, payee := book.Account(fmt.Sprint("h", 1+i%9)), book.Account(fmt.Sprint("h", 1+(i+1+i%7)%9))
				if payer == payee {
					payee = "h" + book.Account(fmt.Sprint(1+(i+1)%9))
				}
				data := book.Given{From: payer, To: payee, Unit: money.Hour, Amount: int64(1 + i%90)}
				d.Append(record.Event{Kind: book.GivenKind, By: "m1", For: string(payer), Data: record.Data(data)})
			}
			return d, nil
		}})
		if err != nil {
			b.Fatal(err)
		}
		h.clock.pass(365 * 24 * 3600e9 * batch / 100_000)
	}
	return h
}

// BenchmarkRead reads the front page, a statement of an account and one balance. None may grow with the number of events.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		h := year(b, n)
		if got := h.voids(); len(got) > 0 {
			b.Fatalf("void are %v", got)
		}
		for name, read := range map[string]func(l sight){
			"front":     func(l sight) { l.items(1<<63, pageSize); l.pots(); l.waiting(anything) },
			"balance":   func(l sight) { l.Totals("h3", money.Hour) },
			"statement": func(l sight) { take(l.Statement("h3", money.Hour, 1<<63), pageSize) },
			"month":     func(l sight) { l.BalanceBefore("h3", money.Hour, uint64(n/2)) },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					h.must(h.s.look(Reader{}, func(l sight) error { read(l); return nil }))
				}
			})
		}
	}
}

func take(lines func(func(book.Line) bool), n int) (all []book.Line) {
	for l := range lines {
		if all = append(all, l); len(all) == n {
			break
		}
	}
	return all
}

// BenchmarkAudit replays 100,000 events in memory, as an auditor does.
func BenchmarkAudit(b *testing.B) {
	h := year(b, 100_000)
	var entries []record.Entry
	h.must(h.r.Read(func(v record.View) error {
		for n, err := range v.Entries(v.Self(), 0) {
			if err != nil {
				return err
			}
			entries = append(entries, n)
		}
		return nil
	}))
	for b.Loop() {
		books := book.On(book.NewMemory("statement"))
		for _, n := range entries {
			if void, err := books.Enter(n); void != nil || err != nil {
				b.Fatal(void, err)
			}
		}
	}
}
