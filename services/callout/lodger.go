package callout

import (
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Words notes which words of other hubs are here: they are guests on our disk.
func (s *Service) Words(e record.Edit, n record.Entry, b body.Body) error {
	if n.Origin == e.Self() || n.Kind != raised && n.Kind != updated {
		return nil
	}
	k := key(num(millis(n.At)), string(idOf(n.Origin, n.Leaf)))
	if b.State != body.Here {
		return e.Own("lodger").Delete(k)
	}
	return e.Own("lodger").Put(k, n.Leaf[:])
}

const (
	lodging    = longest + 30*24*time.Hour // from the event on
	maxMoveOut = 200                       // for one call
)

// Stale lists words of other hubs that need not be kept any longer, a few at a time: they go a month after their call-out.
func (s *Service) Stale(v record.View) []record.Ref {
	var stale []record.Ref
	for k, leaf := range v.Table(service, "lodger").From(nil) {
		if len(stale) == maxMoveOut || at(int64(record.ParseNum(k[:8]))).Add(lodging).After(v.Now()) {
			break
		}
		o := ID(k[8:]).Origin()
		if b := v.Body(o, record.Hash(leaf)); b.State == body.Here {
			stale = append(stale, record.Ref{Origin: o, Index: b.Index, Leaf: record.Hash(leaf)})
		}
	}
	return stale
}
