package people

import (
	"context"
	"slices"

	"commonhub/hub/record"
)

// mineChunk is how many entries one read transaction looks at. A long one would keep the file from reusing its free
// pages while others write.
const mineChunk = 2048

// find lists the entries of our own record that match, and those that owners know to be the member's, ascending.
func (p *People) find(ctx context.Context, handle string, match func(record.View, record.Entry) bool) ([]record.Ref, error) {
	hidden, err := p.hidden(handle)
	if err != nil {
		return nil, err
	}
	both := func(v record.View, e record.Entry) bool {
		_, ours := slices.BinarySearch(hidden, e.Index)
		return ours || match(v, e)
	}
	var found []record.Ref
	for from, size := uint64(0), p.record.Size(); from < size && err == nil; from += mineChunk {
		err = p.record.Read(func(v record.View) error {
			refs, err := chunk(v, from, min(from+mineChunk, size), both)
			found = append(found, refs...)
			return err
		})
		if err == nil {
			err = ctx.Err()
		}
	}
	return found, err
}

// chunk looks at the entries of our own record from one index up to, not including, another.
func chunk(v record.View, from, to uint64, match func(record.View, record.Entry) bool) (refs []record.Ref, err error) {
	for e, err := range v.Entries(v.Self(), from) {
		if err != nil {
			return nil, err
		}
		if e.Index >= to {
			break
		}
		if match(v, e) {
			refs = append(refs, e.Ref)
		}
	}
	return refs, nil
}

// hidden lists the indexes that only the services know to be the member's, ascending.
func (p *People) hidden(handle string) ([]uint64, error) {
	var indexes []uint64
	err := p.record.Read(func(v record.View) error {
		for _, o := range p.owners {
			for i := range o.Mine(v, handle) {
				indexes = append(indexes, i)
			}
		}
		return nil
	})
	slices.Sort(indexes)
	return slices.Compact(indexes), err
}
