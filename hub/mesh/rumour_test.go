package mesh

import (
	"bytes"
	"crypto/ed25519"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"
)

func signer(seed string) (claim, ed25519.PrivateKey) {
	id, key := keyOf(seed)
	return newClaim(id, key.Public().(ed25519.PublicKey)), key
}

func TestRumourIsBoundToEveryByte(t *testing.T) {
	who, key := signer("a")
	r := signRumour(who, key, 3, 1<<40)
	back, ok := parseRumour(r.bytes)
	if !ok || !back.verify() || back.claim != who || back.epoch != 3 || back.size != 1<<40 {
		t.Fatalf("read back %+v, %v", back, ok)
	}
	for i := range r.bytes {
		b := bytes.Clone(r.bytes)
		b[i] ^= 1
		if changed, ok := parseRumour(b); ok && changed.verify() {
			t.Errorf("a change of byte %d goes unnoticed", i)
		}
	}
	for _, n := range []int{0, 1, rumourBody, rumourLength - 1} {
		if _, ok := parseRumour(r.bytes[:n]); ok {
			t.Errorf("the first %d bytes are taken for a whole", n)
		}
	}
}

func TestSignatureOfACardIsNoRumour(t *testing.T) {
	who, key := signer("a")
	r := signRumour(who, key, 1, 1)
	copy(r.bytes[rumourBody:], ed25519.Sign(key, r.bytes[:rumourBody])) // without our domain
	if forged, _ := parseRumour(r.bytes); forged.verify() {
		t.Error("a signature for another purpose is taken")
	}
}

func TestNewerRumourWins(t *testing.T) {
	who, key := signer("a")
	s := newRumours(time.Now)
	for i, step := range []struct {
		epoch, size uint64
		news        bool
	}{{1, 5, true}, {1, 5, false}, {1, 4, false}, {1, 6, true}, {2, 3, true}, {1, 9, false}, {2, 4, true}} {
		r := signRumour(who, key, step.epoch, step.size)
		if s.news(r) != step.news || s.keep(r) != step.news {
			t.Errorf("step %d: epoch %d size %d: want news %v", i, step.epoch, step.size, step.news)
		}
	}
	if n := s.size(who); n != 4 {
		t.Errorf("newest size is %d", n)
	}
}

func TestStateCarriesFreshRumoursOnly(t *testing.T) {
	clock := &testClock{time.Now()}
	s := newRumours(clock.now)
	old, oldKey := signer("old")
	s.keep(signRumour(old, oldKey, 1, 1))
	clock.Time = clock.Add(freshFor)
	who, key := signer("new")
	r := signRumour(who, key, 1, 1)
	s.keep(r)
	if !bytes.Equal(s.state(), r.bytes) {
		t.Error("state is not the one fresh rumour")
	}
	for n := range 2 * rumourCap {
		fake := claim{id: who.id}
		fake.key[0], fake.key[1] = byte(n), byte(n>>8)
		s.keep(rumour{claim: fake, bytes: make([]byte, rumourLength)})
	}
	if n := len(s.state()); n > localState || n < localState-rumourLength || len(s.newest) != rumourCap {
		t.Errorf("state has %d bytes of %d rumours", n, len(s.newest))
	}
}

func FuzzParseRumour(f *testing.F) {
	who, key := signer("a")
	f.Add(signRumour(who, key, 1, 2).bytes)
	f.Add([]byte{kindSize})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := parseRumour(b)
		if !ok {
			return
		}
		if !r.verify() {
			r = signRumour(r.claim, key, r.epoch, r.size) // the same fields, whoever signs
		}
		if !bytes.Equal(r.bytes[:rumourBody], b[:rumourBody]) {
			t.Fatalf("%x was read as %x", b, r.bytes)
		}
	})
}

// nodeOf is how memberlist shows a member to the checker.
func nodeOf(c card, key ed25519.PrivateKey) *memberlist.Node {
	return &memberlist.Node{
		Name: c.name(), Addr: c.gossip.Addr().AsSlice(), Port: c.gossip.Port(), Meta: c.meta(key),
		PMin: memberlist.ProtocolVersionMin, PMax: memberlist.ProtocolVersionMax, PCur: memberlist.ProtocolVersion2Compatible,
	}
}

func testChecker(t *testing.T) (*checker, *book, *roster) {
	self, _ := signer("self")
	b := openBook(t.TempDir(), time.Now, slog.New(slog.DiscardHandler))
	r := newRoster()
	return newChecker(self, allowedFor(netip.MustParseAddrPort("0.0.0.0:0"), nil), b, r), b, r
}

