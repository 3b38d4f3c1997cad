package book

import (
	"bytes"
	"math"
	"time"

	"commonhub/services/ledger/money"
)

// FirstSince is an index that parts the entries posted before an instant from those posted at it or later: these are the entries from it
// on. Times in the journal never step back, so halving finds it, in as many looks as the number of entries has binary digits.
func (b Books) FirstSince(t time.Time) uint64 {
	low, high := uint64(0), uint64(0)
	for p := range b.PostingsBack(math.MaxUint64) {
		high = p.Index + 1
		break
	}
	for low < high {
		middle := low + (high-low)/2
		p := b.next(middle)
		if p.At.Before(t) {
			low = p.Index + 1
		} else {
			high = middle
		}
	}
	return low
}

// next is the first entry at an index or behind it; the caller knows that there is one.
func (b Books) next(index uint64) Posting {
	for p := range b.Postings(index) {
		return p
	}
	return Posting{}
}

// Bounds are the instants of the first and the last entry; false if there is none.
func (b Books) Bounds() (first, last time.Time, ok bool) {
	for p, err := range b.PostingsBack(math.MaxUint64) {
		return b.next(0).At, p.At, err == nil
	}
	return first, last, false
}

// UnitsOf lists the units in which something was posted to an account, in their order.
func (b Books) UnitsOf(a Account) (all []money.Unit) {
	prefix := append([]byte(a), 0)
	for k := range b.shelf.From("balance", prefix) {
		if !bytes.HasPrefix(k, prefix) {
			break
		}
		all = append(all, money.Unit(k[len(prefix):]))
	}
	return all
}
