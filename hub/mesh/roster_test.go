package mesh

import (
	"fmt"
	"net/netip"
	"testing"
)

// TestDeadAreStillTold: whoever says that all neighbours are dead, and invents a hundred others, must not silence a hub.
func TestDeadAreStillTold(t *testing.T) {
	r, friends := newRoster(), map[claim]bool{}
	join := func(seed string, n int) card {
		who, key := signer(seed)
		c := card{claim: who, epoch: 1, gossip: netip.AddrPortFrom(spot(n).Addr(), 7946), port: 8080}
		r.add(member{card: c, node: *nodeOf(c, key)})
		return c
	}
	var dead []card
	for n := range 3 {
		c := join(fmt.Sprint("friend", n), n)
		friends[c.claim] = true
		dead = append(dead, c)
	}
	for n := range strangerCap {
		join(fmt.Sprint("stranger", n), 10+n)
	}
	for _, c := range dead {
		r.remove(c.name())
	}
	told := func() (friend int) {
		for _, m := range r.some(fanOut, fanSure, func(c claim) bool { return friends[c] }) {
			if friends[m.claim] {
				friend++
			}
		}
		return friend
	}
	if n := told(); n != len(dead) {
		t.Errorf("%d friends are told who were said to be dead, want %d", n, len(dead))
	}
	r.remove(join("stranger0", 10).name())
	if n := len(r.some(fanOut, fanSure, func(c claim) bool { return friends[c] })); n != fanOut+len(dead) {
		t.Errorf("a rumour goes to %d members; a stranger who has gone is nobody's friend", n)
	}
	join("friend0", 0)
	r.clear()
	if n := told(); n != len(dead) {
		t.Errorf("after a new start %d friends are told", n)
	}
}
