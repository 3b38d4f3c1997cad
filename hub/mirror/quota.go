package mirror

import (
	"context"
	"strings"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Kinds of event by which stewards say how much of a hub we take.
const (
	quotaKind = "neighbour.quota"
	tierKind  = "neighbour.tier"
)

// Quota bounds what we take of one origin in a day; 0 is no bound. There is none until a steward sets one: a first copy of a long record
// is what a new neighbour needs most, and Options.Reserve keeps room on the disk.
type Quota struct {
	Entries uint64 `json:"entries"`
	Bytes   uint64 `json:"bytes"`
	Bodies  uint64 `json:"bodies"` // words and pictures
}

// Tier is how much of an origin we keep.
type Tier string

const (
	Whole   Tier = "whole"   // entries, words and pictures
	Witness Tier = "witness" // its size and root alone: we cosign, and prove that it only ever grows
)

// settings are what our record says of reading one hub. Their data names it by id.
type settings struct {
	ID string `json:"id"`
	Quota
	Tier Tier `json:"tier,omitempty"`
}

// applyQuota and applyTier note what a steward of ours chose.
func applyQuota(e record.Edit, entry record.Entry) error {
	return changeSettings(e, entry, func(s *settings, to settings) { s.Quota = to.Quota })
}

func applyTier(e record.Edit, entry record.Entry) error {
	return changeSettings(e, entry, func(s *settings, to settings) {
		if s.Tier = to.Tier; to.Tier != Witness {
			s.Tier = Whole
		}
	})
}

func changeSettings(e record.Edit, entry record.Entry, change func(s *settings, to settings)) error {
	to, ok := record.Decode[settings](entry.Event)
	if !ok || !record.ValidID(to.ID) {
		return nil
	}
	now := settingsOf(e.View, to.ID)
	change(&now, to)
	return record.Save(e.Own("settings"), []byte(to.ID), now)
}

func settingsOf(v record.View, id string) settings {
	s, ok := record.Load[settings](v.Table(service, "settings"), []byte(id))
	if !ok {
		s = settings{ID: id, Tier: Whole}
	}
	return s
}

// SetQuota bounds what we take of a hub in a day from now on.
func (m *Mirror) SetQuota(ctx context.Context, by, id string, q Quota) error {
	return m.choose(ctx, by, quotaKind, id, func(_ record.View, s *settings) error { s.Quota = q; return nil })
}

// SetTier says how much of a hub we keep. What we hold already stays. Fault mirror.must-be-whole where a service needs all of it.
func (m *Mirror) SetTier(ctx context.Context, by, id string, t Tier) error {
	return m.choose(ctx, by, tierKind, id, func(v record.View, s *settings) error {
		if t != Whole && t != Witness {
			return fault.New(fault.Invalid, "mirror.no-tier").On("tier")
		}
		if t == Witness && m.mustBeWhole(v, id) {
			return fault.New(fault.Conflict, "mirror.must-be-whole").On("tier")
		}
		s.Tier = t
		return nil
	})
}

func (m *Mirror) choose(ctx context.Context, by, kind, id string, change func(record.View, *settings) error) error {
	if !m.knows(id) {
		return fault.New(fault.NotFound, "mirror.unknown-hub", id)
	}
	_, err := m.o.Record.Do(ctx, record.Command{Actor: by, Judge: func(v record.View) (*record.Decision, error) {
		d, was := v.Decide(), settingsOf(v, id)
		now := was
		if err := change(v, &now); err != nil {
			return d, err
		}
		if now != was {
			d.Append(record.Event{Kind: kind, By: by, Data: chosen(kind, now)})
		}
		return d, nil
	}})
	m.Hint(id, "", 0) // there may be room again
	return err
}

// chosen is the data of the event: only what this kind is about.
func chosen(kind string, s settings) []byte {
	if kind == tierKind {
		return record.Data(struct {
			ID   string `json:"id"`
			Tier Tier   `json:"tier"`
		}{s.ID, s.Tier})
	}
	return record.Data(struct {
		ID string `json:"id"`
		Quota
	}{s.ID, s.Quota})
}

func (m *Mirror) knows(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hubs[id] != nil
}

// mustBeWhole asks the services: who has accounts or bookings with a hub needs every entry of it.
func (m *Mirror) mustBeWhole(v record.View, id string) bool {
	return m.o.Whole != nil && m.o.Whole(v, record.OriginFor(id))
}

// tier is how much of an origin we keep now: what a service needs goes before what a steward chose.
func (m *Mirror) tier(v record.View, id string) Tier {
	if m.mustBeWhole(v, id) {
		return Whole
	}
	return settingsOf(v, id).Tier
}

// ration tells how far into an origin's record a pull may go today, from one size to another, and the fault that says why no further.
func (m *Mirror) ration(o record.Origin, from, to uint64) (upto uint64, over error) {
	q := m.quota(o)
	used := m.today(o.ID())
	if q.Bytes > 0 && used.Bytes >= q.Bytes && from < to {
		return from, overQuota("bytes")
	}
	if q.Entries > 0 && to-from > q.Entries-min(used.Entries, q.Entries) {
		return from + q.Entries - min(used.Entries, q.Entries), overQuota("entries")
	}
	return to, nil
}

// claimBody takes one of today's words or pictures of an origin, before it is asked for: several are fetched at the same time. The fault says
// why there is none left. A refusal gives it back by returnBody.
func (m *Mirror) claimBody(o record.Origin) error {
	q := m.quota(o)
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[o.ID()]
	if h == nil {
		return nil
	}
	used := h.today(m.hour())
	switch {
	case q.Bytes > 0 && used.Bytes >= q.Bytes:
		return overQuota("bytes")
	case q.Bodies > 0 && used.Bodies >= q.Bodies:
		return overQuota("bodies")
	}
	h.count(m.hour(), Usage{Bodies: 1})
	return nil
}

func (m *Mirror) returnBody(o record.Origin) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.hubs[o.ID()]; h != nil && h.note.Day != nil {
		h.note.Day.giveBack(m.hour())
	}
}

func (m *Mirror) quota(o record.Origin) (q Quota) {
	if o == m.o.Record.Self() {
		return q
	}
	m.o.Record.Read(func(v record.View) error { q = settingsOf(v, o.ID()).Quota; return nil })
	return q
}

const quotaFault = "mirror.quota-"

func overQuota(what string) error { return fault.New(fault.TooMany, quotaFault+what) }

// isQuota tells whether a pull ended because people here allow no more.
func isQuota(err error) bool { return strings.HasPrefix(problemOf(err), quotaFault) }

// weight is what some pieces of a record count.
func weight(pieces []record.Extension) (u Usage) {
	for _, x := range pieces {
		u.Entries += uint64(len(x.Entries))
		for _, raw := range x.Entries {
			u.Bytes += uint64(len(raw))
		}
	}
	return u
}

// noteRation shows on a hub that is read over others that its quota was met, until it is read again.
func (m *Mirror) noteRation(id string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hubs[id]
	switch {
	case h == nil || h.state != Seen:
	case isQuota(err):
		h.note.Problem = problemOf(err)
	case err == nil && strings.HasPrefix(h.note.Problem, quotaFault):
		h.note.Problem = ""
	}
}
