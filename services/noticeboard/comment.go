package noticeboard

import (
	"context"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Comment says something about a notice, ours or a neighbour's. It reaches as far as the notice; who said it is in the body, which
// can be erased, and not in the record.
func (s *Service) Comment(ctx context.Context, o Order, id ID, text string) (record.Ref, error) {
	a, n, err := s.look(o, id)
	if err != nil {
		return record.Ref{}, err
	}
	if text, err = say(text, "text"); err != nil {
		return record.Ref{}, err
	}
	if text == "" {
		return record.Ref{}, fault.New(fault.Invalid, "notice.comment-missing").On("text")
	}
	words := body.Seal(bytesOf(saying{a.Member, a.Household, text}), n.Reach)
	room := s.o.Room()
	receipt, err := s.do(ctx, o, "notice.comment "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.read(id)
		if err != nil {
			return err
		}
		d.Append(record.Event{Kind: commented, Data: record.Data(aboutData{cite{id.Origin(), n.Leaf}})}, words)
		return makeRoom(a, d, room, int64(len(words.Bytes)))
	})
	return receipt.First(), err
}

// EraseComment erases a comment that was made at this hub: its author may, and a steward.
func (s *Service) EraseComment(ctx context.Context, o Order, id, comment ID) error {
	_, err := s.do(ctx, o, "notice.uncomment "+comment.String(), func(a act, d *record.Decision) error {
		said, ok := record.Load[who](a.Table(service, "said"), comment[:])
		if !ok || said.About != id.String() {
			return missing()
		}
		if comment.Origin() != a.Self() || said.By != a.Member && !a.Steward {
			return fault.New(fault.Denied, "notice.not-yours")
		}
		for k, v := range a.Table(service, "comment").Prefix(id[:]) {
			if string(k[len(k)-len(comment):]) == string(comment[:]) {
				r, _ := decode[reply](v)
				d.Erase("", leafOf(r.Leaf)) // not by name: the record never said whose it was
				return nil
			}
		}
		return missing()
	})
	return err
}

// Flag asks the stewards to look at a notice. Only they can read by whom and why.
func (s *Service) Flag(ctx context.Context, o Order, id ID, text string) error {
	a, _, err := s.look(o, id)
	if err != nil {
		return err
	}
	if text, err = say(text, "text"); err != nil {
		return err
	}
	words := body.Seal(bytesOf(saying{a.Member, a.Household, text}), body.Stewards)
	_, err = s.do(ctx, o, "notice.flag "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.read(id)
		if err != nil {
			return err
		}
		if a.Table(service, "flagged").Get(key(id[:], []byte(a.Member))) != nil {
			return fault.New(fault.Conflict, "notice.flagged-already")
		}
		d.Append(record.Event{Kind: flagged, Data: record.Data(aboutData{cite{id.Origin(), n.Leaf}})}, words)
		return nil
	})
	return err
}
