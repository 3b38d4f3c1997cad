package hubtest

import "testing"

// Bridge is a link that hosts in network namespaces share, with no way out. The test's own machine is not on it.
type Bridge struct {
	t     testing.TB
	space string
	hosts int
}

// NewBridge makes a bridge, which goes with the test. It needs root and the program ip.
func NewBridge(t testing.TB) *Bridge {
	t.Helper()
	b := &Bridge{t: t, space: NewSpace(t, "bridge")}
	IP(t, "-n %s link add br0 type bridge", b.space)
	IP(t, "-n %s link set br0 up", b.space)
	return b
}

// Host adds a host with the address 10.77.0.N and returns its namespace.
func (b *Bridge) Host(name string) string {
	b.t.Helper()
	b.hosts++
	space := NewSpace(b.t, name)
	IP(b.t, "link add to-%s netns %s type veth peer name eth0 netns %s", name, b.space, space)
	IP(b.t, "-n %s link set to-%s master br0 up", b.space, name)
	IP(b.t, "-n %s addr add 10.77.0.%d/24 dev eth0", space, b.hosts)
	IP(b.t, "-n %s link set eth0 up", space)
	IP(b.t, "-n %s route add default dev eth0", space) // multicast leaves by the default route's link
	return space
}
