package hubtest

import (
	"encoding/json"
	"strings"
)

// Neighbour is a line of `commonhub neighbours --json`.
type Neighbour struct {
	ID, Name, State, Words, URL string
	Size, Synced, Behind        uint64
	Status, Problem, Quality    string
	Hops                        int
}

// ID is the hub's 16 characters.
func (h *Hub) ID() string {
	h.t.Helper()
	var s struct{ ID string }
	if err := json.Unmarshal([]byte(h.Console("status", "--json")), &s); err != nil {
		h.t.Fatal(err)
	}
	return s.ID
}

// Neighbour says what the hub knows of another; false if it has not seen it.
func (h *Hub) Neighbour(id string) (Neighbour, bool) {
	h.t.Helper()
	var all []Neighbour
	if err := json.Unmarshal([]byte(h.Console("neighbours", "--json")), &all); err != nil {
		h.t.Fatal(err)
	}
	for _, n := range all {
		if n.ID == id {
			return n, true
		}
	}
	return Neighbour{}, false
}

// Accept waits until the hub has seen another, and accepts it as its steward does who has compared the safety number.
func (h *Hub) Accept(other *Hub) {
	h.t.Helper()
	id := other.ID()
	Until(h.t, "hub "+id+" is seen with its safety number", func() bool {
		n, seen := h.Neighbour(id)
		return seen && n.Words != ""
	})
	h.Console("neighbours", "accept", id)
}

// Shows tells whether a page of the hub, as anybody sees it, has these words.
func (h *Hub) Shows(path, words string) bool {
	h.t.Helper()
	status, page := h.Get(path)
	return status == 200 && strings.Contains(string(page), words)
}
