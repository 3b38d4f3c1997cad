package mesh

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// guard stands between the link and memberlist, as its transport. Nothing reaches memberlist
// that was not read whole, within bounds, and found to be of a shape that costs no more than its
// length. memberlist's stock transport lets 33 bytes allocate 115 MB.
//
// It is bound to the advertised address, so that the source of what we send is the address that
// others know us by, which their guards compare.
type guard struct {
	addr    netip.AddrPort
	rules   packetRules
	net     sockets
	tcp     net.Listener
	udp     datagrams
	packets chan *memberlist.Packet
	streams chan net.Conn
	meter   *meter
	pinged  atomic.Int64 // Unix seconds of the last ping that reached us
	buried  atomic.Bool  // we were said to be dead, under a number that memberlist cannot top

	ctx   context.Context // ends with Shutdown, and all streams with it
	stop  context.CancelFunc
	tasks sync.WaitGroup
}

var _ memberlist.NodeAwareTransport = (*guard)(nil)

// openGuard listens on addr, TCP and UDP on one port.
func openGuard(addr netip.AddrPort, from sockets, rules packetRules) (*guard, error) {
	tcp, udp, err := from.listen(addr)
	if err != nil {
		return nil, err
	}
	g := &guard{
		addr: unmap(tcp.Addr().(*net.TCPAddr).AddrPort()), rules: rules, net: from, tcp: tcp, udp: udp,
		packets: make(chan *memberlist.Packet), streams: make(chan net.Conn),
		meter: newMeter(addr.Addr().IsLoopback()),
	}
	g.ctx, g.stop = context.WithCancel(context.Background())
	g.pinged.Store(time.Now().Unix())
	g.tasks.Go(g.readPackets)
	g.tasks.Go(g.acceptStreams)
	return g, nil
}

// readPackets has one buffer for all packets; what is handed on is an exact copy, because
// memberlist keeps it.
func (g *guard) readPackets() {
	buf := make([]byte, datagramCap)
	for {
		n, from, err := g.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			if g.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			g.rest() // such as an ICMP error for what we sent before
			continue
		}
		if !g.passes(buf[:n], unmap(from)) {
			continue
		}
		p := &memberlist.Packet{Buf: bytes.Clone(buf[:n]), From: net.UDPAddrFromAddrPort(unmap(from)), Timestamp: time.Now()}
		select {
		case g.packets <- p:
		case <-g.ctx.Done():
			return
		}
	}
}

func (g *guard) passes(b []byte, from netip.AddrPort) bool {
	if len(b) > packetSize || !g.rules.allow.has(from.Addr()) || !g.meter.packet(from.Addr()) {
		return false
	}
	cost, err := g.rules.check(b, from)
	if err != nil || !g.meter.dear(from.Addr(), cost) {
		return false
	}
	if cost.pings > 0 {
		g.pinged.Store(time.Now().Unix())
	}
	if cost.buried {
		g.buried.Store(true)
	}
	return true
}

func (g *guard) acceptStreams() {
	for {
		conn, err := g.tcp.Accept()
		if g.ctx.Err() != nil {
			if conn != nil {
				conn.Close()
			}
			return
		}
		if err != nil {
			g.rest() // out of file descriptors, most likely: others may close some
			continue
		}
		from := unmap(conn.RemoteAddr().(*net.TCPAddr).AddrPort()).Addr()
		if !g.rules.allow.has(from) {
			conn.Close()
			continue
		}
		place := g.meter.enter(from)
		if place == nil {
			conn.Close()
			continue
		}
		g.tasks.Go(func() { g.admit(conn, place) })
	}
}

// overhear reads what the others hold of us in a push/pull. Hubs that told each other of a death tell it in packets no more.
func (g *guard) overhear(member []field) {
	if g.rules.buries(member, "Name") {
		g.buried.Store(true)
	}
}

// rest keeps a loop whose errors do not end from burning the processor.
func (g *guard) rest() {
	select {
	case <-time.After(50 * time.Millisecond):
	case <-g.ctx.Done():
	}
}

// admit reads the first message and hands the stream on. The place that enter gave is free again
// when memberlist closes the stream.
func (g *guard) admit(conn net.Conn, place *account) {
	unhook := context.AfterFunc(g.ctx, func() { conn.Close() })
	release := sync.OnceFunc(func() { unhook(); g.meter.leave(place) })
	c := &checked{Conn: conn, release: release}
	conn.SetDeadline(time.Now().Add(streamTime))
	message, err := readOpening(conn, g.overhear)
	if err != nil {
		c.Close()
		return
	}
	c.message = bytes.NewReader(message)
	select {
	case g.streams <- c:
	case <-g.ctx.Done():
		c.Close()
	}
}

// PacketCh is where memberlist takes packets from.
func (g *guard) PacketCh() <-chan *memberlist.Packet { return g.packets }

// StreamCh is where memberlist takes streams from.
func (g *guard) StreamCh() <-chan net.Conn { return g.streams }

// Shutdown closes the listeners and all streams, and returns when nothing of ours runs any more.
func (g *guard) Shutdown() error {
	g.stop()
	err := errors.Join(g.tcp.Close(), g.udp.Close())
	g.tasks.Wait()
	return err
}
