// Package deed is what the commands of all services begin with: a member orders something, and the judge must know who that is, for
// which household they act, and whether they hold the keys. It is no part of package record, which knows nothing of members, nor of
// people, which services reach through small interfaces only.
package deed

import (
	"context"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Order says who asks for something, and makes a form that is sent twice harmless.
type Order struct {
	Member  string // handle; "" is refused
	Key     string // "" makes every call count
	Content []byte // digest of the form
}

// Members is what a command must know about people.
type Members interface {
	// Acting gives a member's household and whether they are a steward; a fault of kind Denied if they are unknown or have left.
	Acting(v record.View, member string) (household string, steward bool, err error)
}

// Actor is a member at work in one transaction.
type Actor struct {
	record.View
	Member    string
	Household string
	Steward   bool
}

// Find gives the actor behind an order; a fault of kind SignIn if nobody stands behind it.
func Find(v record.View, m Members, o Order) (Actor, error) {
	if o.Member == "" {
		return Actor{}, fault.New(fault.SignIn, "portal.sign-in-first")
	}
	household, steward, err := m.Acting(v, o.Member)
	return Actor{v, o.Member, household, steward}, err
}

// Do queues an order as a command of the record. The judge is pure and may run twice: whatever is random or slow happens before.
func Do(ctx context.Context, r *record.Record, m Members, o Order, route string, judge func(Actor, *record.Decision) error) (record.Receipt, error) {
	return r.Do(ctx, record.Command{
		Actor: o.Member, Route: route, Key: o.Key, Content: o.Content,
		Judge: func(v record.View) (*record.Decision, error) {
			a, err := Find(v, m, o)
			if err != nil {
				return nil, err
			}
			d := v.Decide()
			return d, judge(a, d)
		},
	})
}

// Append adds an event by the actor, for their household, and returns its leaf hash.
func (a Actor) Append(d *record.Decision, kind string, data any, words ...*body.Sealed) record.Hash {
	return d.Append(record.Event{Kind: kind, By: a.Member, For: a.Household, Data: record.Data(data)}, words...)
}
