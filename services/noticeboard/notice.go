package noticeboard

import (
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// notice is what its author's record says of it, folded. Whether it is alive now, and who may read its words, is decided when
// it is read.
type notice struct {
	Leaf     string     `json:"leaf"` // of notice.posted
	Index    uint64     `json:"index"`
	At       int64      `json:"at"`
	By       string     `json:"by"`
	For      string     `json:"for,omitempty"`
	Kind     Kind       `json:"kind"`
	Lang     string     `json:"lang,omitempty"`
	Reach    body.Reach `json:"reach"`
	Starts   int64      `json:"starts,omitempty"`
	Ends     int64      `json:"ends"`
	Words    string     `json:"words"` // leaf of the event whose body holds the words that count
	Edited   int64      `json:"edited,omitempty"`
	Changed  int64      `json:"changed"` // at of the author's last event about it
	Pictures []picture  `json:"pictures,omitempty"`
	Gone     int64      `json:"gone,omitempty"` // at of notice.withdrawn
	Done     int64      `json:"done,omitempty"`
	Thanks   string     `json:"thanks,omitempty"` // leaf of notice.done, if it has a body
	Taken    string     `json:"taken,omitempty"`  // URL form of the ID of the claim that won
}

type picture struct {
	Leaf string `json:"leaf"`
	W    int    `json:"w"`
	H    int    `json:"h"`
}

// state is what lists must know beside the kind: whether somebody has it in hand, and whether it is over for good.
const (
	stateOpen byte = iota
	stateTaken
	stateDone
)

func (n *notice) state() byte {
	switch {
	case n.Done != 0:
		return stateDone
	case n.Taken != "":
		return stateTaken
	}
	return stateOpen
}

// live tells whether the notice still belongs on the board at an instant.
func (n *notice) live(now time.Time) bool {
	return n.Gone == 0 && n.Done == 0 && n.Ends > now.UnixMilli()
}

// mine tells whether an entry of the notice's own record is by its author. Events by others are void.
func (n *notice) mine(e record.Entry) bool { return e.By == n.By }

// hiding is that a steward hid something, and why.
type hiding struct {
	Leaf   string `json:"leaf"`
	At     int64  `json:"at"`
	Reason string `json:"reason"`
	Words  bool   `json:"words,omitempty"` // the event has a body
}

// reply is a comment, claim or flag: an event about a notice, in any record.
type reply struct {
	Leaf  string     `json:"leaf"`
	Index uint64     `json:"index"`
	At    int64      `json:"at"`
	By    string     `json:"by,omitempty"`
	For   string     `json:"for,omitempty"`
	Reach body.Reach `json:"reach,omitempty"`
}

func replyOf(e record.Entry) reply {
	return reply{record.Hex(e.Leaf), e.Index, millis(e.At), e.By, e.For, e.Reach}
}

// millis is a time as the tables keep it. Years before 1970 count as 1970: keys must sort.
func millis(t time.Time) int64 { return max(0, t.UnixMilli()) }

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// leafOf reads a leaf that Apply itself wrote.
func leafOf(hex string) record.Hash {
	h, _ := record.ParseHash(hex) // checked before it was stored; the zero hash finds nothing
	return h
}

// key joins the parts of a table's key.
func key(parts ...[]byte) []byte {
	var k []byte
	for _, p := range parts {
		k = append(k, p...)
	}
	return k
}

func num(ms int64) []byte { return record.Num(uint64(ms)) }

// load finds a notice; false if its posting is not held, or void.
func load(v record.View, id ID) (n notice, ok bool) {
	return record.Load[notice](v.Table(service, "notice"), id[:])
}

// hidingOf finds why something is hidden here: by a steward of ours, or else by one of its own hub.
func hidingOf(v record.View, id ID) (record.Origin, hiding, bool) {
	table := v.Table(service, "hidden")
	if self, ok := idOf(v.Self(), record.Hash{}); ok {
		if h, ok := record.Load[hiding](table, key(id[:], self.hub())); ok {
			return v.Self(), h, true
		}
	}
	h, ok := record.Load[hiding](table, key(id[:], id.hub()))
	return id.Origin(), h, ok
}
