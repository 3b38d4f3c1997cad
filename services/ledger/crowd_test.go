package ledger

import (
	"context"
	"sync"
	"testing"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

const crowd = 64

// at64 does something as often at the same moment and counts what worked; all else must be refused for this reason.
func at64(t *testing.T, why string, do func(n int) (record.Ref, error)) (winners int) {
	t.Helper()
	var all sync.WaitGroup
	results := make([]error, crowd)
	start := make(chan struct{})
	for n := range crowd {
		all.Go(func() {
			<-start
			_, results[n] = do(n)
		})
	}
	close(start)
	all.Wait()
	for _, err := range results {
		switch {
		case err == nil:
			winners++
		case fault.Of(err).Key != why:
			t.Errorf("refused with %v", err)
		}
	}
	return winners
}

// Sixty-four spenders on one account: as many win as there is credit for, no more and no fewer, and it is never below its floor on the way.
func TestSpendersAtTheFloor(t *testing.T) {
	h := newHub(t)
	h.did(h.s.Give(ctx(), by("m4"), hours("h3", 7)))
	won := at64(t, "ledger.below-floor", func(n int) (record.Ref, error) {
		return h.s.Give(context.Background(), by("m3"), hours(book.Account("h"+string(rune('4'+n%6))), 50))
	})
	if want := (1200 + 7) / 50; won != want {
		t.Errorf("%d spenders won, want %d", won, want)
	}
	h.books(func(b book.Books) {
		h.must(b.Check())
		for line := range b.Statement("h3", money.Hour, 1<<63) {
			if line.After < -1200 {
				t.Errorf("after entry %d the account stood at %d", line.Index, line.After)
			}
		}
	})
	h.wantVoids(map[string]int{})
}

// Two tabs, one expense: it is paid once.
func TestPayersOfOneExpense(t *testing.T) {
	h := newHub(t)
	h.fund(100_000)
	x := h.did(h.s.Ask(ctx(), by("m4"), bill(100)))
	h.did(h.s.Approve(ctx(), by("m5"), x))
	if won := at64(t, "ledger.expense-is-paid", func(int) (record.Ref, error) { return h.s.Pay(context.Background(), by("m1"), x) }); won != 1 {
		t.Errorf("paid %d times", won)
	}
	h.wants("EUR", "p1 99900, g1 -100000, s1 100")
}

// One slip handed in by everybody at once is reversed once, and a request is agreed to once.
func TestOneAnswerWins(t *testing.T) {
	h := newHub(t)
	paid := h.did(h.s.Give(ctx(), by("m3"), hours("h4", 60)))
	won := at64(t, "ledger.reversed-already", func(int) (record.Ref, error) { return h.s.Reverse(context.Background(), by("m4"), paid, "a gift") })
	q := h.did(h.s.Request(ctx(), by("m4"), Transfer{From: "h3", Unit: money.Hour, Amount: 30}))
	agreed := at64(t, "ledger.request-answered", func(int) (record.Ref, error) { return h.s.Agree(context.Background(), by("m3"), q) })
	if won != 1 || agreed != 1 {
		t.Errorf("reversed %d times, agreed %d times", won, agreed)
	}
	h.wants(money.Hour, "h3 -30, h4 30")
}
