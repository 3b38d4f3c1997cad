package noticeboard

import (
	"slices"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

const (
	householdShare = 8   // a household may take this part of the room
	maxEvicted     = 200 // pictures erased for one command: they are events, too
)

// makeRoom lets bodies of this many bytes in. Where room is short the pictures of expired notices go first, those that expired
// longest ago before others, as the form says; words and living notices are never touched.
func makeRoom(a act, d *record.Decision, room, need int64) error {
	e := eviction{a: a, d: d, need: need}
	share := room / householdShare
	if !e.until(share, total(a.View, "household "+a.Household), a.Household) {
		return fault.New(fault.TooMany, "notice.room-household", share/1_000_000)
	}
	if !e.until(room, total(a.View, "all")-e.freed, "") {
		return fault.New(fault.Full, "notice.room-hub")
	}
	return nil
}

// eviction erases pictures as far as it must.
type eviction struct {
	a     act
	d     *record.Decision
	need  int64
	freed int64
	gone  []string
}

// until erases expired pictures, of one household or ("") of all, until what is needed fits beside what is used.
func (e *eviction) until(limit, used int64, household string) bool {
	now := e.a.Now().UnixMilli()
	for k, leaf := range e.a.Table(service, "album").From(nil) {
		if used+e.need <= limit || int64(record.ParseNum(k[:8])) > now || len(e.gone) >= maxEvicted {
			break
		}
		size, owner := e.size(record.Hash(leaf))
		if household != "" && owner != household || slices.Contains(e.gone, string(leaf)) {
			continue
		}
		e.d.Erase("", record.Hash(leaf))
		e.gone = append(e.gone, string(leaf))
		e.freed += size
		used -= size
	}
	return used+e.need <= limit
}

func (e *eviction) size(leaf record.Hash) (bytes int64, household string) {
	v := e.a.Table(service, "size").Get(record.Num(e.a.Body(e.a.Self(), leaf).Index))
	if len(v) < 8 {
		return 0, ""
	}
	return int64(record.ParseNum(v[:8])), string(v[8:])
}

// weigh keeps the sums of what our bodies take, in all and by household. index is that of the body's event.
func weigh(e record.Edit, index uint64, household string, b body.Body) error {
	sizes := e.Own("size")
	if v := sizes.Get(record.Num(index)); len(v) >= 8 {
		if err := addTotal(e, string(v[8:]), -int64(record.ParseNum(v[:8]))); err != nil {
			return err
		}
	}
	if b.State != body.Here {
		return sizes.Delete(record.Num(index))
	}
	size := int64(len(b.Bytes))
	if err := addTotal(e, household, size); err != nil {
		return err
	}
	return sizes.Put(record.Num(index), append(num(size), household...))
}

func addTotal(e record.Edit, household string, delta int64) error {
	totals := e.Own("total")
	for _, name := range []string{"all", "household " + household} {
		sum := total(e.View, name) + delta
		if err := toggle(totals, []byte(name), num(sum), sum != 0); err != nil {
			return err
		}
	}
	return nil
}

// total reads a sum of bytes: "all", or "household " and its handle.
func total(v record.View, name string) int64 {
	if raw := v.Table(service, "total").Get([]byte(name)); len(raw) == 8 {
		return int64(record.ParseNum(raw))
	}
	return 0
}

// toggle sets a key or takes it away.
func toggle(w record.Writable, k, v []byte, set bool) error {
	if set {
		return w.Put(k, v)
	}
	return w.Delete(k)
}
