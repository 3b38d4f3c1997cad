package mesh

import (
	"bytes"
	"compress/lzw"
	"net"
	"net/netip"
	"testing"
	"time"

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
}

// floods are the attacks that silence memberlist's own broadcasts.
var floods = []attack{
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
