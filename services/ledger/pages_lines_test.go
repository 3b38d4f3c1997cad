package ledger

import (
	"encoding/json"
	"net/http"
	"testing"

	"commonhub/services/ledger/money"
)

// Two blocks open a line, pay over it, and read the same statement from both ends, all by forms.
func TestLineForms(t *testing.T) {
	w := newTown(t)
	a, b := serve(t, w.a), serve(t, w.b)
	at, there := "/ledger/lines/"+w.b.id(), "/ledger/lines/"+w.a.id()
	a.shows("", "/ledger/lines", "en", "No credit lines yet")
	a.shows("m1", at, "en", "There is no credit line with")
	status, page, _ := b.submit("m1", there, there+"/trust", fields("unit", "hour", "most", "a lot"))
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("nonsense is answered %d: %s", status, page)
	}
	b.sent("m1", there, there+"/trust", fields("unit", "hour", "most", "10:00"))
	b.shows("m1", there, "en", "waits for their yes")
	w.settle()
	a.shows("m1", at, "en", "Agree: we may owe them up to 10:00 hours")
	a.shows("m1", at, "ar", "موافقة: يجوز أن ندين لهم حتى")
	if p := w.a.today("m1", true); len(p.Asked) != 1 {
		t.Errorf("the steward's home page has %+v", p)
	}
	a.sent("m1", at, at+"/agree", fields("unit", "hour", "most", "600"))
	w.settle()

	status, page, _ = a.submit("m3", at+"/pay", at+"/pay", fields("to", "H4X", "unit", "hour", "amount", "1:30"))
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("a mistyped code is answered %d: %s", status, page)
	}
	payment := a.sent("m3", at+"/pay", at+"/pay", fields("to", "h4", "unit", "hour", "amount", "1:30", "memo", "a shelf"))
	a.shows("m3", payment, "en", "On its way", "a shelf", "Ask for it back")
	a.shows("", payment, "ar", "في الطريق")
	if p := w.a.today("m3", false); len(p.Away) != 1 || !p.Away[0].mayRecall {
		t.Errorf("the payer's home page has %+v", p)
	}
	a.shows("m1", at, "en", "On the way to them")
	bad := a.sent("m3", at+"/pay", at+"/pay", fields("to", "h99", "unit", "hour", "amount", "1"))
	w.settle()
	a.shows("m3", payment, "en", "Arrived")
	a.shows("m3", bad, "en", "It came back", "There is no such household.")
	a.shows("", at, "en", "We owe them 1:30 hours", "say the same", "in both books", "Came back")
	b.shows("", there, "ar", "يدينون لنا بمقدار", "في الدفترين")
	b.shows("", there, "en", "They owe us 1:30 hours", "There is no such household.")
	b.shows("", "/ledger/lines", "en", "They owe us 1:30 hours")

	b.sent("m1", "/ledger/lines", "/ledger/lines", fields("unit", "hour", "imports", "5", "exports", ""))
	b.sent("m1", there, there+"/freeze", fields("frozen", "yes"))
	b.sent("m1", there, there+"/writeoff", fields("unit", "hour", "amount", "-90", "decision", "Assembly of March"))
	b.shows("m1", there, "en", "was proposed", "have frozen credit with this block")
	if p := w.b.today("m2", true); len(p.Writeoffs) != 1 {
		t.Errorf("the other steward's home page has %+v", p)
	}
	if got := w.owed(w.b, money.Hour); got != -90 {
		t.Errorf("one steward alone wrote off, and left %d", got)
	}
}

// today is what a member's home page says about lines.
func (h *hub) today(member string, steward bool) (p LinesPart) {
	h.must(h.s.look(Reader{Member: member, Household: "h" + member[1:], Steward: steward}, func(l sight) error {
		p = l.linesPart()
		return nil
	}))
	return p
}

// Scripts read the same from both ends: each line of one statement is the other's with the sign turned.
func TestLineAsJSON(t *testing.T) {
	w := newTown(t)
	w.trust(money.Hour, 600)
	w.a.did(w.a.s.Send(ctx(), by("m3"), w.a.send(w.b, "h4", 45)))
	w.settle()
	a, b := serve(t, w.a), serve(t, w.b)
	var ours, theirs LinePage
	a.must(json.Unmarshal([]byte(a.fetch("", "/ledger/lines/"+w.b.id(), "application/json")), &ours))
	b.must(json.Unmarshal([]byte(b.fetch("", "/ledger/lines/"+w.a.id(), "application/json")), &theirs))
	if len(ours.Statement) != 1 || len(theirs.Statement) != 1 {
		t.Fatalf("the statements are %+v and %+v", ours.Statement, theirs.Statement)
	}
	x, y := ours.Statement[0], theirs.Statement[0]
	if x.Payment != y.Payment || x.Amount != 45 || y.Amount != -45 || !x.There || !y.There {
		t.Errorf("the lines are %+v and %+v", x, y)
	}
}
