package mesh

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
)

// memoryNet is a network in memory, for hundreds of hubs in one process. Datagrams arrive at once, streams are pipes; nothing is lost
// but what a listener has no room for. It counts what real packets would have carried.
type memoryNet struct {
	mu        sync.Mutex // guards listeners
	listeners map[netip.AddrPort]*memoryListener

	datagrams, datagramBytes atomic.Int64 // with IPv4 and UDP headers
	streams, streamBytes     atomic.Int64 // payload, both ways
}

const (
	udpHeaders  = 20 + 8
	memoryQueue = 256 // datagrams, about what a socket of a small router buffers
)

func newMemoryNet() *memoryNet { return &memoryNet{listeners: map[netip.AddrPort]*memoryListener{}} }

// memoryListener is both sockets of one address. It is datagrams itself, and its streams are a net.Listener.
type memoryListener struct {
	net    *memoryNet
	at     netip.AddrPort
	queue  chan datagram
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

type datagram struct {
	from  netip.AddrPort
	bytes []byte
}

// memoryStreams is the other face of a memoryListener: both kinds of socket are closed apart.
type memoryStreams struct{ *memoryListener }

func (n *memoryNet) listen(at netip.AddrPort) (net.Listener, datagrams, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[at] != nil {
		return nil, nil, fmt.Errorf("%s is taken", at)
	}
	l := &memoryListener{net: n, at: at, queue: make(chan datagram, memoryQueue), calls: make(chan net.Conn), closed: make(chan struct{})}
	n.listeners[at] = l
	return memoryStreams{l}, l, nil
}

func (n *memoryNet) at(a netip.AddrPort) *memoryListener {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.listeners[a]
}

// dial waits until the other side accepts. Every stream comes from a port that nobody listens on.
func (n *memoryNet) dial(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	l := n.at(to)
	if l == nil {
		return nil, fmt.Errorf("nobody listens at %s", to)
	}
	n.streams.Add(1)
	near, far := net.Pipe()
	source := netip.AddrPortFrom(from, 40000)
	select {
	case l.calls <- &memoryConn{Conn: far, net: n, local: to, remote: source}:
		return &memoryConn{Conn: near, net: n, local: source, remote: to}, nil
	case <-l.closed:
		return nil, fmt.Errorf("nobody listens at %s any more", to)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *memoryListener) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-l.queue:
		return copy(b, d.bytes), d.from, nil
	case <-l.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (l *memoryListener) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	l.net.datagrams.Add(1)
	l.net.datagramBytes.Add(int64(len(b) + udpHeaders))
	if other := l.net.at(to); other != nil {
		select {
		case other.queue <- datagram{l.at, append([]byte(nil), b...)}:
		default: // lost, as in a full socket
		}
	}
	return len(b), nil
}

// Close ends both sockets; the second one finds it done.
func (l *memoryListener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.net.mu.Lock()
		defer l.net.mu.Unlock()
		delete(l.net.listeners, l.at)
	})
	return nil
}

func (s memoryStreams) Accept() (net.Conn, error) {
	select {
	case c := <-s.calls:
		return c, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s memoryStreams) Addr() net.Addr { return net.TCPAddrFromAddrPort(s.at) }

// memoryConn is one end of a pipe, with the addresses that guards compare.
type memoryConn struct {
	net.Conn
	net           *memoryNet
	local, remote netip.AddrPort
}

func (c *memoryConn) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.local) }
func (c *memoryConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

func (c *memoryConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.net.streamBytes.Add(int64(n))
	return n, err
}

var _ sockets = (*memoryNet)(nil)
