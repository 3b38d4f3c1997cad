package callout

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// hub is a whole record with call-outs on it, and people m1 to m9 of the households h1 to h9, of whom m1 is a steward.
type hub struct {
	t     testing.TB
	r     *record.Record
	s     *Service
	clock *clock

	mu       sync.Mutex // guards all below
	accepted map[record.Origin]ed25519.PublicKey
	spread   [][]byte
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
	if !strings.HasPrefix(member, "m") || len(member) != 2 {
		return "", false, fault.New(fault.Denied, "people.not-a-member")
	}
	return "h" + member[1:], member == "m1", nil
}

func (h *hub) NameOf(v record.View, o record.Origin, member string, known bool) string {
	if !known {
		return ""
	}
	return "Name of " + member
}

func (h *hub) HubName(v record.View, o record.Origin) string { return "Hub " + o.ID() }

func (h *hub) AcceptedKeys(o record.Origin) []ed25519.PublicKey {
	h.mu.Lock()
	defer h.mu.Unlock()
	if key, ok := h.accepted[o]; ok {
		return []ed25519.PublicKey{key}
	}
	return nil
}

func (h *hub) told(path string, message []byte, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.spread = append(h.spread, message)
}

// messages are those that the hub has told so far.
func (h *hub) messages() [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.spread
}

func (h *hub) accept(other *hub) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.accepted[other.r.Self()] = other.r.Key().Public().(ed25519.PublicKey)
}

func start() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }

func newHub(t testing.TB) *hub {
	t.Helper()
	h := &hub{t: t, clock: &clock{now: start()}, accepted: map[record.Origin]ed25519.PublicKey{}}
	h.s = New(Options{Members: h, Hubs: h, Spread: h.told, Zone: time.UTC})
	db, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	h.r, err = record.Open(db, record.Options{Services: []record.Service{h.s}, Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	h.s.Open(h.r)
	t.Cleanup(func() { h.r.Close(); db.Close() })
	return h
}

func by(member string) Order { return Order{Member: member} }

func (h *hub) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func refused(t testing.TB, err error, key string) {
	t.Helper()
	if err == nil || fault.Of(err).Key != key {
		t.Fatalf("got %v, want a fault %s", err, key)
	}
}

func draft(text string) Draft {
	return Draft{Text: text, Lang: "en", Urgency: "immediate", Severity: "severe", Sure: true}
}

func (h *hub) raise(member string, d Draft) ID {
	h.t.Helper()
	ref, err := h.s.Raise(context.Background(), by(member), d)
	h.must(err)
	return idOf(ref.Origin, ref.Leaf)
}

func (h *hub) view(fn func(v record.View)) {
	h.t.Helper()
	h.must(h.r.Read(func(v record.View) error { fn(v); return nil }))
}

func (h *hub) list(r Reader) (items []Item) {
	h.t.Helper()
	h.view(func(v record.View) { items = h.s.List(v, r) })
	return items
}

// shows writes what a guest sees of the list: words, fate, answers.
func (h *hub) shows() string {
	var lines []string
	for _, i := range h.list(Reader{}) {
		lines = append(lines, fmt.Sprintf("%s/%s%s %d+%d", i.Text, i.Severity, i.Over, i.Seen, i.Coming))
	}
	return strings.Join(lines, "|")
}

func (h *hub) want(why, shows string) {
	h.t.Helper()
	if got := h.shows(); got != shows {
		h.t.Errorf("%s: the list shows %q, want %q", why, got, shows)
	}
}

// entries brings the first n events of another hub, entries alone; 0 is all.
func (h *hub) entries(from *hub, n uint64) {
	h.t.Helper()
	c := from.r.Checkpoint()
	var have uint64
	h.view(func(v record.View) { have = v.Size(from.r.Self()) })
	x := record.Extension{Origin: from.r.Self(), Verifier: note.VerifierList(from.r.Verifier()), Note: c.Note, Start: have}
	from.view(func(v record.View) {
		for e, err := range v.Entries(from.r.Self(), have) {
			h.must(err)
			x.Entries = append(x.Entries, bytes.Clone(e.Raw))
		}
	})
	if len(x.Entries) == 0 {
		return
	}
	_, err := h.r.Extend(context.Background(), x)
	h.must(err)
}

// bodies brings the words that another hub has.
func (h *hub) bodies(from *hub) {
	h.t.Helper()
	var list []record.Entry
	h.view(func(v record.View) {
		var err error
		list, err = v.Wanted(from.r.Self(), record.Hash{}, 100)
		h.must(err)
	})
	for _, e := range list {
		var b body.Body
		from.view(func(v record.View) {
			b = v.Body(e.Origin, e.Leaf)
			b.Bytes = bytes.Clone(b.Bytes)
		})
		if b.State == body.Here {
			h.must(h.r.Shelve(context.Background(), e, b.Salt, b.Bytes))
		}
	}
}

// tables writes all tables out, to compare them.
func (h *hub) tables() string {
	var b strings.Builder
	h.view(func(v record.View) {
		for _, name := range []string{"call", "index", "daily", "follow", "answer", "blocked", "lodger"} {
			for k, value := range v.Table(service, name).From(nil) {
				fmt.Fprintf(&b, "%s %q %q\n", name, k, value)
			}
		}
	})
	return b.String()
}

// write appends events that no command of ours would, as a hub may that asks nobody.
func (h *hub) write(events ...record.Event) {
	h.t.Helper()
	for _, e := range events {
		_, err := h.r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			var words *body.Sealed
			if tells(e.Kind) && e.Reach != body.Stewards {
				words = body.Seal([]byte("words"), usualReach(e.Reach))
			}
			e.Reach = ""
			d.Append(e, words)
			return d, nil
		}})
		h.must(err)
	}
}

func usualReach(r body.Reach) body.Reach {
	if r == "" {
		return body.Neighbours
	}
	return r
}

func event(kind, member string, data any) record.Event {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return record.Event{Kind: kind, By: member, For: "h1", Data: raw}
}
