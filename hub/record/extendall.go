package record

import (
	"context"
	"fmt"

	"commonhub/hub/fault"
)

// ExtendAll is Extend for consecutive pieces of records, in one transaction: a long catch-up would else sync the disk for every bundle.
// Each piece is proved alone, and after an error those before the bad one may be durable. The caller bounds how many bytes that is.
func (r *Record) ExtendAll(ctx context.Context, pieces []Extension) error {
	extend := make([]func(w *writer) error, len(pieces))
	for i, x := range pieces {
		c, err := x.check()
		if err != nil {
			return err
		}
		if x.Origin == r.self {
			return fault.New(fault.Invalid, "record.bad-checkpoint").Because(fmt.Errorf("%s is our own record", x.Origin))
		}
		hashes := leaves(x.Entries) // here, so that the only writer need not
		extend[i] = func(w *writer) error {
			_, err := w.extend(x, c, hashes)
			return err
		}
	}
	j := &job{ctx: ctx, done: make(chan struct{}), run: func(w *writer) (Receipt, error) {
		for _, one := range extend {
			if err := one(w); err != nil {
				return Receipt{}, err
			}
		}
		return Receipt{}, nil
	}}
	_, err := r.submit(ctx, j)
	return err
}
