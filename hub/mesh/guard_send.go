package mesh

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/hashicorp/memberlist"
)

// FinalAdvertiseAddr tells memberlist the address that we are bound to.
func (g *guard) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return g.addr.Addr().AsSlice(), int(g.addr.Port()), nil
}

// WriteTo sends a packet, if it goes where peers may live.
func (g *guard) WriteTo(b []byte, addr string) (time.Time, error) {
	to, err := g.peer(addr)
	if err != nil {
		return time.Time{}, err
	}
	_, err = g.udp.WriteToUDPAddrPort(b, to)
	if g.ctx.Err() != nil {
		err = nil // memberlist stops its timers after its transport, and would log what is no error
	}
	return time.Now(), err
}

// WriteToAddress is WriteTo; names say nothing to the guard.
func (g *guard) WriteToAddress(b []byte, a memberlist.Address) (time.Time, error) {
	return g.WriteTo(b, a.Addr)
}

// DialTimeout opens a stream to where peers may live, from the address that they know us by.
func (g *guard) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	to, err := g.peer(addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(g.ctx, timeout)
	defer cancel()
	conn, err := g.net.dial(ctx, g.addr.Addr(), to)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(time.Now().Add(streamTime))
	unhook := context.AfterFunc(g.ctx, func() { conn.Close() })
	return &dialled{Conn: conn, overhear: g.overhear, release: func() { unhook() }}, nil
}

// DialAddressTimeout is DialTimeout; names say nothing to the guard.
func (g *guard) DialAddressTimeout(a memberlist.Address, timeout time.Duration) (net.Conn, error) {
	return g.DialTimeout(a.Addr, timeout)
}

func (g *guard) peer(addr string) (netip.AddrPort, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return to, fmt.Errorf("mesh: %w", err)
	}
	if to = unmap(to); !g.rules.allow.has(to.Addr()) || to.Port() == 0 {
		return to, fmt.Errorf("mesh: no peer can live at %s", to)
	}
	return to, nil
}
