package pages

import (
	"strings"
	"testing"
)

// A steward bounds what a hub may send, says how much of it is kept, and how many have to sign; nobody else can.
func TestRations(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	hub := "/neighbours/aaaaaaaaaaaaaaaa"
	ana.open(hub).says("pages.quota-used", "4", "50").says("pages.quota-used", "2", "3")
	ana.send(hub+"/quota", "entries", "many", "megabytes", "7", "bodies", "").says("pages.quota-number")
	if !strings.Contains(ana.page, `value="many"`) {
		t.Error("what was typed is gone")
	}
	ana.open(hub).send(hub+"/quota", "entries", "٢٥٠", "megabytes", " 7 ", "bodies", "").at(hub).says("pages.quota-changed")
	ana.open(hub).send(hub+"/tier", "tier", "witness").at(hub).says("pages.tier-changed")
	ana.open("/record").send("/record/quorum", "k", "0").says("mirror.no-quorum", 32)
	ana.open("/record").send("/record/quorum", "k", "2").at("/record").says("pages.quorum-changed")
	want := "m1 allows aaaaaaaaaaaaaaaa {250 7000000 0}, m1 keeps aaaaaaaaaaaaaaaa witness, m1 wants 2"
	if got := strings.Join(b.seen.decided, ", "); got != want {
		t.Errorf("decided %s", got)
	}
	guest := b.phone("en")
	for _, page := range []string{hub, "/record"} {
		if guest.open(page); strings.Contains(guest.page, "<form") && (strings.Contains(guest.page, "/quota") || strings.Contains(guest.page, "/quorum")) {
			t.Errorf("a guest is offered forms on %s", page)
		}
	}
}

// The map numbers what the table names, and the table says in words what the map draws.
func TestMapAndTable(t *testing.T) {
	b := open(t)
	guest := b.phone("en").open("/neighbours")
	list := placed(b.seen.list)
	if len(list) != 4 || list[0].place.Ring != 1 || list[1].ID != "dddddddddddddddd" || list[1].place.Look != "square" {
		t.Fatalf("placed as %+v", list)
	}
	far := list[2]
	if far.place.Ring != 2 || far.place.Under != list[0].place.Number {
		t.Errorf("what is read through a neighbour hangs on %d", far.place.Under)
	}
	if list[3].place.Number != 0 {
		t.Error("a blocked hub is drawn")
	}
	if n := strings.Count(guest.page, "<tr>"); n != 5 {
		t.Errorf("the table has %d lines", n)
	}
	if n := strings.Count(guest.page, "<line "); n != 3 {
		t.Errorf("the map has %d lines", n)
	}
	guest.says("pages.map-label").says("pages.quality-fair").says("pages.trip", 120).says("pages.today", "2 MB").says("pages.status-behind").says("pages.hops", 2)
}
