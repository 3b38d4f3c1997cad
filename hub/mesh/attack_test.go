package mesh

import (
	"bytes"
	"compress/lzw"
	"crypto/ed25519"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"

	"commonhub/hub/hubtest"
)

// attacker is somebody on the link who holds no key of any hub. It knows what every member knows, for it may ask any of them.
type attacker struct {
	t     testing.TB
	space string     // network namespace that it speaks from, "" is the test's own
	ip    netip.Addr // its address there
	hubs  []string   // gossip addresses of those whom it attacks
	third netip.Addr // somebody who has nothing to do with gossip
	away  string     // the namespace where that one is
}

// attack is one thing that a hostile neighbour can do.
type attack struct {
	name string
	do   func(a *attacker)
}

const maxIncarnation = uint32(1<<32 - 1)

// attacks are what was measured to fell hubs that put memberlist on an open link.
var attacks = []attack{
	{"push/pull that claims a million members", func(a *attacker) { a.streams(20, pushPull(1<<20, 0)) }},
	{"push/pull that claims 20 MB of state", func(a *attacker) { a.streams(20, pushPull(0, 20<<20)) }},
	{"user message that claims 20 MB", func(a *attacker) { a.streams(20, message(typeUser, "UserMsgLen", 20<<20)) }},
	{"packets that unpack to 40 MB", func(a *attacker) {
		for _, size := range []int{1300, 31 << 10} {
			a.packets(100, 1000, labelled(message(typeCompress, "Algo", 0, "Buf", bomb(size))))
		}
	}},
	{"stream that unpacks to 40 MB", func(a *attacker) {
		a.streams(20, message(typeCompress, "Algo", 0, "Buf", bomb(31<<10)))
	}},
	{"20,000 invented members with long metadata", func(a *attacker) { a.invent(20_000, false) }},
	{"2,000 invented members with keys and signatures", func(a *attacker) { a.invent(2_000, true) }},
	{"member with delegate version 200", func(a *attacker) {
		a.packets(20, 100, labelled(a.member("futurist", 200, maxIncarnation)))
	}},
	{"forged leave, and then alive at another address", (*attacker).kidnap},
	{"alive with the highest incarnation", func(a *attacker) { a.forge(typeAlive, maxIncarnation) }},
	{"ping and indirect ping that would disturb a third party", (*attacker).reflect},
	{"pings, 50 a second", func(a *attacker) { a.packets(300, 50, labelled(message(typePing, "SeqNo", 1))) }},
	{"pings, 1000 a second", func(a *attacker) { a.packets(6000, 1000, labelled(message(typePing, "SeqNo", 1))) }},
}

// typeCompress is what the guard refuses.
const typeCompress = 9

// dial connects to a hub from where the attacker is.
func (a *attacker) dial(network, address string) net.Conn {
	a.t.Helper()
	conn, err := hubtest.DialFrom(a.t.Context(), a.space, network, address)
	if err != nil {
		a.t.Fatal(err)
	}
	return conn
}

// streams opens streams to every hub, two at a time, sends each the message and waits until the hub hangs up.
func (a *attacker) streams(n int, message []byte) {
	a.t.Helper()
	for range n / 2 {
		var open []net.Conn
		for _, hub := range a.hubs {
			for range 2 {
				conn := a.dial("tcp", hub)
				conn.Write(labelled(message)) // the hub may hang up before it has read all
				open = append(open, conn)
			}
		}
		for _, conn := range open {
			conn.SetReadDeadline(time.Now().Add(patience))
			if _, err := conn.Read(make([]byte, 1)); err == nil {
				a.t.Error("a bomb was answered")
			}
			conn.Close()
		}
	}
}

// packets sends every hub n packets at a rate per second; the messages take turns.
func (a *attacker) packets(n, rate int, messages ...[]byte) {
	a.t.Helper()
	var to []net.Conn
	for _, hub := range a.hubs {
		conn := a.dial("udp", hub)
		defer conn.Close()
		to = append(to, conn)
	}
	batch := max(1, rate/100)
	tick := time.NewTicker(time.Second * time.Duration(batch) / time.Duration(rate))
	defer tick.Stop()
	for sent := range n {
		if sent%batch == 0 {
			<-tick.C
		}
		for _, conn := range to {
			conn.Write(messages[sent%len(messages)]) // a hub that restarts refuses some
		}
	}
}

// bomb is that many bytes of LZW, as memberlist compresses, which unpack to as many zeros as they can.
func bomb(size int) []byte {
	var b bytes.Buffer
	w := lzw.NewWriter(&b, lzw.LSB, 8)
	for zeros := make([]byte, 4096); b.Len() < size-64; {
		w.Write(zeros) // a buffer takes all
	}
	w.Close()
	return b.Bytes()[:min(size, b.Len())]
}

// invent floods hubs with members that do not exist, by packets and by push/pull.
func (a *attacker) invent(n int, signed bool) {
	var alive, state [][]byte
	for i := range n {
		name, meta := fmt.Sprintf("invented-%d", i), make([]byte, 400)
		ip := netip.AddrFrom4([4]byte{10, 200, byte(i >> 8), byte(i)})
		if signed {
			id, key := keyOf(name)
			c := card{claim: newClaim(id, key.Public().(ed25519.PublicKey)), epoch: 1, gossip: netip.AddrPortFrom(ip, 7946), port: 8080}
			name, meta = c.name(), c.meta(key)
		}
		alive = append(alive, labelled(aliveMessage(name, netip.AddrPortFrom(ip, 7946), meta, 1, 0)))
		state = append(state, pack("Name", name, "Addr", ip.AsSlice(), "Port", 7946, "Meta", meta, "Incarnation", 1, "State", 0, "Vsn", versions(0)))
	}
	a.packets(n, max(1000, n/4), alive...)
	for ; len(state) > 0; state = state[min(len(state), 800):] {
		few := state[:min(len(state), 800)]
		for _, hub := range a.hubs {
			conn := a.dial("tcp", hub)
			conn.Write(labelled(pushPull(len(few), 0, few...)))
			conn.Close()
		}
	}
}

