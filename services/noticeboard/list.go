package noticeboard

import (
	"iter"
	"slices"
	"time"

	"commonhub/hub/record"
)

const (
	pageSize = 50
	// maxWalk bounds what one page may step over; the next page goes on from there.
	maxWalk = 1000
)

// Query says which notices somebody wants to see. The zero Query is the whole board as it is now.
type Query struct {
	Kind   Kind          // "" for all
	Hub    record.Origin // "" for all
	Member string        // handle of a member of ours, "" for all; excludes Hub
	Past   bool          // what expired or is done, instead of what is alive
	Text   string        // words that must all be there
	Before string        // cursor of an earlier page, "" for the first
	Limit  int           // 0 is 50
}

// hit is a notice that a walk came by.
type hit struct {
	at int64
	id ID
	listing
}

// newest lists the notices that a query asks for and keep agrees to, and the cursor for the rest, "" if there is no rest. keep sees
// each candidate once, in order, and may gather what it reads of it.
func newest(v record.View, q Query, keep func(hit) bool) (hits []hit, next string) {
	limit := q.Limit
	if limit == 0 {
		limit = pageSize
	}
	walked, now, from := 0, v.Now(), parseCursor(q.Before, v.Now())
	for _, late := range []bool{false, true} {
		if from.late && !late {
			continue
		}
		for h := range walk(v, q, from, late) {
			if walked++; len(hits) == limit || walked > maxWalk {
				return hits, from.cursor()
			}
			from = spot{late, h.at, h.id}
			if wanted(q, h, now) && keep(h) {
				hits = append(hits, h)
			}
		}
		from = spot{late: true, at: 1<<63 - 1}
	}
	return hits, ""
}

func wanted(q Query, h hit, now time.Time) bool {
	if h.state == stateHidden {
		return false
	}
	alive := h.state != stateDone && h.ends > now.UnixMilli()
	return alive != q.Past && (q.Kind == "" || h.kind == q.Kind.number())
}

// walk yields candidates in order, from a spot down, either with clocks that can be right or with those that cannot.
func walk(v record.View, q Query, from spot, late bool) iter.Seq[hit] {
	floor := int64(0)
	if late {
		floor = horizon(v.Now())
	}
	if words := queryOf(q.Text); len(words) > 0 {
		return found(v, words, q, from, floor)
	}
	var runs []iter.Seq[hit]
	for _, class := range classesOf(q.Past) {
		runs = append(runs, run(v, q, class, from, floor))
	}
	return merge(runs)
}

func classesOf(past bool) []byte {
	var list []byte
	for c := range byte(classes) {
		list = append(list, c)
	}
	if past {
		list = append(list, classDone)
	}
	return list
}

// run walks one class of the index down from a spot. For a living list it stops where all have expired, for a past one it
// begins where the first can have.
func run(v record.View, q Query, class byte, from spot, floor int64) iter.Seq[hit] {
	prefix := key(scopeOf(q), []byte{class})
	now := v.Now().UnixMilli()
	if !q.Past {
		floor = max(floor, now-span(class))
	} else if class > 0 && class != classDone && from.at > now-span(class-1) {
		from = spot{at: max(0, now-span(class-1)) + 1}
	}
	return func(yield func(hit) bool) {
		for k, value := range v.Table(service, "index").Back(key(prefix, from.bytes())) {
			h, ok := parseHit(prefix, k, value)
			if !ok || h.at < floor || !yield(h) {
				return
			}
		}
	}
}

func parseHit(prefix, k, value []byte) (h hit, ok bool) {
	if len(k) != len(prefix)+8+len(h.id) || string(k[:len(prefix)]) != string(prefix) {
		return h, false
	}
	rest := k[len(prefix):]
	h.at, h.id = int64(record.ParseNum(rest[:8])), ID(rest[8:])
	h.listing, ok = parseListing(value)
	return h, ok
}

// scopeOf is the narrowest scope that holds all that a query may find; wanted checks what is left.
func scopeOf(q Query) []byte {
	if q.Member != "" {
		return memberScope(q.Member)
	}
	if id, ok := idOf(q.Hub, record.Hash{}); ok {
		return key([]byte{scopeHub}, id.hub())
	}
	if q.Kind != "" {
		return []byte{scopeKind, q.Kind.number()}
	}
	return []byte{scopeAll}
}

// merge joins runs that each come newest first.
func merge(runs []iter.Seq[hit]) iter.Seq[hit] {
	return func(yield func(hit) bool) {
		var heads []hit
		var pulls []func() (hit, bool)
		for _, r := range runs {
			next, stop := iter.Pull(r)
			defer stop()
			if h, ok := next(); ok {
				heads, pulls = append(heads, h), append(pulls, next)
			}
		}
		for len(heads) > 0 {
			first := 0
			for i := range heads {
				if newer(heads[i], heads[first]) {
					first = i
				}
			}
			if !yield(heads[first]) {
				return
			}
			if h, ok := pulls[first](); ok {
				heads[first] = h
				continue
			}
			heads, pulls = slices.Delete(heads, first, first+1), slices.Delete(pulls, first, first+1)
		}
	}
}

func newer(a, b hit) bool {
	if a.at != b.at {
		return a.at > b.at
	}
	return string(a.id[:]) > string(b.id[:])
}
