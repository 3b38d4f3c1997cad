package callout

import (
	"context"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Seen says that the member has seen a call-out. Saying it again changes nothing.
func (s *Service) Seen(ctx context.Context, o Order, id ID) error {
	return s.answer(ctx, o, id, seen, hasSeen)
}

// Coming says that the member is on the way.
func (s *Service) Coming(ctx context.Context, o Order, id ID) error {
	return s.answer(ctx, o, id, coming, isComing)
}

func (s *Service) answer(ctx context.Context, o Order, id ID, kind string, flag byte) error {
	about := cite{Origin: id.Origin()}
	err := s.record.Read(func(v record.View) error { // before the queue: messages are not in the record
		c, _, ok := s.find(v, id)
		if !ok {
			return missing()
		}
		if !c.live(v.Now()) {
			return fault.New(fault.Gone, "callout.is-over")
		}
		about.Leaf = c.Leaf
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.do(ctx, o, kind+" "+string(id), func(a act, d *record.Decision) error {
		if said(a.View, id, a.Self(), a.Member)&flag == 0 {
			a.Append(d, kind, aboutData{about})
		}
		return nil
	})
	return err
}

// said is what a member of a hub answered.
func said(v record.View, id ID, o record.Origin, member string) byte {
	if flags := v.Table(service, "answer").Get(answerKey(id, o, member)); len(flags) == 1 {
		return flags[0]
	}
	return 0
}

// Block makes this hub deaf for the call-outs of a hub, or of one member of it. By stewards.
func (s *Service) Block(ctx context.Context, o Order, hub, member string) error {
	return s.decide(ctx, o, blocked, hub, member)
}

// Unblock takes Block back.
func (s *Service) Unblock(ctx context.Context, o Order, hub, member string) error {
	return s.decide(ctx, o, unblocked, hub, member)
}

func (s *Service) decide(ctx context.Context, o Order, kind, hub, member string) error {
	if !record.ValidID(hub) || member != "" && !handle(member) {
		return missing()
	}
	_, err := s.do(ctx, o, kind+" "+hub+" "+member, func(a act, d *record.Decision) error {
		switch {
		case !a.Steward:
			return fault.New(fault.Denied, "callout.stewards-only")
		case member == "" && hub == a.Self().ID():
			return fault.New(fault.Invalid, "callout.block-ourselves")
		}
		if is := a.Table(service, "blocked").Get(under(hub, member)) != nil; is != (kind == blocked) {
			a.Append(d, kind, blockedData{hub, member})
		}
		return nil
	})
	return err
}
