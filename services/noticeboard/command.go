package noticeboard

import (
	"context"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/deed"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Order is who asks for something, and the portal's idempotency.
type Order = deed.Order

// act is a member at work.
type act struct{ deed.Actor }

// do queues a command of a member. The judge is pure and may run twice: whatever is random or slow happened before.
func (s *Service) do(ctx context.Context, o Order, route string, judge func(a act, d *record.Decision) error) (record.Receipt, error) {
	return deed.Do(ctx, s.record, s.o.Members, o, route, func(a deed.Actor, d *record.Decision) error { return judge(act{a}, d) })
}

func (s *Service) acting(v record.View, o Order) (act, error) {
	a, err := deed.Find(v, s.o.Members, o)
	return act{a}, err
}

// look reads a notice that somebody wants to act on, before the queue.
func (s *Service) look(o Order, id ID) (a act, n notice, err error) {
	err = s.record.Read(func(v record.View) error {
		if a, err = s.acting(v, o); err != nil {
			return err
		}
		n, err = a.read(id)
		return err
	})
	a.View = record.View{} // its transaction is over
	return a, n, err
}

// read finds a notice whose words the member has in front of them: nobody answers what they cannot read.
func (a act) read(id ID) (notice, error) {
	n, err := find(a.View, id)
	if err != nil {
		return n, err
	}
	if id.Origin() != a.Self() && n.Reach == body.Hub {
		return n, fault.New(fault.Denied, "notice.theirs-alone")
	}
	if n.Gone != 0 {
		return n, fault.New(fault.Gone, "notice.is-withdrawn")
	}
	if _, _, veiled := hidingOf(a.View, id); veiled && !a.Steward {
		return n, fault.New(fault.Gone, "notice.is-hidden")
	}
	return n, nil
}

func find(v record.View, id ID) (notice, error) {
	if n, held := load(v, id); held {
		return n, nil
	}
	return notice{}, missing()
}

// authored finds a notice that the member may change: their own, at this hub.
func (a act) authored(id ID) (notice, error) {
	n, err := find(a.View, id)
	if err == nil && (id.Origin() != a.Self() || n.By != a.Member) {
		return n, fault.New(fault.Denied, "notice.not-yours")
	}
	return n, err
}

// onBoard is authored, for what makes sense only while the notice is neither withdrawn nor done.
func (a act) onBoard(id ID) (notice, error) {
	n, err := a.authored(id)
	switch {
	case err != nil:
		return n, err
	case n.Gone != 0:
		return n, fault.New(fault.Gone, "notice.is-withdrawn")
	case n.Done != 0:
		return n, fault.New(fault.Gone, "notice.is-done")
	}
	return n, nil
}

// expiry reads what somebody chose as the end of a notice, "" for what is usual: the kind's life, or the end of the day on which
// an event starts.
func (s *Service) expiry(chosen string, k Kind, starts int64, now time.Time) (time.Time, error) {
	if chosen == "" && k == Happening && starts != 0 {
		// The day on which it starts, in the zone where people live.
		chosen = at(starts).In(s.o.Zone).Format(time.DateOnly)
	}
	if chosen == "" {
		return now.Add(k.life()).Truncate(time.Second), nil
	}
	ends, ok := instant(chosen, s.o.Zone)
	switch {
	case !ok:
		return ends, fault.New(fault.Invalid, "notice.expires-form").On("expires")
	case !ends.After(now):
		return ends, fault.New(fault.Invalid, "notice.expires-past").On("expires")
	case ends.After(now.Add(longest)):
		return ends, fault.New(fault.Invalid, "notice.expires-far", int(longest/day)).On("expires")
	}
	return ends, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
