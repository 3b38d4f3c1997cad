package noticeboard

import (
	"slices"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/photo"
	"commonhub/hub/record"
)

// Apply brings one event into the tables. Whatever breaks a rule is void, silently: the record keeps it, the board does not.
// Events of one record come in its order; those of different records in any, and the tables come out the same.
func (s *Service) Apply(e record.Edit, n record.Entry) error {
	id, ok := idOf(n.Origin, n.Leaf)
	if !ok || n.V != 1 {
		return nil
	}
	switch n.Kind {
	case posted:
		return applyPosted(e, n, id)
	case edited, pictured, extended, withdrawn, done:
		return applyOwn(e, n)
	case commented, flagged, claimed:
		return applyReply(e, n, id)
	case settled:
		return applySettled(e, n)
	case released:
		return applyReleased(e, n)
	case hidden:
		return applyHidden(e, n)
	case shown:
		return applyShown(e, n)
	}
	return nil
}

func applyPosted(e record.Edit, entry record.Entry, id ID) error {
	d, ok := record.Decode[postedData](entry.Event)
	ends, dated := instant(d.Expires, time.UTC)
	if !ok || !dated || !d.Kind.valid() || entry.By == "" || !reachable(entry.Reach) {
		return nil
	}
	if _, twin := load(e.View, id); twin {
		return nil
	}
	n := notice{
		Leaf: record.Hex(entry.Leaf), Index: entry.Index, At: millis(entry.At), By: cut(entry.By, 20), For: cut(entry.For, 20),
		Kind: d.Kind, Lang: tag(d.Lang), Reach: entry.Reach, Starts: starts(d.Starts), Ends: ending(ends, entry.At),
		Words: record.Hex(entry.Leaf), Changed: millis(entry.At),
	}
	if err := record.Save(e.Own("notice"), id[:], n); err != nil {
		return err
	}
	if err := turnPage(e, id, n.Index); err != nil {
		return err
	}
	if entry.Origin == e.Self() {
		if err := owned(e, id, &n); err != nil {
			return err
		}
	}
	return relist(e, nil, id, &n)
}

// owned notes what is ours to keep count of and to answer: the daily limit, and claims that a neighbour's record brought
// before this one, as a rebuild does.
func owned(e record.Edit, id ID, n *notice) error {
	if err := e.Own("daily").Put(dailyKey(n.For, n.At, id), []byte{}); err != nil {
		return err
	}
	var waiting [][]byte
	for k := range e.Own("claim").Prefix(id[:]) {
		waiting = append(waiting, slices.Clone(k))
	}
	for _, k := range waiting {
		if err := e.Own("open").Put(k, []byte{}); err != nil {
			return err
		}
	}
	return nil
}

func dailyKey(household string, ms int64, id ID) []byte {
	return key([]byte(household), []byte{0}, num(ms), id[:])
}

func reachable(r body.Reach) bool { return r == body.Hub || r.Travels() }

func starts(s string) int64 {
	if t, ok := instant(s, time.UTC); ok {
		return millis(t)
	}
	return 0
}

// ending bounds an expiry by the event that set it, so that no clock is needed.
func ending(ends, set time.Time) int64 { return min(millis(ends), millis(set.Add(longest))) }

// own finds the notice of the same record that an event names.
func own(entry record.Entry, leaf string) (ID, bool) {
	_, id, ok := cite{entry.Origin, leaf}.ref()
	return id, ok
}

// change edits a notice that is held and relists it. fn returns false if the event is void.
func change(e record.Edit, id ID, fn func(n *notice) bool) error {
	n, ok := load(e.View, id)
	if !ok {
		return nil
	}
	before := placesOf(e.View, id, &n)
	if !fn(&n) {
		return nil
	}
	if err := record.Save(e.Own("notice"), id[:], n); err != nil {
		return err
	}
	return relist(e, before, id, &n)
}

// applyOwn is for what an author does to a notice of theirs.
func applyOwn(e record.Edit, entry record.Entry) error {
	d, ok := record.Decode[ownData](entry.Event)
	id, named := own(entry, d.Notice)
	n, held := load(e.View, id)
	if !ok || !named || !held || !n.mine(entry) {
		return nil
	}
	switch entry.Kind {
	case edited:
		return applyEdited(e, entry, id)
	case extended:
		return applyExtended(e, entry, id, n.Ends)
	case pictured:
		return applyPictured(e, entry, id)
	case withdrawn:
		if err := e.Own("gone").Put(goneKey(millis(entry.At), id), []byte{}); err != nil {
			return err
		}
	}
	return change(e, id, func(n *notice) bool {
		n.Changed = millis(entry.At)
		if entry.Kind == withdrawn {
			n.Gone = millis(entry.At)
			return true
		}
		n.Done = millis(entry.At)
		if entry.Body != "" {
			n.Thanks = record.Hex(entry.Leaf)
		}
		return true
	})
}

func goneKey(ms int64, id ID) []byte { return key(num(ms), id[:]) }

func applyEdited(e record.Edit, entry record.Entry, id ID) error {
	d, ok := record.Decode[editedData](entry.Event)
	n, _ := load(e.View, id)
	// The reach is the notice's for good: pictures and comments were sealed with it.
	if !ok || entry.Body == "" || entry.Reach != n.Reach {
		return nil
	}
	if err := listWords(e, id, &n, nil); err != nil {
		return err
	}
	if err := lodge(e, id, n.Words, n.Ends, false); err != nil {
		return err
	}
	return change(e, id, func(n *notice) bool {
		n.Words, n.Lang, n.Starts = record.Hex(entry.Leaf), tag(d.Lang), starts(d.Starts)
		n.Edited, n.Changed = millis(entry.At), millis(entry.At)
		return true
	})
}

func applyExtended(e record.Edit, entry record.Entry, id ID, before int64) error {
	d, ok := record.Decode[extendedData](entry.Event)
	ends, dated := instant(d.Expires, time.UTC)
	if !ok || !dated {
		return nil
	}
	if err := moveAlbum(e, id, before, ending(ends, entry.At)); err != nil {
		return err
	}
	return change(e, id, func(n *notice) bool {
		n.Ends, n.Changed = ending(ends, entry.At), millis(entry.At)
		return true
	})
}

// maxPictured bounds the pictures that a notice ever had, those that were taken away included.
const maxPictured = 16

func applyPictured(e record.Edit, entry record.Entry, id ID) error {
	d, ok := record.Decode[picturedData](entry.Event)
	if !ok || entry.Body == "" || d.W < 1 || d.H < 1 || d.W > photo.MaxSide || d.H > photo.MaxSide {
		return nil
	}
	return change(e, id, func(n *notice) bool {
		n.Pictures = append(n.Pictures, picture{record.Hex(entry.Leaf), d.W, d.H})
		n.Changed = millis(entry.At)
		return len(n.Pictures) <= maxPictured && entry.Reach == n.Reach
	})
}
