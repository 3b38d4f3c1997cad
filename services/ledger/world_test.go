package ledger

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/hub/store"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// hub is a whole record with a ledger on it, and people m1 to m9 of the households h1 to h9, of whom m1 and m2 are stewards.
type hub struct {
	t     testing.TB
	r     *record.Record
	s     *Service
	clock *clock
	dir   string

	houses int // how many households there are; 0 is nine
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (h *hub) Acting(v record.View, member string) (string, bool, error) {
	if !strings.HasPrefix(member, "m") || !h.HasHousehold(v, "h"+member[1:]) {
		return "", false, fault.New(fault.Denied, "people.not-a-member")
	}
	return "h" + member[1:], member == "m1" || member == "m2", nil
}

func (h *hub) NameOf(v record.View, o record.Origin, handle string, known bool) string {
	if !known {
		return ""
	}
	return "Name of " + handle
}

func (h *hub) HasHousehold(v record.View, handle string) bool {
	return slices.Contains(h.HouseholdHandles(v), handle)
}

func (h *hub) HouseholdHandles(record.View) []string {
	var all []string
	for n := range cmp.Or(h.houses, 9) {
		all = append(all, fmt.Sprint("h", n+1))
	}
	return all
}

func (h *hub) AcceptedKeys(record.Origin) []ed25519.PublicKey { return []ed25519.PublicKey{nil} }

func (h *hub) HubName(v record.View, o record.Origin) string { return "Hub " + o.ID() }

func newHub(t testing.TB) *hub {
	t.Helper()
	return newHubOn(t, store.Options{Volatile: true})
}

func newHubOn(t testing.TB, o store.Options) *hub {
	t.Helper()
	h := &hub{t: t, clock: &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}, dir: t.TempDir()}
	h.open(o)
	return h
}

// open opens the record in the hub's folder, again after close.
func (h *hub) open(o store.Options) {
	h.t.Helper()
	h.s = New(Options{Members: h, Hubs: h, Zone: time.UTC})
	db, err := store.Open(h.dir, o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.r, err = record.Open(db, record.Options{Services: []record.Service{h.s}, Now: h.clock.Now})
	if err != nil {
		h.t.Fatal(err)
	}
	h.s.Open(h.r)
	h.t.Cleanup(func() { h.r.Close(); db.Close() })
}

func by(member string) Order { return Order{Member: member} }

func (h *hub) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// did is must for a command, and gives the index of its event.
func (h *hub) did(ref record.Ref, err error) uint64 {
	h.t.Helper()
	h.must(err)
	return ref.Index
}

func (h *hub) refused(ref record.Ref, err error) func(key string) {
	h.t.Helper()
	return func(key string) {
		h.t.Helper()
		if err == nil || fault.Of(err).Key != key {
			h.t.Fatalf("got %v (event %d), want a fault %s", err, ref.Index, key)
		}
	}
}

func (h *hub) books(fn func(b book.Books)) {
	h.t.Helper()
	h.must(h.r.Read(func(v record.View) error { fn(booksOf(v)); return nil }))
}

func (h *hub) balance(a book.Account, u money.Unit) (balance int64) {
	h.t.Helper()
	h.books(func(b book.Books) { balance = b.Totals(a, u).Balance })
	return balance
}

// wants compares balances: "h1 -60, h2 60".
func (h *hub) wants(u money.Unit, want string) {
	h.t.Helper()
	var got []string
	h.books(func(b book.Books) {
		h.must(b.Check())
		for _, one := range b.Balances() {
			if one.Unit == u && one.Balance != 0 {
				got = append(got, fmt.Sprintf("%s %d", one.Account, one.Balance))
			}
		}
	})
	if s := strings.Join(got, ", "); s != want {
		h.t.Fatalf("balances in %s are %q, want %q", u, s, want)
	}
}

func ctx() context.Context { return context.Background() }

// hours is a transfer of so many minutes.
func hours(to book.Account, minutes int64) Transfer {
	return Transfer{To: to, Unit: money.Hour, Amount: minutes, Memo: "help"}
}

// write appends events that no command of ours would, as whoever holds the key could.
func (h *hub) write(events ...record.Event) {
	h.t.Helper()
	for _, e := range events {
		_, err := h.r.Do(ctx(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			d.Append(e)
			return d, nil
		}})
		h.must(err)
	}
}

// tables writes all tables out, to compare them.
func (h *hub) tables() string {
	var b strings.Builder
	h.must(h.r.Read(func(v record.View) error {
		for _, name := range slices.Concat(tableNames(), lineTables()) {
			for k, value := range v.Table(service, name).From(nil) {
				fmt.Fprintf(&b, "%s %q %q\n", name, k, value)
			}
		}
		return nil
	}))
	return b.String()
}

func tableNames() []string {
	return []string{"journal", "balance", "statement", "month", "reversed", "void", "unit", "limit", "rule", "place", "opened", "budget",
		"levy", "words", "request", "pledge", "expense", "open", "waiting", "period", "period-code"}
}

// voids counts the events that broke each rule.
func (h *hub) voids() map[string]int {
	all := map[string]int{}
	h.books(func(b book.Books) {
		for v := range b.Voids(0) {
			all[v.Why]++
		}
	})
	return all
}

func (h *hub) wantVoids(want map[string]int) {
	h.t.Helper()
	if got := h.voids(); !maps.Equal(got, want) {
		h.t.Fatalf("void are %v, want %v", got, want)
	}
}
