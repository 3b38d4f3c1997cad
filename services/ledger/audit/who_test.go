package audit

import (
	"testing"
	"time"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// entered makes the next entry of a record and hands it to the auditor.
func entered(t *testing.T, a *Auditor, kind, by, household string, data any) {
	t.Helper()
	e := record.Event{V: 1, Kind: kind, At: time.Unix(int64(a.size), 0), By: by, For: household, Data: record.Data(data)}
	leaf, err := e.Hash()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Take(record.Entry{Ref: record.Ref{Origin: "commonhub/aaaaaaaaaaaaaaaa", Index: a.size, Leaf: leaf}, Event: e}); err != nil {
		t.Fatal(err)
	}
}

func TestWhoMay(t *testing.T) {
	a := New(Visit{})
	for _, n := range []string{"1", "2"} {
		entered(t, a, "household.added", "console", "h"+n, about{Household: "h" + n})
		entered(t, a, "member.joined", "m"+n, "h"+n, about{Member: "m" + n, Household: "h" + n})
	}
	entered(t, a, "steward.appointed", "console", "h1", about{Member: "m1", Until: 1000})
	entered(t, a, "member.joined", "m4", "h2", about{Member: "m4", Household: "h2"}) // m3 would be next
	entered(t, a, "steward.appointed", "m2", "h2", about{Member: "m2"})              // by nobody entitled
	entered(t, a, "household.added", "m2", "h3", about{Household: "h3"})             // the same
	for _, c := range []struct{ kind, by, household, why string }{
		{book.PaidKind, "m1", "h1", ""}, {book.PaidKind, "m2", "h2", "ledger.audit-no-steward"}, {book.PaidKind, "m1", "h2", "ledger.audit-other-household"},
		{book.LimitedKind, "m1", "h2", ""}, {book.LimitedKind, "m2", "h2", "ledger.audit-no-steward"}, {book.AskedKind, "m2", "h2", ""},
		{book.AskedKind, "m4", "h2", "ledger.audit-no-member"}, {book.AskedKind, "", "h2", "ledger.audit-no-member"}, {book.AskedKind, "m1", "h2", "ledger.audit-other-household"},
		{book.ReceivedKind, "", "h2", ""}, {book.ReceivedKind, "m1", "h1", "ledger.audit-machine"}, {book.RecalledKind, "m1", "h2", ""},
		{book.RecalledKind, "m2", "h1", "ledger.audit-other-household"}, {book.GivenKind, "m1", "h2", "ledger.audit-other-household"},
		{book.ReversedKind, "m2", "h2", "ledger.audit-no-steward"}, {book.ReversedKind, "m1", "h1", ""},
	} {
		n := record.Entry{Event: record.Event{V: 1, Kind: c.kind, At: time.Unix(50, 0), By: c.by, For: c.household, Data: []byte(`{}`)}}
		if got := a.judge(n); got != c.why {
			t.Errorf("%s by %s for %s: %q, want %q", c.kind, c.by, c.household, got, c.why)
		}
	}
	if late := time.Unix(2000, 0); !a.roster.keys("m1", late) {
		t.Error("a term that is over does not count on while nobody else holds the keys")
	}
	entered(t, a, "steward.appointed", "m1", "h2", about{Member: "m2"})
	if late := time.Unix(2000, 0); a.roster.keys("m1", late) || !a.roster.keys("m2", late) {
		t.Error("a term that is over counts on beside one that is not")
	}
	entered(t, a, "member.left", "m2", "h2", about{Member: "m2"})
	if a.roster.member("m2") != nil || a.roster.keys("m2", time.Unix(50, 0)) {
		t.Error("who left is still a member")
	}
}
