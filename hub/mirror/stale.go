package mirror

import (
	"context"

	"commonhub/hub/record"
)

// moveOut drops bodies of others that have had their time.
func (m *Mirror) moveOut(ctx context.Context) error {
	if m.o.Stale == nil {
		return nil
	}
	var stale []record.Entry
	err := m.o.Record.Read(func(v record.View) error {
		for _, ref := range m.o.Stale(v) {
			e, err := v.Entry(ref.Origin, ref.Index)
			if err != nil {
				return err
			}
			stale = append(stale, e)
		}
		return nil
	})
	for _, e := range stale {
		if err := m.o.Record.Lose(ctx, e); err != nil {
			return err
		}
	}
	return err
}
