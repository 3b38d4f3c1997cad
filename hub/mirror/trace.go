package mirror

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/record"
)

// traceTime is how long one hub may take to answer all that a trace asks it.
const traceTime = 10 * time.Second

// Trace says how far one event has come, as the hubs that we can reach say it themselves.
type Trace struct {
	Origin string    `json:"origin"` // id of the author's hub
	Index  uint64    `json:"index"`
	Leaf   string    `json:"leaf"`
	Kind   string    `json:"kind"`
	At     time.Time `json:"at"` // as the author's hub wrote it
	Hubs   []Traced  `json:"hubs"`
}

// Presence is what a hub has of the event.
type Presence string

const (
	Author   Presence = "author"   // it is this hub's own event
	Mirrors  Presence = "mirrors"  // it keeps the same bytes, which we have compared
	Waits    Presence = "waits"    // it mirrors the record, not yet as far as this
	Nothing  Presence = "nothing"  // it does not mirror the record
	Differs  Presence = "differs"  // it keeps other bytes there
	Silent   Presence = "silent"   // it does not answer
	Homeless Presence = "homeless" // we know no address of it
)

// Traced is one hub's part in a trace.
type Traced struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	URL      string    `json:"url"`
	Presence Presence  `json:"presence"`
	Size     uint64    `json:"size"`           // of the record, over there
	Heard    time.Time `json:"heard,omitzero"` // when it came there, by the clock over there; zero if it does not remember
	Via      string    `json:"via,omitempty"`  // id of the hub that it was read from
	Hops     int       `json:"hops,omitempty"` // from the author
	Cosigned bool      `json:"cosigned"`       // it signed as a witness that it saw the event
}

// Trace asks every hub whose address we know for its public answers about one event, all at the same time.
func (m *Mirror) Trace(ctx context.Context, e record.Entry) Trace {
	t := Trace{Origin: e.Origin.ID(), Index: e.Index, Leaf: record.Hex(e.Leaf), Kind: e.Kind, At: e.At, Hubs: []Traced{m.traceHere(e)}}
	var mu sync.Mutex // owns t.Hubs
	var asking sync.WaitGroup
	for _, n := range m.List() {
		if n.State == Blocked {
			continue
		}
		asking.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, traceTime)
			defer cancel()
			one := m.traceThere(ctx, n, e)
			mu.Lock()
			defer mu.Unlock()
			t.Hubs = append(t.Hubs, one)
		})
	}
	asking.Wait()
	slices.SortFunc(t.Hubs, func(a, b Traced) int {
		return cmp.Or(rank(a)-rank(b), a.Hops-b.Hops, a.Heard.Compare(b.Heard), cmp.Compare(a.ID, b.ID))
	})
	return t
}

func rank(t Traced) int {
	return slices.Index([]Presence{Author, Mirrors, Waits, Differs, Nothing, Silent, Homeless}, t.Presence)
}

// traceHere is our own part, from what we hold.
func (m *Mirror) traceHere(e record.Entry) Traced {
	self := m.o.Record.Self()
	t := Traced{ID: self.ID(), Name: m.o.Name(), Presence: Mirrors, Size: m.o.Record.Size()}
	if e.Origin == self {
		t.Presence = Author
		return t
	}
	for _, d := range m.mirrors(map[record.Origin]string{e.Origin: ""}) {
		t.Hops = d.Hops
	}
	m.o.Record.Read(func(v record.View) error {
		t.Size = v.Size(e.Origin)
		t.Cosigned = lastWitnessed(v, e.Origin).Size > e.Index
		return nil
	})
	t.remember(m.arrivals(e.Origin), e.Index)
	return t
}

func (t *Traced) remember(list []Arrival, index uint64) {
	if a, ok := arrivalOf(list, index); ok {
		t.Heard, t.Via = a.At, a.Via
	}
}

// traceThere asks one hub: whether it is there, what it mirrors, whether its bytes are ours, when they came, and what it signed.
func (m *Mirror) traceThere(ctx context.Context, n Neighbour, e record.Entry) Traced {
	t := Traced{ID: n.ID, Name: n.Name, URL: n.URL, Presence: Silent}
	if n.URL == "" {
		t.Presence = Homeless
		return t
	}
	d, err := m.describe(ctx, n.URL)
	if err != nil || d.ID != n.ID {
		return t
	}
	base := n.URL + "/mirror/" + e.Origin.Hex() + "/"
	t.Presence = Nothing
	if d.ID == e.Origin.ID() {
		base, t.Presence = n.URL+recordPath(d.Record), Author
	}
	for _, one := range d.Mirrors {
		if one.ID == e.Origin.ID() {
			t.Presence, t.Size, t.Hops = Waits, one.Size, one.Hops
		}
	}
	m.compareBytes(ctx, base, e, &t)
	t.Cosigned = m.cosignedThere(ctx, n, e)
	return t
}

// compareBytes fetches the event from there, and says what became of it.
func (m *Mirror) compareBytes(ctx context.Context, base string, e record.Entry, t *Traced) {
	if t.Presence == Nothing || t.Presence == Waits && t.Size <= e.Index {
		return
	}
	tile := tlog.Tile{L: entriesLevel, N: int64(e.Index / bundleSize), W: int(e.Index%bundleSize) + 1}
	a, err := m.get(ctx, base+tilePath(tile), maxBundleBytes, nil)
	if err != nil {
		return
	}
	entries, err := record.ParseBundle(a.data)
	switch {
	case err != nil || len(entries) != tile.W || tlog.RecordHash(entries[tile.W-1]) != e.Leaf:
		t.Presence = Differs
	case t.Presence == Waits:
		t.Presence = Mirrors
	}
	var list []Arrival
	if a, err := m.get(ctx, base+heardPath, maxDescription, nil); err == nil && json.Unmarshal(a.data, &list) == nil {
		t.remember(list, e.Index)
	}
}

// cosignedThere tells whether a hub's own signature as a witness covers the event. Only of a hub whose witness key we know can we tell.
func (m *Mirror) cosignedThere(ctx context.Context, n Neighbour, e record.Entry) bool {
	var vkey string
	m.update(n.ID, func(note *memory) { vkey = note.Witness })
	key, err := parseWitnessKey(vkey)
	if err != nil {
		return false
	}
	a, err := m.get(ctx, n.URL+witnessPath+e.Origin.Hex()+"/checkpoint", record.MaxNote, nil)
	if err != nil {
		return false
	}
	c, err := record.OpenCheckpoint(a.data, note.VerifierList(key))
	return err == nil && c.Origin == e.Origin && c.Size > e.Index
}
