package noticeboard

import (
	"context"
	"strings"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Extend gives a notice a new end: the one chosen, or its kind's usual life from now. An expired one comes back by it.
func (s *Service) Extend(ctx context.Context, o Order, id ID, expires string) error {
	_, err := s.do(ctx, o, "notice.extend "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.onBoard(id)
		if err != nil {
			return err
		}
		ends, err := s.expiry(expires, n.Kind, 0, a.Now())
		if err != nil {
			return err
		}
		a.Append(d, extended, extendedData{n.Leaf, stamp(ends)})
		return nil
	})
	return err
}

// Withdraw takes a notice off the board. Its words stay with the hub until EraseAll, so that Restore can bring it back.
func (s *Service) Withdraw(ctx context.Context, o Order, id ID) error {
	_, err := s.do(ctx, o, "notice.withdraw "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.authored(id)
		if err != nil || n.Gone != 0 {
			return err
		}
		a.Append(d, withdrawn, ownData{n.Leaf})
		return nil
	})
	return err
}

// Restore takes a withdrawal back.
func (s *Service) Restore(ctx context.Context, o Order, id ID) error {
	_, err := s.do(ctx, o, "notice.restore "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.authored(id)
		if err != nil || n.Gone == 0 {
			return err
		}
		a.Append(d, shown, shownData{cite{a.Self(), n.Leaf}, withdrawn})
		return nil
	})
	return err
}

// EraseAll erases the words and pictures of a notice that was withdrawn, here and wherever the record is mirrored.
func (s *Service) EraseAll(ctx context.Context, o Order, id ID) error {
	_, err := s.do(ctx, o, "notice.erase "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.authored(id)
		if err != nil {
			return err
		}
		if n.Gone == 0 {
			return fault.New(fault.Conflict, "notice.withdraw-first")
		}
		leaves := []string{n.Words, n.Thanks}
		for _, p := range n.Pictures {
			leaves = append(leaves, p.Leaf)
		}
		for _, leaf := range leaves {
			if leaf != "" && a.Body(a.Self(), leafOf(leaf)).State == body.Here {
				d.Erase(a.Member, leafOf(leaf))
			}
		}
		return nil
	})
	return err
}

// Finish says that a notice is done, with thanks or "" for none.
func (s *Service) Finish(ctx context.Context, o Order, id ID, thanks string) error {
	_, n, err := s.look(o, id)
	if err != nil {
		return err
	}
	words, err := say(thanks, "thanks")
	if err != nil {
		return err
	}
	var sealed *body.Sealed
	if words != "" {
		sealed = body.Seal([]byte(words), n.Reach)
	}
	room := s.o.Room()
	_, err = s.do(ctx, o, "notice.done "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.onBoard(id)
		if err != nil {
			return err
		}
		a.Append(d, done, ownData{n.Leaf}, sealed)
		return makeRoom(a, d, room, int64(len(words)))
	})
	return err
}

// say checks what somebody writes about a notice.
func say(text, field string) (string, error) {
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	if tooLong(text, maxSay) {
		return "", fault.New(fault.Invalid, "notice.say-long", maxSay).On(field)
	}
	return text, nil
}
