package book

import (
	"bytes"
	"reflect"
	"testing"
	"time"
)

func TestPostingRows(t *testing.T) {
	zero, of := uint64(0), uint64(7)
	for _, p := range []Posting{
		{Index: 3, Kind: GivenKind, At: time.UnixMilli(1_772_352_000_123).UTC(), By: "m1", For: "h1", Legs: []Leg{{"h1", "hour", -5}, {"h2", "hour", 5}}},
		{Index: 4, Kind: PaidKind, At: time.UnixMilli(0).UTC(), Day: "2026-03-01", Of: &of, Legs: []Leg{{"p1", "EUR", -1 << 62}, {"s0", "EUR", 1 << 62}}},
		{Index: 5, Kind: AgreedKind, At: time.UnixMilli(1).UTC(), Of: &zero},
	} {
		got, err := parsePosting(p.Index, p.bytes())
		if err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%+v comes back as %+v: %v", p, got, err)
		}
	}
}

// What lies in the file is ours, but a damaged page must not crash the hub.
func FuzzPostingRow(f *testing.F) {
	f.Add(Posting{Kind: "k", Legs: []Leg{{"h1", "hour", 1}}}.bytes())
	f.Add([]byte{0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePosting(1, raw)
		if err != nil {
			return
		}
		again, err := parsePosting(1, p.bytes())
		if err != nil || !bytes.Equal(again.bytes(), p.bytes()) {
			t.Fatalf("%x reads as %+v and comes back as %+v: %v", raw, p, again, err)
		}
	})
}
