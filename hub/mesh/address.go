package mesh

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// allowed are the networks that peers may live in. Strangers name addresses to us, and we must
// not be talked into knocking at machines that are none of our neighbours.
type allowed []netip.Prefix

// allowedFor gives the private networks of RFC 1918, RFC 3927 and RFC 4193, or loopback alone
// for a mesh that listens there. Addresses that the operator named are allowed besides.
func allowedFor(listen netip.AddrPort, joins []netip.AddrPort) allowed {
	if listen.Addr().IsLoopback() {
		return allowed{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	var list allowed
	for _, s := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fd00::/8"} {
		list = append(list, netip.MustParsePrefix(s))
	}
	for _, spot := range append(joins, listen) {
		if ip := spot.Addr(); !ip.IsUnspecified() && !ip.IsLoopback() {
			list = append(list, netip.PrefixFrom(ip, ip.BitLen()))
		}
	}
	return list
}

func (a allowed) has(ip netip.Addr) bool {
	ip = ip.Unmap()
	return slices.ContainsFunc(a, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// all tells which of the operator's neighbours cannot be one: loopback and the network do not mix,
// for a hub on loopback tells others an address that is theirs, not its own.
func (a allowed) all(spots []netip.AddrPort) error {
	for _, spot := range spots {
		if !a.has(spot.Addr()) {
			return fmt.Errorf("mesh: cannot join %s: loopback neighbours need a loopback listen address, and others need another", spot)
		}
	}
	return nil
}

// nets is the same list in the shape that memberlist takes.
func (a allowed) nets() []net.IPNet {
	var list []net.IPNet
	for _, p := range a {
		mask := net.CIDRMask(p.Bits(), p.Addr().BitLen())
		list = append(list, net.IPNet{IP: p.Addr().AsSlice(), Mask: mask})
	}
	return list
}

// parseListen reads "ip:port" or ":port". A missing address becomes the IPv4 wildcard.
func parseListen(s string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("mesh: listen address %q: %w", s, err)
	}
	if host == "" {
		host = "0.0.0.0"
	}
	addr, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	if err != nil || addr.Addr().Zone() != "" {
		return netip.AddrPort{}, fmt.Errorf("mesh: listen address %q is not ip:port", s)
	}
	return addr, nil
}

// parseJoins reads "ip:port" and "http://ip:port". Names are refused: a hub has no resolver that
// it may rely on, and memberlist would ask the system's one over TCP.
func parseJoins(list []string) ([]netip.AddrPort, error) {
	var spots []netip.AddrPort
	for _, s := range list {
		spot, err := netip.ParseAddrPort(strings.TrimSuffix(strings.TrimPrefix(s, "http://"), "/"))
		if err != nil || spot.Port() == 0 || spot.Addr().Zone() != "" {
			return nil, fmt.Errorf("mesh: %q is not ip:port of a neighbour", s)
		}
		spots = append(spots, unmap(spot))
	}
	return spots, nil
}

// parseGossip reads what a hub says of its gossip listener; a missing address is that of its
// HTTP listener. The zero value means that it has none.
func parseGossip(s string, http netip.Addr) netip.AddrPort {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return netip.AddrPort{}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.IsUnspecified() {
		ip = http
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return netip.AddrPort{}
	}
	return unmap(netip.AddrPortFrom(ip, uint16(n)))
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// link is a network interface together with its addresses that others can be told.
type link struct {
	net.Interface
	nets []netip.Prefix // address and length, never IPv6 link-local: gossip cannot carry a zone
}

// links lists the interfaces that are up. It gives what it can: an interface may vanish while
// we ask for its addresses.
func links() []link {
	faces, _ := net.Interfaces()
	var list []link
	for _, face := range faces {
		if face.Flags&net.FlagUp == 0 || face.Flags&net.FlagLoopback != 0 {
			continue
		}
		if nets := routable(face); len(nets) > 0 {
			list = append(list, link{face, nets})
		}
	}
	return list
}

func routable(face net.Interface) []netip.Prefix {
	addrs, _ := face.Addrs()
	var nets []netip.Prefix
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil || p.Addr().Is6() && p.Addr().IsLinkLocalUnicast() {
			continue
		}
		nets = append(nets, p)
	}
	return nets
}

// pick chooses the address to gossip on, if there is one: the one given, or else the best that
// the machine has, staying with the one in use as long as it is there.
func pick(listen, now netip.Addr, allow allowed, links func() []link) (netip.Addr, bool) {
	if !listen.IsUnspecified() {
		return listen, true
	}
	best, found := netip.Addr{}, false
	lowest := 100
	for _, l := range links() {
		for _, p := range l.nets {
			ip := p.Addr()
			if ip == now {
				return now, true
			}
			if r := rank(l.Name, ip); allow.has(ip) && r < lowest {
				best, found, lowest = ip, true, r
			}
		}
	}
	return best, found
}

// rank orders addresses, best first: mesh interfaces, the router's own bridge, others, and last
// those that containers make; within each IPv4 before IPv6 before addresses that nobody assigned.
func rank(face string, ip netip.Addr) int {
	r := 20
	for prefix, n := range map[string]int{"bat": 0, "mesh": 0, "br-lan": 10, "docker": 30, "veth": 30, "virbr": 30} {
		if strings.HasPrefix(face, prefix) {
			r = n
		}
	}
	switch {
	case ip.IsLinkLocalUnicast():
		return r + 5
	case ip.Is6():
		return r + 1
	}
	return r
}