// versions are those that a member claims to speak, in memberlist's order: protocol min, max, current, and the delegate's.
func versions(delegate byte) []byte {
	return []byte{memberlist.ProtocolVersionMin, memberlist.ProtocolVersionMax, memberlist.ProtocolVersion2Compatible, 0, delegate, 0}
}

func aliveMessage(name string, at netip.AddrPort, meta []byte, incarnation uint32, delegate byte) []byte {
	return message(typeAlive, "Incarnation", incarnation, "Node", name, "Addr", at.Addr().AsSlice(), "Port", int(at.Port()),
		"Meta", meta, "Vsn", versions(delegate))
}

// member is the card of a hub that the attacker made up and signed, at its own address.
func (a *attacker) member(seed string, delegate byte, incarnation uint32) []byte {
	id, key := keyOf(seed)
	at := netip.AddrPortFrom(a.ip, 7946)
	c := card{claim: newClaim(id, key.Public().(ed25519.PublicKey)), epoch: 1, gossip: at, port: 8080}
	return aliveMessage(c.name(), at, c.meta(key), incarnation, delegate)
}

// spied is a member as a hub tells of it to anyone.
type spied struct {
	name  string
	at    netip.AddrPort
	meta  []byte
	alive bool
}

// spy asks the first hub for all members, as everyone may.
func (a *attacker) spy() []spied {
	a.t.Helper()
	var answer []byte
	hubtest.Until(a.t, "a hub tells its members", func() bool { // not before it has a stream to spare for us
		conn := a.dial("tcp", a.hubs[0])
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(streamTime))
		conn.Write(labelled(pushPull(0, 0)))
		answer, _ = readReply(conn)
		return len(answer) > 0
	})
	t := tape{r: bytes.NewReader(answer[1:]), max: streamSize}
	head, err := t.flat()
	if err != nil {
		a.t.Fatal(err)
	}
	n, _ := number(head, "Nodes", streamNodes)
	var list []spied
	for range n {
		fields, err := t.flat()
		if err != nil {
			a.t.Fatal(err)
		}
		port, _ := number(fields, "Port", 65535)
		ip, _ := netip.AddrFromSlice(raw(fields, "Addr"))
		state, _ := number(fields, "State", 255)
		list = append(list, spied{
			name: string(raw(fields, "Name")), at: netip.AddrPortFrom(ip.Unmap(), uint16(port)),
			meta: bytes.Clone(raw(fields, "Meta")), alive: state == int(memberlist.StateAlive),
		})
	}
	return list
}

// forge says something false of every member to every hub.
func (a *attacker) forge(kind byte, incarnation uint32) {
	a.t.Helper()
	var lies [][]byte
	for _, m := range a.spy() {
		if kind == typeAlive {
			lies = append(lies, labelled(aliveMessage(m.name, m.at, m.meta, incarnation, 0)))
		} else {
			lies = append(lies, labelled(message(kind, "Incarnation", incarnation, "Node", m.name, "From", m.name)))
		}
	}
	a.packets(3*len(lies), 100, lies...)
}

// kidnap says that members have left and live with the attacker now.
func (a *attacker) kidnap() {
	a.t.Helper()
	var lies [][]byte
	for _, m := range a.spy() {
		lies = append(lies, labelled(message(typeDead, "Incarnation", uint32(1000), "Node", m.name, "From", m.name)),
			labelled(aliveMessage(m.name, netip.AddrPortFrom(a.ip, 7946), m.meta, 1001, 0)))
	}
	a.packets(3*len(lies), 100, lies...)
	for _, m := range a.spy() {
		if m.at.Addr() == a.ip && a.space != "" {
			a.t.Errorf("%s lives with the attacker now", m.name)
		}
	}
}

// reflect tries to have hubs send something to somebody else.
func (a *attacker) reflect() {
	a.t.Helper()
	var there net.PacketConn
	err := hubtest.Within(a.away, func() (err error) {
		there, err = net.ListenPacket("udp", netip.AddrPortFrom(a.third, 0).String())
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	defer there.Close()
	port := there.LocalAddr().(*net.UDPAddr).Port
	target := []any{"SeqNo", 1, "Target", a.third.AsSlice(), "Port", port, "Nack", true}
	source := []any{"SourceAddr", a.third.AsSlice(), "SourcePort", port, "SourceNode", "x"}
	a.packets(30, 100, labelled(message(typePing, append([]any{"SeqNo", 1}, source...)...)),
		labelled(message(typeIndirectPing, append(target, source...)...)), labelled(message(typeIndirectPing, target...)))
	there.SetReadDeadline(time.Now().Add(3 * time.Second)) // longer than a probe takes
	if n, from, err := there.ReadFrom(make([]byte, 1500)); err == nil {
		a.t.Errorf("%v has sent %d bytes to somebody who has nothing to do with it", from, n)
	}
}
