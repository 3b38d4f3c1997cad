package book

import (
	"encoding/json"
	"testing"

	"commonhub/hub/record"
)

// What the short way reads, encoding/json reads alike; every payment that we write takes it.
func FuzzScanGiven(f *testing.F) {
	for _, s := range []string{
		`{"from":"h1","to":"h2","unit":"hour","amount":30}`, `{"from":"h1","to":"h2","unit":"hour","amount":30,"on":"2026-03-01","slip":true}`,
		`{"from":"h1","to":"h2","unit":"hour","amount":-0}`, `{"from":"h1","to":"h2","unit":"hour","amount":1}}`, `{"from":"h1","to":"h2","unit":"hour","amount":1,"slip":true,"on":""}`,
		`{"from":"\u0068","to":"","unit":"","amount":1}`, `{"from":"","to":"","unit":"","amount":01}`, `{"from":"","to":"","unit":"","amount":}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := scanGiven(raw)
		if !ok {
			return
		}
		var want Given
		if err := json.Unmarshal(raw, &want); err != nil || got != want {
			t.Fatalf("%q was read as %+v, want %+v, %v", raw, got, want, err)
		}
	})
}

func TestScanGivenReadsWhatWeWrite(t *testing.T) {
	for _, d := range []Given{{"h1", "h2", "hour", 30, "", false}, {"h1", "h2", "kwh", 1 << 62, "2026-03-01", true}, {"h30", "h2", "EUR", -1, "", true}} {
		if got, ok := scanGiven(record.Data(d)); !ok || got != d {
			t.Errorf("%s was read as %+v, %v", record.Data(d), got, ok)
		}
	}
}
