package noticeboard

import (
	"context"
	"slices"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Hide takes a notice or a comment from the board at this hub, whoever wrote it, for a reason that everybody can read. Only a
// steward may. The words of a notice of ours stay with the hub: hiding is no erasing, and can be taken back.
func (s *Service) Hide(ctx context.Context, o Order, id ID, reason, words string) error {
	if !slices.Contains(Reasons(), reason) {
		return fault.New(fault.Invalid, "notice.reason-unknown").On("reason")
	}
	words, err := say(words, "text")
	if err != nil {
		return err
	}
	if reason == "other" && words == "" {
		return fault.New(fault.Invalid, "notice.reason-missing").On("text")
	}
	var sealed *body.Sealed
	if words != "" {
		sealed = body.Seal([]byte(words), body.Far)
	}
	return s.steward(ctx, o, "notice.hide", id, func(a act, d *record.Decision, about cite) error {
		if _, _, veiled := hidingOf(a.View, id); veiled {
			return nil
		}
		a.Append(d, hidden, hiddenData{about, reason}, sealed)
		return nil
	})
}

// Show takes a hiding of this hub back.
func (s *Service) Show(ctx context.Context, o Order, id ID) error {
	return s.steward(ctx, o, "notice.show", id, func(a act, d *record.Decision, about cite) error {
		if by, _, veiled := hidingOf(a.View, id); !veiled || by != a.Self() {
			return nil
		}
		a.Append(d, shown, shownData{about, hidden})
		return nil
	})
}

func (s *Service) steward(ctx context.Context, o Order, route string, id ID, judge func(act, *record.Decision, cite) error) error {
	_, err := s.do(ctx, o, route+" "+id.String(), func(a act, d *record.Decision) error {
		if !a.Steward {
			return fault.New(fault.Denied, "notice.stewards-only")
		}
		about, err := citation(a.View, id)
		if err != nil {
			return err
		}
		return judge(a, d, about)
	})
	return err
}

// citation is how an event cites a notice, or a comment whose words are here.
func citation(v record.View, id ID) (cite, error) {
	if n, held := load(v, id); held {
		return cite{id.Origin(), n.Leaf}, nil
	}
	said, _ := record.Load[who](v.Table(service, "said"), id[:])
	about, err := ParseID(said.About)
	if err != nil {
		return cite{}, err
	}
	for _, r := range replies(v, "comment", about) {
		if r.id == id {
			return cite{id.Origin(), r.Leaf}, nil
		}
	}
	return cite{}, missing()
}
