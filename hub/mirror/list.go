package mirror

import (
	"context"
	"encoding/json"
	"sort"
	"time"

	"commonhub/hub/record"
)

// Neighbour is what pages and the console show of another hub.
type Neighbour struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	State    State     `json:"state"`
	Words    string    `json:"words"` // safety number: six groups of five digits
	URL      string    `json:"url"`
	Size     uint64    `json:"size"`   // of its record, as it signed it
	Synced   uint64    `json:"synced"` // entries that we hold
	Behind   uint64    `json:"behind"`
	Heard    time.Time `json:"heard"`
	SyncedAt time.Time `json:"syncedAt"`
	Waiting  int       `json:"waiting"` // words and pictures that its hub has not given us: it may not have accepted us yet
	Problem  string    `json:"problem"` // message key, "" when all is well
	Key      string    `json:"key"`
	Via      string    `json:"via,omitempty"`  // id of the neighbour through which we read it, "" if we do not
	Hops     int       `json:"hops,omitempty"` // from it to us over others
	Status   Status    `json:"status"`
	Quality  Quality   `json:"quality,omitempty"` // of the link to it, since our start
	Answered int       `json:"answered"`          // of the last questions to it, in percent
	Trip     int64     `json:"trip"`              // there and back, in milliseconds
	Today    Usage     `json:"today"`             // what came of its record in the last 24 hours
	Quota    Quota     `json:"quota"`             // what may come in a day
	Tier     Tier      `json:"tier"`
}

// Status is how far we are with a hub, in one word.
type Status string

const (
	Synced Status = "synced" // we hold all that it is known to have signed
	Behind Status = "behind"
	Away   Status = "away"   // accepted, and it does not answer; we may still hold all of it
	Far    Status = "far"    // read over other hubs
	Idle   Status = "seen"   // found, and nothing more
	Closed Status = "closed" // blocked, or seen to sign two records
)

// twinShown is how long people are told that another machine ran under a neighbour's key.
const twinShown = 24 * time.Hour

// List is every hub that we know, accepted ones first, then by id.
func (m *Mirror) List() []Neighbour {
	list := m.listed()
	m.o.Record.Read(func(v record.View) error {
		for i := range list {
			n := &list[i]
			n.Quota, n.Tier = settingsOf(v, n.ID).Quota, m.tier(v, n.ID)
			if live, _ := keysOf(v, n.ID, n.Key); len(live) > 0 {
				n.Key, n.Words = live[0], wordsOf(n.ID, live[0])
			}
		}
		return nil
	})
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if (a.State == Accepted) != (b.State == Accepted) {
			return a.State == Accepted
		}
		return a.ID < b.ID
	})
	return list
}

func (m *Mirror) listed() []Neighbour {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]Neighbour, 0, len(m.hubs))
	for id, h := range m.hubs {
		shown := h.show(id)
		shown.Today = h.today(m.hour())
		list = append(list, shown)
	}
	return list
}

func (h *hub) show(id string) Neighbour {
	n := h.note
	shown := Neighbour{
		ID: id, Name: n.Name, State: h.state, URL: n.URL, Size: n.Size, Synced: n.Synced,
		Heard: n.Heard, SyncedAt: n.SyncedAt, Waiting: n.Waiting, Problem: n.Problem, Key: n.Key,
	}
	if h.key != "" {
		shown.Key = h.key
	}
	if h.state == Seen {
		shown.Via, shown.Hops = n.Via, n.Hops
	}
	if h.state == Forked {
		shown.Problem = "mirror.forked" // also where another neighbour showed it, and its own pulls went well
	}
	if shown.Problem == "" && h.state == Accepted && time.Since(n.TwinSeen) < twinShown {
		shown.Problem = "mirror.twin-seen"
	}
	if shown.Size > shown.Synced && h.state == Accepted {
		shown.Behind = shown.Size - shown.Synced
	}
	shown.Words = wordsOf(id, shown.Key)
	shown.Quality, shown.Answered, shown.Trip = h.trials.quality(), h.trials.yield(), h.trials.trip.Milliseconds()
	shown.Status = h.status(shown)
	return shown
}

func (h *hub) status(n Neighbour) Status {
	switch {
	case h.state == Blocked || h.state == Forked:
		return Closed
	case h.state == Seen && n.Via != "":
		return Far
	case h.state == Seen:
		return Idle
	case h.trials.missed || n.Problem == "mirror.no-address-yet":
		return Away
	case n.Behind > 0 || n.SyncedAt.IsZero():
		return Behind
	}
	return Synced
}

// OurWords is our own safety number, for a neighbour's steward to compare.
func (m *Mirror) OurWords() string {
	return wordsOf(m.o.Record.Self().ID(), m.o.Record.VerifierKey())
}

func wordsOf(id, vkey string) string {
	key, err := record.ParseKey(record.OriginFor(id), vkey)
	if err != nil {
		return ""
	}
	return SafetyNumber(key)
}

// HubName is the name that a hub gave itself, or its id if it never told us.
func (m *Mirror) HubName(_ record.View, o record.Origin) string {
	if o == m.o.Record.Self() {
		return m.o.Name()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.hubs[o.ID()]; h != nil && h.note.Name != "" {
		return h.note.Name
	}
	return o.ID()
}

// keep writes notes to the private part. It happens seldom, and at the end: addresses are also in the mesh's book.
func (m *Mirror) keep(ctx context.Context, notes map[string]memory) error {
	if len(notes) == 0 {
		return nil
	}
	_, err := m.o.Record.Do(ctx, record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Keep(service, livedTable, lifetimeKey, m.lived.encode())
		for id, n := range notes {
			value, err := json.Marshal(n)
			if err != nil {
				return d, err
			}
			d.Keep(service, "seen", []byte(id), value)
		}
		return d, nil
	}})
	return err
}
