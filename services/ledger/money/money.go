// Package money is the arithmetic of the ledger: units, amounts, and how people write them.
//
// An amount is an int64 of the unit's smallest part: cents of EUR, minutes of hour. There are no floats, no rounding outside Split, and
// every sum is checked. It is a package of its own, below the books, because the program that audits a record and the pages read and
// write amounts the same way, and because it can be fuzzed alone.
package money

import (
	"math/bits"
	"slices"

	"commonhub/hub/fault"
)

// Most bounds an amount in minor units: ten million million. A thousand accounts that move as much every second for a year stay far
// below 2^63, so that a sum overflows only when somebody tries.
const Most = 10_000_000_000_000

// Add sums amounts; false if the sum leaves int64.
func Add(amounts ...int64) (sum int64, ok bool) {
	for _, a := range amounts {
		next := sum + a
		if a > 0 && next < sum || a < 0 && next > sum {
			return 0, false
		}
		sum = next
	}
	return sum, true
}

// Valid refuses what is no amount that can be moved: zero, less, or more than Most.
func Valid(amount int64) error {
	switch {
	case amount == 0:
		return fault.New(fault.Invalid, "ledger.amount-zero")
	case amount < 0:
		return fault.New(fault.Invalid, "ledger.amount-negative")
	case amount > Most:
		return fault.New(fault.Invalid, "ledger.amount-huge")
	}
	return nil
}

// Split shares a total out by weights, and loses nothing: each gets its share rounded down, and what is left goes, one minor unit each, to
// those with the largest remainders; between equal remainders to the earlier ones. It is the only rounding in the ledger (Hare's method,
// also called Hamilton's).
//
// The total is not negative and at most Most, weights are not negative, and their sum fits int64; nil if that is not so, or all are zero.
func Split(total int64, weights []int64) []int64 {
	sum, ok := Add(weights...)
	if !ok || sum <= 0 || total < 0 || total > Most || slices.Min(weights) < 0 {
		return nil
	}
	shares, left := make([]int64, len(weights)), total
	rest, order := make([]uint64, len(weights)), make([]int, len(weights))
	for i, w := range weights {
		high, low := bits.Mul64(uint64(total), uint64(w))
		share, remainder := bits.Div64(high, low, uint64(sum)) // cannot overflow: w is at most sum
		shares[i], rest[i], order[i] = int64(share), remainder, i
		left -= int64(share)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rest[a] > rest[b]:
			return -1
		case rest[a] < rest[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}
