package book

import "commonhub/hub/record"

// Leaf is the leaf hash of one of our events that has a body, which finds the body; false for events without.
func (b Books) Leaf(index uint64) (record.Hash, bool) {
	raw := b.shelf.Get("words", record.Num(index))
	if len(raw) != len(record.Hash{}) {
		return record.Hash{}, false
	}
	return record.Hash(raw), true
}
