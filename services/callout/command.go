package callout

import (
	"context"

	"commonhub/hub/deed"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Order says who asks, and makes a form that is sent twice harmless.
type Order = deed.Order

// act is a member at work.
type act struct{ deed.Actor }

// do queues a command of a member. The judge is pure and may run twice.
func (s *Service) do(ctx context.Context, o Order, route string, judge func(a act, d *record.Decision) error) (record.Receipt, error) {
	return deed.Do(ctx, s.record, s.o.Members, o, route, func(a deed.Actor, d *record.Decision) error { return judge(act{a}, d) })
}

// ours finds a call-out of this hub that the member may speak for: its author, or a steward.
func (a act) ours(id ID) (call, error) {
	c, held := load(a.View, id)
	switch {
	case !held:
		return c, missing()
	case id.Origin() != a.Self() || c.By != a.Member && !a.Steward:
		return c, fault.New(fault.Denied, "callout.not-yours")
	case c.Over != "":
		return c, fault.New(fault.Gone, "callout.is-over")
	}
	return c, nil
}

// tell sends out at once what a command wrote. The command has happened: whoever cannot be reached hears it from the record.
func (s *Service) tell(receipt record.Receipt) error {
	if receipt.Repeat {
		return nil
	}
	return s.record.Read(func(v record.View) error {
		n, err := v.Entry(v.Self(), receipt.First().Index)
		if err == nil {
			s.shout(v, n)
		}
		return err
	})
}

func (s *Service) shout(v record.View, n record.Entry) {
	b := v.Body(n.Origin, n.Leaf)
	s.o.Spread(relayPath, sign(s.record.Key(), n, b.Salt, string(b.Bytes)), n.At.Add(longest))
}

// Again tells once more what of ours is live: after a start, since neither mesh nor neighbours need to remember it.
func (s *Service) Again() error {
	return s.record.Read(func(v record.View) error {
		for _, id := range s.recent(v, v.Now()) {
			c, held := load(v, id)
			if !held || id.Origin() != v.Self() || !c.live(v.Now()) {
				continue
			}
			if err := s.repeat(v, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// repeat tells all that was said of a call-out of ours: to whoever missed the first words the later ones mean nothing.
func (s *Service) repeat(v record.View, c call) error {
	for _, t := range c.Told {
		n, err := v.Entry(v.Self(), t.Index)
		if err != nil {
			return err
		}
		s.shout(v, n)
	}
	return nil
}
