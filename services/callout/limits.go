package callout

import (
	"time"

	"commonhub/hub/record"
)

// sort is what the limits tell apart.
func (c *call) sort() string {
	if c.Exercise {
		return "e"
	}
	return "r"
}

// tally is how many call-outs a hub made within 24 hours of an instant, on both sides: the clock of a hub that lies runs backwards.
type tally struct {
	exercises, hub int
	members        map[string]int
}

// tallyOf counts what the record has, and what more came by message.
func tallyOf(v record.View, o record.Origin, around time.Time, more []call) tally {
	t := tally{members: map[string]int{}}
	from := under(o.ID(), num(millis(around.Add(-longest))+1))
	for k, val := range v.Table(service, "daily").From(from) {
		prefix := under(o.ID(), "")
		if len(k) < len(prefix)+8 || string(k[:len(prefix)]) != string(prefix) || int64(record.ParseNum(k[len(prefix):len(prefix)+8])) >= millis(around.Add(longest)) {
			break
		}
		t.add(string(val[:1]), string(val[1:]))
	}
	for _, c := range more {
		if d := at(c.At).Sub(around).Abs(); d < longest {
			t.add(c.sort(), c.By)
		}
	}
	return t
}

func (t *tally) add(sort, member string) {
	if sort == "e" {
		t.exercises++
		return
	}
	t.hub++
	t.members[member]++
}

// refuses names the sentence for one call-out more, "" if there is room for it.
func (t tally) refuses(c call) string {
	switch {
	case c.Exercise && t.exercises >= exerciseDays:
		return "callout.many-exercises"
	case c.Exercise:
		return ""
	case t.members[c.By] >= memberDaily:
		return "callout.many-member"
	case t.hub >= hubDaily:
		return "callout.many-hub"
	}
	return ""
}
