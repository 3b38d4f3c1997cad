package people

import (
	"context"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Appoint makes a member a steward until a time, or without end when it is zero; for one who is a steward already it
// sets the term anew.
//
// Errors: fault Denied, Invalid, NotFound.
func (p *People) Appoint(ctx context.Context, o Order, handle string, until time.Time) (record.Receipt, error) {
	return p.do(ctx, o, "appoint", func(v record.View, d *record.Decision) error {
		if err := p.steward(v, o); err != nil {
			return err
		}
		m, ok := loadMember(v, v.Self(), handle)
		if !ok || !m.Left.IsZero() {
			return fault.New(fault.NotFound, "people.no-such-member").On("member")
		}
		a := about{Member: handle}
		if !until.IsZero() {
			if !until.After(v.Now()) {
				return fault.New(fault.Invalid, "people.term-past").On("until")
			}
			a.Until = until.Unix()
		}
		d.Append(record.Event{Kind: StewardAppointed, By: o.Actor, For: m.Household, Data: record.Data(a)})
		return nil
	})
}

// EndSteward ends a steward's term: one's own, or another's by a steward. The last one stays until there is a next.
//
// Errors: fault Denied, NotFound, Conflict.
func (p *People) EndSteward(ctx context.Context, o Order, handle string) (record.Receipt, error) {
	return p.do(ctx, o, "end-steward", func(v record.View, d *record.Decision) error {
		if err := p.steward(v, o); err != nil {
			return err
		}
		m, ok := loadMember(v, v.Self(), handle)
		if !ok || !m.Steward {
			return fault.New(fault.NotFound, "people.no-steward").On("member")
		}
		if lastSteward(v, handle) {
			return fault.New(fault.Conflict, "people.last-steward").On("member")
		}
		d.Append(record.Event{Kind: StewardEnded, By: o.Actor, For: m.Household, Data: record.Data(about{Member: handle})})
		return nil
	})
}
