package noticeboard

import (
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Reader is for whom something is read; the zero Reader is any guest, whose pages everybody shares.
type Reader struct {
	Member  string
	Steward bool
}

func (r Reader) known() bool { return r.Member != "" }

// WordState says what became of the words of a notice or comment, as this reader may know it.
type WordState string

// States of words.
const (
	WordsHere       WordState = "here"
	WordsNotFetched WordState = "not-fetched" // promised by a neighbour, not here yet
	WordsErased     WordState = "erased"
	WordsLost       WordState = "lost"    // the neighbour has them no more
	WordsTheirs     WordState = "theirs"  // for the members of the neighbouring hub alone
	WordsMembers    WordState = "members" // for the members of this hub: the reader should sign in
	WordsWithdrawn  WordState = "withdrawn"
	WordsHidden     WordState = "hidden"
	WordsUnreadable WordState = "unreadable" // they are here and make no sense
)

// Item is a notice in a list.
type Item struct {
	ID       string     `json:"id"`
	URL      string     `json:"url"` // path
	Kind     Kind       `json:"kind"`
	State    WordState  `json:"words"`
	Title    string     `json:"title,omitempty"` // "" unless State is here
	Text     string     `json:"text,omitempty"`
	Place    string     `json:"place,omitempty"`
	Lang     string     `json:"lang,omitempty"`
	Hub      string     `json:"hub"`                // id
	HubName  string     `json:"hub_name,omitempty"` // "" for our own
	By       string     `json:"by"`
	Name     string     `json:"name,omitempty"`
	At       time.Time  `json:"at"`
	Starts   *time.Time `json:"starts,omitempty"`
	Expires  time.Time  `json:"expires"`
	Edited   *time.Time `json:"edited,omitempty"`
	Reach    body.Reach `json:"reach"`
	Taken    bool       `json:"taken,omitempty"`
	Done     bool       `json:"done,omitempty"`
	Expired  bool       `json:"expired,omitempty"`
	BadClock bool       `json:"clock_wrong,omitempty"` // its hub's clock runs more than a day ahead of ours
	Comments int        `json:"comments"`
	Pictures []Shot     `json:"pictures,omitempty"`
	Mine     bool       `json:"mine,omitempty"`

	changed time.Time
}

// Shot is a picture as pages show it.
type Shot struct {
	URL    string `json:"url"`
	Leaf   string `json:"leaf"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Warn tells whether the notice expires soon: within seven days, or three if it does not live longer than a month.
func (i Item) Warn(now time.Time) bool {
	ahead := 7 * day
	if i.Expires.Sub(i.At) <= 30*day {
		ahead = 3 * day
	}
	return !i.Done && !i.Expired && i.Expires.Sub(now) < ahead
}

// item gathers what a list shows of a notice.
func (s *Service) item(v record.View, r Reader, id ID, n notice) Item {
	origin := id.Origin()
	i := Item{
		ID: id.String(), URL: "/notices/" + id.String(), Kind: n.Kind, Lang: n.Lang, Hub: origin.ID(), By: n.By,
		Name: s.o.Members.NameOf(v, origin, n.By, r.known()), At: s.local(n.At), Expires: s.local(n.Ends), Reach: n.Reach,
		Taken: n.Taken != "", Done: n.Done != 0, Expired: n.Ends <= v.Now().UnixMilli(),
		BadClock: n.At >= horizon(v.Now()), changed: at(n.Changed),
		Comments: int(record.ParseNum(v.Table(service, "talk").Get(id[:]))),
		Mine:     r.known() && origin == v.Self() && n.By == r.Member,
	}
	if origin != v.Self() {
		i.HubName = s.o.Hubs.HubName(v, origin)
	}
	i.Starts, i.Edited = s.maybe(n.Starts), s.maybe(n.Edited)
	w, state := words(v, r, id, n)
	i.Title, i.Text, i.Place, i.State = w.Title, w.Text, w.Place, state
	if state == WordsHere {
		i.Pictures = shots(v, id, n)
	}
	return i
}

func (s *Service) local(ms int64) time.Time { return at(ms).In(s.o.Zone) }

func (s *Service) maybe(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := s.local(ms)
	return &t
}

// words reads the words of a notice as far as the reader may. Stewards and the author see what is hidden, the author what is
// withdrawn.
func words(v record.View, r Reader, id ID, n notice) (Words, WordState) {
	author := r.known() && id.Origin() == v.Self() && n.By == r.Member
	if n.Gone != 0 && !author {
		return Words{}, WordsWithdrawn
	}
	if _, _, veiled := hidingOf(v, id); veiled && !author && !r.Steward {
		return Words{}, WordsHidden
	}
	raw, state := open(v, r, id.Origin(), leafOf(n.Words), n.Reach)
	if state != WordsHere {
		return Words{}, state
	}
	w, ok := readWords(raw)
	if !ok || w.Title == "" {
		return Words{}, WordsUnreadable
	}
	return w, WordsHere
}

// open reads a body if its reach lets this reader have it.
func open(v record.View, r Reader, o record.Origin, leaf record.Hash, reach body.Reach) ([]byte, WordState) {
	switch {
	case reach == body.Hub && o != v.Self():
		return nil, WordsTheirs
	case reach == body.Hub && !r.known():
		return nil, WordsMembers
	case reach == body.Stewards && !(r.Steward && o == v.Self()):
		return nil, WordsTheirs
	}
	b := v.Body(o, leaf)
	switch b.State {
	case body.Here:
		return b.Bytes, WordsHere
	case body.Erased:
		return nil, WordsErased
	case body.Lost:
		return nil, WordsLost
	}
	return nil, WordsNotFetched
}

// shots lists the pictures that are here.
func shots(v record.View, id ID, n notice) []Shot {
	var list []Shot
	for _, p := range n.Pictures {
		pid, _ := idOf(id.Origin(), leafOf(p.Leaf))
		if v.Table(service, "picture").Get(pid[:]) != nil && len(list) < maxPhotos {
			list = append(list, Shot{"/pictures/" + id.Origin().ID() + "/" + p.Leaf + ".jpg", p.Leaf, p.W, p.H})
		}
	}
	return list
}

// List reads a page of notices, and the cursor of the next, "" at the end. locked tells that some were left out because they are for
// members of this hub and the reader is a guest.
func (s *Service) List(v record.View, r Reader, q Query) (items []Item, next string, locked bool) {
	items = []Item{}
	_, next = newest(v, q, func(h hit) bool {
		n, held := load(v, h.id)
		shut := n.Reach == body.Hub && !r.known() && h.id.Origin() == v.Self()
		locked = locked || shut
		if held && !shut {
			items = append(items, s.item(v, r, h.id, n))
		}
		return held && !shut
	})
	return items, next, locked
}
