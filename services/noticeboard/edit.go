package noticeboard

import (
	"context"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Edit gives a notice of the member's own new words and more pictures, and takes pictures away. The old words are erased. version is
// the leaf of the words that the member had before them, "" to overwrite whatever is there. Kind, reach and expiry stay.
func (s *Service) Edit(ctx context.Context, o Order, id ID, version string, draft Draft, drop []string) error {
	_, n, err := s.look(o, id)
	if err != nil {
		return err
	}
	draft.Kind, draft.Reach = n.Kind, n.Reach
	if err := draft.check(); err != nil {
		return err
	}
	starts, err := s.starting(draft)
	if err != nil {
		return err
	}
	bodies, room := seal(draft, n.Reach), s.o.Room()
	_, err = s.do(ctx, o, "notice.edit "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.onBoard(id)
		if err != nil {
			return err
		}
		if version != "" && version != n.Words {
			return fault.New(fault.Conflict, "notice.edited-meanwhile").Seeing("/notices/" + id.String())
		}
		data := editedData{Notice: n.Leaf, Lang: draft.Lang}
		if starts != 0 {
			data.Starts = stamp(at(starts))
		}
		d.Append(record.Event{Kind: edited, By: a.Member, For: a.Household, Data: record.Data(data)}, bodies.words)
		d.Erase(a.Member, leafOf(n.Words))
		if err := a.swap(d, id, n, len(bodies.pictures), drop); err != nil {
			return err
		}
		bodies.hang(d, a, n.Leaf)
		return makeRoom(a, d, room, bodies.bytes)
	})
	return err
}

// swap erases the pictures that an edit drops, and refuses more than there may be.
func (a act) swap(d *record.Decision, id ID, n notice, more int, drop []string) error {
	dropped := make(map[string]bool)
	for _, leaf := range drop {
		dropped[leaf] = true
	}
	left := 0
	for _, p := range n.Pictures {
		switch {
		case a.Body(id.Origin(), leafOf(p.Leaf)).State != body.Here:
		case dropped[p.Leaf]:
			d.Erase(a.Member, leafOf(p.Leaf))
		default:
			left++
		}
	}
	if left+more > maxPhotos {
		return fault.New(fault.Invalid, "notice.photos-many", maxPhotos).On("photo")
	}
	if len(n.Pictures)+more > maxPictured {
		return fault.New(fault.Invalid, "notice.photos-ever", maxPictured).On("photo")
	}
	return nil
}
