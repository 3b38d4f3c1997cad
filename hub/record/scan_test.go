package record

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// What is read by the short way is what encoding/json reads; everything that we write takes it.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		`{"v":1,"kind":"a.b","at":"2026-01-01T00:00:00.000Z","by":"m1","for":"h1","data":{"a":[1,{"b":"}\\""}]},"body":"x","reach":"far"}`,
		`{"v":1,"kind":"","at":""}`, `{"v":01,"kind":"a","at":"b"}`, `{"v":1,"kind":"a","at":"b","data":{}}`, `{"v":1,"kind":"a","at":"b","data":{]}`,
		`{"v":1,"kind":"\u0061","at":"b"}`, `{"v":1,"kind":"a","at":"b","data":{"a":"\ud800"},"data":{}}`, `{"v":1,"kind":"a","at":"b"} `,
		`{"v":1,"kind":"a","at":"b","data":{"a":-10,"b":true,"c":"d","e":0}}`, `{"v":1,"kind":"a","at":"b","data":{"a":01}}`,
		`{"v":1,"kind":"a","at":"b","data":{"a":-}}`, `{"v":1,"kind":"a","at":"b","data":{"a":1.5,"b":2e3}}`, `{"v":1,"kind":"a","at":"b","data":{"a":1,}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := scan(raw)
		if !ok {
			return
		}
		var want wire
		if err := json.Unmarshal(raw, &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q was read as %+v, want %+v, %v", raw, got, want, err)
		}
	})
}

func TestScanReadsWhatWeWrite(t *testing.T) {
	e := Event{V: 1, Kind: "ledger.given", At: time.Unix(1772355600, 5e6).UTC(), By: "m1", For: "h1", Data: Data(map[string]int{"amount": 5}), Body: "abc", Reach: "hub"}
	for _, change := range []func(){func() {}, func() { e.Body, e.Reach = "", "" }, func() { e.For = "" }, func() { e.Data = nil }, func() { e.By = "" }} {
		change()
		raw, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := scan(raw); !ok {
			t.Errorf("%s is read by the long way", raw)
		}
		if got, err := ParseEvent(raw); err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("%s was read as %+v, %v", raw, got, err)
		}
	}
}

func BenchmarkParseEvent(b *testing.B) {
	raw, err := Event{V: 1, Kind: "ledger.given", At: time.Unix(1772355600, 5e6), By: "m12", For: "h12", Data: Data(map[string]any{"from": "h12", "to": "h19", "unit": "hour", "amount": 35})}.encode()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ParseEvent(raw)
	}
}
