package people

import (
	"hash/maphash"
	"time"

	"golang.org/x/time/rate"

	"commonhub/hub/fault"
)

// slots bounds the memory of a limits: 512 limiters of 80 bytes.
const slots = 512

// limits allows attempts per key in a fixed number of slots. Keys share a slot by a hash that nobody outside can
// predict: a flood of made-up names or addresses can neither grow the table, nor push a chosen key out of it (as a table
// with eviction would allow), nor aim at somebody else's slot. Known and unknown names are treated alike.
type limits struct {
	seed maphash.Seed
	slot [slots]*rate.Limiter
}

func newLimits(every time.Duration, burst int) *limits {
	l := &limits{seed: maphash.MakeSeed()}
	for i := range l.slot {
		l.slot[i] = rate.NewLimiter(rate.Every(every), burst)
	}
	return l
}

// take spends one attempt of the key.
//
// Errors: fault TooMany.
func (l *limits) take(key string) error {
	if !l.slot[maphash.String(l.seed, key)%slots].Allow() {
		return fault.New(fault.TooMany, "people.too-many")
	}
	return nil
}
