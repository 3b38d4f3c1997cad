package mirror

import (
	"encoding/json"
	"net/http"
	"time"

	"commonhub/hub/record"
)

// heardPath is below a mirror's prefix: a JSON list of Arrival, the newest last. Whoever traces a notice learns there when it came, and how.
const heardPath = "heard"

// arrivalsKept is how many growths of one record are remembered. They explain, and prove nothing.
const arrivalsKept = 32

// Arrival is one growth of a mirror.
type Arrival struct {
	Size uint64    `json:"size"` // that it reached
	At   time.Time `json:"at"`   // by the clock of the hub that mirrors
	Via  string    `json:"via"`  // id of the hub that it was read from; the author's own if directly
}

// arrived notes that a record grew here.
func (s *source) arrived(size uint64) {
	s.m.update(s.origin.ID(), func(n *memory) {
		list := append(n.Arrivals, Arrival{size, time.Now().UTC().Truncate(time.Millisecond), s.id})
		n.Arrivals = append([]Arrival(nil), list[max(0, len(list)-arrivalsKept):]...) // readers hold the old list
	})
}

func (m *Mirror) arrivals(o record.Origin) []Arrival {
	list := []Arrival{}
	m.update(o.ID(), func(n *memory) { list = append(list, n.Arrivals...) })
	return list
}

// arrivalOf is the growth by which an entry came; false if that was too long ago.
func arrivalOf(list []Arrival, index uint64) (a Arrival, ok bool) {
	for i := len(list) - 1; i >= 0 && list[i].Size > index; i-- {
		a, ok = list[i], i > 0 || len(list) < arrivalsKept
	}
	return a, ok
}

func (m *Mirror) serveHeard(w http.ResponseWriter, req *http.Request, o record.Origin) {
	data, err := json.Marshal(m.arrivals(o))
	if err != nil {
		refuse(w, err)
		return
	}
	send(w, req, "application/json", askFirst, data)
}
