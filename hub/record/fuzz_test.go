package record

import (
	"encoding/json"
	"testing"
)

// FuzzParse: what comes from the network is refused, or means the same when it is written again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"notice.posted","at":"2026-01-01T00:00:00.000Z","data":{"a":1}}`))
	f.Add(packBundle([][]byte{[]byte("a"), []byte("bc")}))
	f.Add([]byte("commonhub/aaaaaaaaaaaaaaaa\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := ParseEvent(b); err == nil {
			if e.Data != nil && !json.Valid(e.Data) {
				t.Error("event with data that is no JSON")
			}
		}
		if entries, err := ParseBundle(b); err == nil && string(packBundle(entries)) != string(b) {
			t.Error("a bundle does not round-trip")
		}
		if c, err := parseCheckpoint(string(b)); err == nil && c.text() != string(b) {
			t.Error("a checkpoint does not round-trip")
		}
		Unsqueeze(b)
	})
}
