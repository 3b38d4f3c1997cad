package mirror

import (
	"context"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// A key that is lost takes its record with it: nothing can be appended that anybody would believe. The block then starts a new hub, whose
// stewards say that it carries on from the old one, and stewards of neighbouring blocks, who know these people, vouch for that. Both are
// events that people read. No program concludes anything from them: whom to accept stays for people.
const (
	succeedsKind = "neighbour.succeeds" // in the new hub's record, once
	vouchedKind  = "neighbour.vouched"  // in a neighbour's
)

// succession is the data of both kinds. Of the old record Size and Root say how much of it the new hub holds, nothing if 0.
type succession struct {
	ID   string `json:"id,omitempty"` // of the new hub, where somebody vouches for it
	Old  string `json:"old"`
	Size uint64 `json:"size,omitempty"`
	Root string `json:"root,omitempty"` // hexadecimal
}

// Heir is what is said of a hub that carries on from another.
type Heir struct {
	ID       string   `json:"id"`  // of the new hub
	Old      string   `json:"old"` // of the lost one
	Size     uint64   `json:"size,omitempty"`
	Root     string   `json:"root,omitempty"`
	Vouchers []string `json:"vouchers"` // ids of hubs whose stewards vouch for it, ours among them
}

// applySuccession notes claims and vouchers of every record that we hold. A hub carries on from one other, and the first claim stands.
func applySuccession(e record.Edit, entry record.Entry) error {
	s, ok := record.Decode[succession](entry.Event)
	author := entry.Origin.ID()
	if !ok || author == "" || !record.ValidID(s.Old) {
		return nil
	}
	if entry.Kind == vouchedKind {
		if !record.ValidID(s.ID) || s.ID == author {
			return nil
		}
		return record.Save(e.Own("vouched"), []byte(s.ID+author), s)
	}
	if s.Old == author || e.Own("succeeds").Get([]byte(author)) != nil {
		return nil
	}
	return record.Save(e.Own("succeeds"), []byte(author), s)
}

// HeirOf is what a hub says of itself and others of it; false if it does not carry on from another.
func HeirOf(v record.View, id string) (h Heir, ok bool) {
	s, ok := record.Load[succession](v.Table(service, "succeeds"), []byte(id))
	if !ok {
		return h, false
	}
	h = Heir{ID: id, Old: s.Old, Size: s.Size, Root: s.Root, Vouchers: []string{}}
	for key := range v.Table(service, "vouched").Prefix([]byte(id)) {
		voucher, _ := record.Load[succession](v.Table(service, "vouched"), key)
		if voucher.Old == s.Old {
			h.Vouchers = append(h.Vouchers, string(key[len(id):]))
		}
	}
	return h, true
}

// HeirsOf are the hubs that say that they carry on from a lost one. There may be several: people judge.
func HeirsOf(v record.View, old string) (list []Heir) {
	for id := range v.Table(service, "succeeds").From(nil) {
		if h, ok := HeirOf(v, string(id)); ok && h.Old == old {
			list = append(list, h)
		}
	}
	return list
}

// Succeed says in our record that this hub carries on from a lost one. Fault mirror.succeeds where it did so before.
func (m *Mirror) Succeed(ctx context.Context, by, old string) error {
	self := m.o.Record.Self()
	if !record.ValidID(old) || old == self.ID() {
		return fault.New(fault.Invalid, "mirror.no-id").On("old")
	}
	_, err := m.o.Record.Do(ctx, record.Command{Actor: by, Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		if h, ok := HeirOf(v, self.ID()); ok {
			if h.Old != old {
				return d, fault.New(fault.Conflict, "mirror.succeeds").On("old")
			}
			return d, nil
		}
		s := succession{Old: old}
		if c, err := v.Checkpoint(record.OriginFor(old)); err == nil {
			s.Size, s.Root = c.Size, record.Hex(c.Root)
		}
		d.Append(record.Event{Kind: succeedsKind, By: by, Data: record.Data(s)})
		return d, nil
	}})
	return err
}

// Vouch says in our record that the people of a lost hub run the new one. Fault NotFound if that one does not say so itself.
func (m *Mirror) Vouch(ctx context.Context, by, id string) error {
	self := m.o.Record.Self()
	_, err := m.o.Record.Do(ctx, record.Command{Actor: by, Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		h, ok := HeirOf(v, id)
		if !ok || id == self.ID() {
			return d, fault.New(fault.NotFound, "mirror.no-heir")
		}
		s, done := record.Load[succession](v.Table(service, "vouched"), []byte(id+self.ID()))
		if !done || s.Old != h.Old {
			d.Append(record.Event{Kind: vouchedKind, By: by, Data: record.Data(succession{ID: id, Old: h.Old})})
		}
		return d, nil
	}})
	return err
}
