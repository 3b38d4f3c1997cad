package noticeboard

import (
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Others' words and pictures are guests on our disk: they go a month after their notice has expired. The entries stay.
const (
	lodging    = 30 * day
	maxMoveOut = 200 // for one call
)

// keepOf is the table that lists bodies by the end of their notice: ours, or those of others.
func keepOf(v record.View, id ID) string {
	if id.Origin() == v.Self() {
		return "album"
	}
	return "lodger"
}

// lodge notes that the words of a notice, committed to by the event with this leaf, are here, or no more. Our own stay.
func lodge(e record.Edit, notice ID, leaf string, ends int64, here bool) error {
	h := leafOf(leaf)
	id, ok := idOf(notice.Origin(), h)
	if !ok || notice.Origin() == e.Self() {
		return nil
	}
	return toggle(e.Own("lodger"), key(num(ends), id[:]), h[:], here)
}

// Stale lists bodies of other hubs that need not be kept any longer, a few at a time.
func (s *Service) Stale(v record.View) []record.Ref {
	var stale []record.Ref
	for k, leaf := range v.Table(service, "lodger").From(nil) {
		if len(stale) == maxMoveOut || time.UnixMilli(int64(record.ParseNum(k[:8]))).Add(lodging).After(v.Now()) {
			break
		}
		o := ID(k[8:]).Origin()
		if b := v.Body(o, record.Hash(leaf)); b.State == body.Here {
			stale = append(stale, record.Ref{Origin: o, Index: b.Index, Leaf: record.Hash(leaf)})
		}
	}
	return stale
}
