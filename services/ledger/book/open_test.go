package book

import (
	"testing"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// A household may have so many things waiting, and as soon as one is settled another fits; households do not take each other's places.
func TestWaitingIsBounded(t *testing.T) {
	b, next := furnished(t)
	enter := func(kind, household string, data any) *fault.Fault {
		t.Helper()
		e := record.Event{V: 1, Kind: kind, By: "m1", For: household, Body: "memo", Data: record.Data(data), At: start()}
		void, err := b.Enter(record.Entry{Ref: record.Ref{Index: next}, Event: e})
		if err != nil {
			t.Fatal(err)
		}
		next++
		return void
	}
	ask := func(household string) *fault.Fault {
		return enter(AskedKind, household, Asked{Pot: "p1", Purpose: "s1", Amount: 10})
	}
	for n := range maxOpen {
		if void := ask("h5"); void != nil {
			t.Fatalf("expense %d: %v", n, void)
		}
	}
	if void := ask("h5"); void == nil || void.Key != "ledger.many-open" {
		t.Fatalf("one expense too many: %v", void)
	}
	if void := ask("h6"); void != nil {
		t.Fatalf("another household's expense: %v", void)
	}
	last := next - 3 // of h5
	for _, step := range []struct{ kind, household string }{{ApprovedKind, "h6"}, {ReturnedKind, "h6"}} {
		if void := enter(step.kind, step.household, OfExpense{last}); void != nil {
			t.Fatal(void)
		}
	}
	if void := ask("h5"); void == nil {
		t.Fatal("what was returned still waits")
	}
	if void := enter(DroppedKind, "h5", OfExpense{last}); void != nil {
		t.Fatal(void)
	}
	if void := ask("h5"); void != nil {
		t.Fatalf("after one was dropped: %v", void)
	}
	if n := len(b.OpenExpenses()); n != maxOpen+2 { // with that of h6, and the one of the furnished books
		t.Errorf("%d expenses wait", n)
	}
}
