package people

import (
	"context"
	"slices"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// MayLeave tells beforehand whether Leave would refuse.
//
// Errors: fault Denied, Conflict for the last steward.
func (p *People) MayLeave(handle string) error {
	return p.record.Read(func(v record.View) error { return p.mayLeave(v, handle) })
}

func (p *People) mayLeave(v record.View, handle string) error {
	_, steward, err := p.Acting(v, handle)
	if err == nil && steward && lastSteward(v, handle) {
		return fault.New(fault.Conflict, "people.last-steward-leaves")
	}
	return err
}

// Leave ends a member's rights and ways in, and erases the displayed name: the past stays, under the handle. Other words and
// pictures stay too unless EraseMine took them before. The last event is the one that says so.
//
// Errors: as MayLeave.
func (p *People) Leave(ctx context.Context, o Order) (record.Receipt, error) {
	return p.do(ctx, o, "leave", func(v record.View, d *record.Decision) error {
		if err := p.mayLeave(v, o.Actor); err != nil {
			return err
		}
		m, _ := loadMember(v, v.Self(), o.Actor)
		eraseName(v, d, o.Actor, m.Name)
		d.Append(record.Event{Kind: MemberLeft, By: o.Actor, For: m.Household, Data: record.Data(about{Member: o.Actor})})
		evict(v, d, o.Actor)
		return nil
	})
}

// eraseChunk bounds the erasures of one command, and so how long others wait for the writer.
const eraseChunk = 64

// EraseMine erases every word and picture of a member that is here, the displayed name included; it is for good. It goes
// through the record in chunks. When it fails half-way, doing it again finishes it.
//
// Errors: fault Denied.
func (p *People) EraseMine(ctx context.Context, o Order) (erased int, err error) {
	o.Key = "" // erasing again erases nothing more
	refs, err := p.find(ctx, o.Actor, func(v record.View, e record.Entry) bool { return e.By == o.Actor && e.Event.Body != "" })
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(refs, eraseChunk) {
		r, err := p.do(ctx, o, "erase", func(v record.View, d *record.Decision) error {
			_, _, err := p.Acting(v, o.Actor)
			for _, ref := range some {
				if v.Body(ref.Origin, ref.Leaf).State == body.Here {
					d.Erase(o.Actor, ref.Leaf)
				}
			}
			return err
		})
		if err != nil {
			return erased, err
		}
		erased += len(r.Events)
	}
	return erased, nil
}