func TestCheckerTakesSignedMembersOnly(t *testing.T) {
	who, key := signer("a")
	other, otherKey := signer("b")
	good := card{claim: who, epoch: 7, gossip: netip.MustParseAddrPort("10.0.0.1:7946"), port: 8080}
	stolen := card{claim: claim{id: who.id, key: other.key}, epoch: 7, gossip: good.gossip, port: 8080}
	cases := []struct {
		name   string
		change func(*memberlist.Node)
		ok     bool
	}{
		{"as signed", func(*memberlist.Node) {}, true},
		{"other port", func(n *memberlist.Node) { n.Port++ }, false},
		{"other address", func(n *memberlist.Node) { n.Addr = []byte{10, 0, 0, 2} }, false},
		{"no address", func(n *memberlist.Node) { n.Addr = nil }, false},
		{"other epoch", func(n *memberlist.Node) { n.Name = n.Name[:len(n.Name)-1] + "8" }, false},
		{"epoch spelled otherwise", func(n *memberlist.Node) { n.Name = n.Name[:len(n.Name)-1] + "07" }, false},
		{"name that is no name", func(n *memberlist.Node) { n.Name = "x" }, false},
		{"other HTTP port", func(n *memberlist.Node) { n.Meta[2]++ }, false},
		{"no card", func(n *memberlist.Node) { n.Meta = nil }, false},
		{"signed by another", func(n *memberlist.Node) { n.Meta = good.meta(otherKey) }, false},
		{"name of one, key of another", func(n *memberlist.Node) { n.Meta = stolen.meta(otherKey) }, false},
		{"delegate version 200", func(n *memberlist.Node) { n.DMax = 200 }, false},
		{"protocol version 9", func(n *memberlist.Node) { n.PMax = 9 }, false},
	}
	for _, c := range cases {
		k, _, _ := testChecker(t)
		n := nodeOf(good, key)
		c.change(n)
		if err := k.NotifyAlive(n); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	k, _, _ := testChecker(t)
	for _, away := range []string{"8.8.8.8:7946", "127.0.0.1:7946", "[2001:db8::1]:7946", "[::1]:7946"} {
		c := good
		c.gossip = netip.MustParseAddrPort(away)
		if k.NotifyAlive(nodeOf(c, key)) == nil {
			t.Errorf("a member at %s was taken", away)
		}
	}
}

func TestCheckerRefusesOldEpochs(t *testing.T) {
	k, _, _ := testChecker(t)
	who, key := signer("a")
	c := card{claim: who, epoch: 7, gossip: netip.MustParseAddrPort("10.0.0.1:7946"), port: 8080}
	old := c
	old.epoch = 6
	if err := k.NotifyAlive(nodeOf(c, key)); err != nil {
		t.Fatal(err)
	}
	if k.NotifyAlive(nodeOf(old, key)) == nil {
		t.Error("a card of an earlier life was taken")
	}
}

func TestCheckerFindsOutThatOurCounterWasSetBack(t *testing.T) {
	k, _, _ := testChecker(t)
	self, key := signer("self")
	c := card{claim: self, epoch: 9, gossip: netip.MustParseAddrPort("10.0.0.1:7946"), port: 8080}
	_, otherKey := signer("b")
	if k.NotifyAlive(nodeOf(c, otherKey)) == nil || k.overtaken.Load() != 0 {
		t.Error("a forged card of ours was believed")
	}
	if k.NotifyAlive(nodeOf(c, key)) == nil || k.overtaken.Load() != 9 {
		t.Error("a card of ours from another life must be refused and noted")
	}
}

func TestFloodOfInventedMembersMeetsCaps(t *testing.T) {
	k, b, r := testChecker(t)
	take := func(seed string, ip netip.Addr) bool {
		who, key := signer(seed)
		c := card{claim: who, epoch: 1, gossip: netip.AddrPortFrom(ip, 7946), port: 8080}
		if k.NotifyAlive(nodeOf(c, key)) != nil {
			return false
		}
		r.add(member{card: c, node: *nodeOf(c, key)})
		return true
	}
	k.strangers.SetBurst(1000)
	k.strangers.SetLimit(1e9)
	for n := range 50 {
		take("same"+string(rune('a'+n)), spot(1).Addr())
	}
	if r.count() != perAddress {
		t.Errorf("%d members at one address", r.count())
	}
	for n := range 200 {
		take("far"+string(rune('a'+n)), spot(100+n).Addr())
	}
	if r.count() != strangerCap {
		t.Errorf("%d strangers among members", r.count())
	}
	b.verified(candidate{spot: spot(900)}, selfOf("friend"))
	if !take("friend", spot(900).Addr()) {
		t.Error("strangers keep out a hub that the book knows")
	}
}
