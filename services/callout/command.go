package callout

import (
	"context"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Order says who asks, and makes a form that is sent twice harmless.
type Order struct {
	Member  string // handle; "" is refused
	Key     string // "" makes every call count
	Content []byte // digest of the form
}

// act is a judge that knows who acts.
type act struct {
	record.View
	member    string
	household string
	steward   bool
}

// do queues a command of a member. The judge is pure and may run twice.
func (s *Service) do(ctx context.Context, o Order, route string, judge func(a act, d *record.Decision) error) (record.Receipt, error) {
	return s.record.Do(ctx, record.Command{
		Actor: o.Member, Route: route, Key: o.Key, Content: o.Content,
		Judge: func(v record.View) (*record.Decision, error) {
			a, err := s.acting(v, o)
			if err != nil {
				return nil, err
			}
			d := v.Decide()
			return d, judge(a, d)
		},
	})
}

func (s *Service) acting(v record.View, o Order) (act, error) {
	if o.Member == "" {
		return act{}, fault.New(fault.SignIn, "callout.sign-in")
	}
	household, steward, err := s.o.Members.Acting(v, o.Member)
	return act{v, o.Member, household, steward}, err
}

func (a act) append(d *record.Decision, kind string, data any, words ...*body.Sealed) {
	d.Append(record.Event{Kind: kind, By: a.member, For: a.household, Data: record.Data(data)}, words...)
}

// ours finds a call-out of this hub that the member may speak for: its author, or a steward.
func (a act) ours(id ID) (call, error) {
	c, held := load(a.View, id)
	switch {
	case !held:
		return c, missing()
	case id.Origin() != a.Self() || c.By != a.member && !a.steward:
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
