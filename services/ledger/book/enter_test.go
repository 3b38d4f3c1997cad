package book

import (
	"encoding/json"
	"testing"
	"time"

	"commonhub/hub/record"
)

// furnished are books in which there is something of everything, so that events can refer to it.
func furnished(t testing.TB) (Books, uint64) {
	t.Helper()
	b, index := On(NewMemory()), uint64(0)
	for _, e := range []record.Event{
		{Kind: OpenedKind, Body: "name", Data: record.Data(Opened{Account: "p1", Unit: "EUR"})},
		{Kind: OpenedKind, Body: "name", Data: record.Data(Opened{Account: "s1"})},
		{Kind: ContributedKind, For: "h3", Data: record.Data(Contributed{Pot: "p1", Amount: 1000})},
		{Kind: AskedKind, Body: "memo", Data: record.Data(Asked{Pot: "p1", Purpose: "s1", Amount: 10})},
		{Kind: RequestedKind, Data: record.Data(Requested{From: "h2", To: "h1", Unit: "hour", Amount: 5})},
		{Kind: PledgedKind, Data: record.Data(Pledged{Pot: "p1", Amount: 5})},
		{Kind: GivenKind, Data: record.Data(Given{From: "h1", To: "h2", Unit: "hour", Amount: 60})},
		{Kind: ClosedKind, Data: record.Data(Closed{Period: "2026-02"})},
	} {
		e.V, e.By, e.At = 1, "m1", start().Add(time.Duration(index)*time.Second)
		if e.For == "" {
			e.For = "h1"
		}
		if void, err := b.Enter(record.Entry{Ref: record.Ref{Index: index}, Event: e}); void != nil || err != nil {
			t.Fatalf("event %d is void: %v, %v", index, void, err)
		}
		index++
	}
	return b, index
}

func start() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }

// Whatever stands in a record: it does what its rules allow, or nothing, and the sums stay zero.
func FuzzEnter(f *testing.F) {
	for _, seed := range []struct{ kind, data string }{
		{"given", `{"from":"h1","to":"h2","unit":"hour","amount":5}`},
		{"given", `{"from":"h1","to":"h2","unit":"hour","amount":9223372036854775807}`},
		{"agreed", `{"request":4}`},
		{"reversed", `{"entry":6}`},
		{"approved", `{"expense":3}`},
		{"carried", `{"legs":[{"account":"h1","unit":"hour","amount":-9223372036854775808}]}`},
		{"levied", `{"month":"2026-03","unit":"hour","to":"n1","shares":{"h1":5,"h2":9223372036854775807}}`},
		{"contributed", `{"pot":"p1","amount":5,"pledge":5}`},
		{"opened", `{"account":"p2","unit":"EUR","target":-5}`},
		{"limited", `{"account":"h1","unit":"hour","down":-7,"up":1e9}`},
		{"sent", `{"hub":"abcdefghijklmnop","from":"h1","to":"h2","unit":"hour","amount":5}`},
		{"moved", `null`},
	} {
		f.Add("ledger."+seed.kind, seed.data, "m2", "h2", "body")
	}
	f.Fuzz(func(t *testing.T, kind, data, by, household, body string) {
		if !json.Valid([]byte(data)) {
			return
		}
		b, next := furnished(t)
		before := b.Balances()
		e := record.Event{V: 1, Kind: kind, By: by, For: household, Body: body, Data: json.RawMessage(data), At: start().Add(time.Hour)}
		void, err := b.Enter(record.Entry{Ref: record.Ref{Origin: "commonhub/abcdefghijklmnop", Index: next}, Event: e})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(); err != nil {
			t.Fatal(err)
		}
		if void != nil && len(b.Balances()) != len(before) {
			t.Fatalf("a void %s changed balances", kind)
		}
	})
}
