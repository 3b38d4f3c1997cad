package book

import (
	"cmp"
	"slices"

	"commonhub/hub/record"
)

// journal is the table of postings in memory, as a list: they come in the order of their indexes, one for every payment, and are hardly ever
// looked up, so that a map of them would be most of the work. The rows of many lie in one piece, which makes no garbage.
type journal struct {
	entries []posted
	piece   []byte // the rows of the last entries, with room for more
}

// posted is a row of the journal.
type posted struct {
	index uint64
	value []byte
}

// pieceSize is room for several hundred payments; longSize for nearly every posting. A longer one makes a longer piece.
const (
	pieceSize = 64 << 10
	longSize  = 256
)

func (j *journal) add(p Posting) {
	if cap(j.piece)-len(j.piece) < longSize {
		j.piece = make([]byte, 0, pieceSize)
	}
	from := len(j.piece)
	j.piece = p.appendTo(j.piece)
	j.entries = append(j.entries, posted{p.Index, j.piece[from:len(j.piece):len(j.piece)]})
}

func (j *journal) put(key, value []byte) {
	j.entries = append(j.entries, posted{record.ParseNum(key), value})
}

func (j *journal) get(key []byte) []byte {
	at, found := slices.BinarySearchFunc(j.entries, record.ParseNum(key), func(p posted, index uint64) int { return cmp.Compare(p.index, index) })
	if !found {
		return nil
	}
	return j.entries[at].value
}

func (j *journal) keys() []string {
	all := make([]string, 0, len(j.entries))
	for _, p := range j.entries {
		all = append(all, string(record.Num(p.index)))
	}
	return all
}
