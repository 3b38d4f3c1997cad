package book

import (
	"encoding/binary"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// openRow lists, or takes from the list, what waits for somebody: r requests, p pledges, e expenses.
func openRow(list byte, index uint64, waits bool) row {
	key := append([]byte{list}, record.Num(index)...)
	if !waits {
		return row{"open", key, nil}
	}
	return row{"open", key, []byte{}}
}

// maxOpen is how many requests, pledges or expenses of one household may wait at a time: pages show what waits, and a phone that goes mad
// must not bury what others wait for.
const maxOpen = 50

// listed is openRow for what is counted by household.
func (b Books) listed(list byte, household string, index uint64, waits bool) []row {
	r := openRow(list, index, waits)
	n, was := b.openOf(list, household), b.shelf.Get(r.table, r.key) != nil
	switch {
	case waits && !was:
		n++
	case !waits && was:
		n--
	}
	return []row{r, {"waiting", waitingKey(list, household), binary.AppendUvarint(nil, n)}}
}

func waitingKey(list byte, household string) []byte { return append([]byte{list}, household...) }

// openOf is how many of a list are a household's.
func (b Books) openOf(list byte, household string) uint64 {
	r := rowReader{rest: b.shelf.Get("waiting", waitingKey(list, household))}
	return r.uvarint() // zero for none
}

// crowded refuses one more.
func (b Books) crowded(list byte, household string) error {
	if b.openOf(list, household) >= maxOpen {
		return fault.New(fault.TooMany, "ledger.many-open", maxOpen)
	}
	return nil
}
