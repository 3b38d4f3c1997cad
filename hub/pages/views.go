package pages

import (
	"math"
	"strconv"
	"time"

	"commonhub/hub/record"
)

// count narrows a size for sentences that choose a plural by it; a stranger's boast of 2^60 events must not turn negative.
func count(n uint64) int { return int(min(n, math.MaxInt32)) }

func eventPath(index uint64) string { return "/events/" + strconv.FormatUint(index, 10) }

func originID(origin string) string { return record.Origin(origin).ID() }

// lastDay is the last day that belongs to a term which ends at an instant.
func lastDay(until time.Time) time.Time { return until.Add(-time.Second) }

// newer leads back to the newest events, "" from there.
func (p Record) newer() string {
	if p.newest {
		return ""
	}
	return "/record"
}

// older leads to the events before those shown, "" at the beginning of the record.
func (p Record) older() string {
	if p.Older == 0 {
		return ""
	}
	return "/record?before=" + strconv.FormatUint(p.Older, 10)
}
