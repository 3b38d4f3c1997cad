package mirror

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Find reads what people call an event: the address of a notice or of an event's page, a notice's 32 characters, a leaf hash, or ID/INDEX.
// Fault record.no-such-event if it is not here.
func (m *Mirror) Find(name string) (ref record.Entry, err error) {
	path := strings.Trim(name, "/ ")
	if u, err := url.Parse(path); err == nil && u.Host != "" {
		path = strings.Trim(u.Path, "/")
	}
	parts := strings.Split(strings.ReplaceAll(strings.TrimPrefix(path, "neighbours/"), "/events/", "/"), "/")
	last := parts[len(parts)-1]
	err = m.o.Record.Read(func(v record.View) error {
		index, digits := strconv.ParseUint(last, 10, 63)
		if len(last) >= 20 {
			digits = strconv.ErrRange // a leaf hash, perhaps of digits alone
		}
		switch {
		case digits == nil && len(parts) == 2 && parts[0] == "events", digits == nil && len(parts) == 1:
			ref, err = v.Entry(v.Self(), index)
		case digits == nil && len(parts) == 2:
			ref, err = v.Entry(record.OriginFor(parts[0]), index)
		default:
			ref, err = search(v, last)
		}
		ref.Raw = slices.Clone(ref.Raw)
		return err
	})
	return ref, err
}

// search looks for a leaf hash, or for the origin and the start of one that a notice's id is made of.
func search(v record.View, name string) (found record.Entry, err error) {
	start, origins := name, v.Origins()
	if len(name) == 32 && record.ValidID(name[:16]) {
		half, err := base32.NewEncoding("234567abcdefghijklmnopqrstuvwxyz").WithPadding(base32.NoPadding).DecodeString(name[16:])
		if err != nil {
			return found, fault.New(fault.NotFound, "record.no-such-event").Because(err)
		}
		start, origins = fmt.Sprintf("%x", half), []record.Origin{record.OriginFor(name[:16])}
	} else if _, err := record.ParseHash(name); err != nil {
		return found, fault.New(fault.NotFound, "record.no-such-event").Because(err)
	}
	for _, o := range origins {
		for e, err := range v.Entries(o, 0) {
			if err == nil && strings.HasPrefix(record.Hex(e.Leaf), start) {
				return e, nil
			}
		}
	}
	return found, fault.New(fault.NotFound, "record.no-such-event")
}
