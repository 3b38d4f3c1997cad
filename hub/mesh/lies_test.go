package mesh

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/hashicorp/memberlist"

	"commonhub/hub/hubtest"
)

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
	c := card{claim: newClaim(id, key.Public().(ed25519.PublicKey)), epoch: 1, gossip: a.den(), port: 8080}
	return aliveMessage(c.name(), c.gossip, c.meta(key), incarnation, delegate)
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
		answer, _ = readReply(conn, passOver)
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
	victims := map[string]bool{}
	for _, m := range a.spy() {
		victims[m.name] = m.at.Addr() != a.ip || a.space == "" // in the test's own namespace all share one address
		lies = append(lies, labelled(message(typeDead, "Incarnation", uint32(1000), "Node", m.name, "From", m.name)),
			labelled(aliveMessage(m.name, a.den(), m.meta, 1001, 0)))
	}
	a.packets(3*len(lies), 100, lies...)
	for _, m := range a.spy() {
		if victims[m.name] && m.at == a.den() {
			a.t.Errorf("%s lives with the attacker now", m.name)
		}
	}
}

// den is where the attacker would gossip.
func (a *attacker) den() netip.AddrPort { return netip.AddrPortFrom(a.ip, 7946) }

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
