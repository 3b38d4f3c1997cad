package mirror

import (
	"context"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// quorumKind is our event that says how many cosignatures make a receipt of ours final.
const quorumKind = "neighbour.quorum"

// defaultQuorum holds until a steward chose otherwise: with one cosignature nobody but two hubs together can take an event back unnoticed.
const defaultQuorum = 1

// quorum is the data of a quorumKind event.
type quorum struct {
	K int `json:"k"`
}

func (q quorum) valid() bool { return q.K >= 1 && q.K <= MaxCosignatures }

func applyQuorum(e record.Edit, entry record.Entry) error {
	q, ok := record.Decode[quorum](entry.Event)
	if !ok || !q.valid() {
		return nil
	}
	return record.Save(e.Own("quorum"), []byte("k"), q)
}

// Quorum is how many cosignatures make a receipt of an origin final. Of others' records we hold one cosignature, our own, and how many they
// want is theirs to judge.
func Quorum(v record.View, o record.Origin) int {
	q, ok := record.Load[quorum](v.Table(service, "quorum"), []byte("k"))
	if o != v.Self() || !ok {
		return defaultQuorum
	}
	return q.K
}

// SetQuorum makes k cosignatures the bound for receipts of ours, also those of earlier events.
func (m *Mirror) SetQuorum(ctx context.Context, by string, k int) error {
	q := quorum{k}
	if !q.valid() {
		return fault.New(fault.Invalid, "mirror.no-quorum", MaxCosignatures).On("k")
	}
	_, err := m.o.Record.Do(ctx, record.Command{Actor: by, Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		if Quorum(v, v.Self()) != k {
			d.Append(record.Event{Kind: quorumKind, By: by, Data: record.Data(q)})
		}
		return d, nil
	}})
	return err
}
