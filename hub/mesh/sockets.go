package mesh

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// sockets is what a guard speaks through: the machine's network, or one in memory, where hundreds of
// hubs live in one process. All addresses that it hands out are IP addresses.
type sockets interface {
	// listen takes one port number for streams and datagrams; port 0 is any free one.
	listen(netip.AddrPort) (net.Listener, datagrams, error)
	dial(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error)
}

// datagrams is what a guard needs of a [net.UDPConn].
type datagrams interface {
	ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error)
	Close() error
}

// machine is the network of the machine.
type machine struct{}

// listen tries a few times with port 0: the number that TCP was given may be taken on UDP.
func (machine) listen(addr netip.AddrPort) (net.Listener, datagrams, error) {
	for try := 0; ; try++ {
		tcp, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addr))
		if err != nil {
			return nil, nil, fmt.Errorf("mesh: %w", err)
		}
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(tcp.Addr().(*net.TCPAddr).AddrPort()))
		if err == nil {
			return tcp, udp, nil
		}
		tcp.Close()
		if addr.Port() != 0 || try == 10 {
			return nil, nil, fmt.Errorf("mesh: %w", err)
		}
	}
}

// dial comes from the address that others know us by.
func (machine) dial(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: from.AsSlice()}}
	return d.DialContext(ctx, "tcp", to.String())
}
