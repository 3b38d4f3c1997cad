package mesh

import (
	"log"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/mdns"
)

// beacons answer multicast questions, one server for each link. The library answers by unicast
// only and says no good-bye; that is enough for hubs, which treat every answer as a guess, and not
// for phones, which need the router's own name service.
type beacons struct {
	m       *Mesh
	quiet   *log.Logger
	key     string // what the servers were started for
	servers []*mdns.Server
}

// beaconAddrs bounds the addresses in the text record, which must stay under 255 bytes.
const beaconAddrs = 4

func newBeacons(m *Mesh, quiet *log.Logger) *beacons { return &beacons{m: m, quiet: quiet} }

// stale tells whether the servers tell of other links or ports than there are now.
func (b *beacons) stale(list []link) bool { return b.key != b.keyFor(list) }

func (b *beacons) keyFor(list []link) string {
	key := b.m.Gossip()
	for _, l := range list {
		for _, p := range l.nets {
			key += " " + l.Name + "=" + p.String()
		}
	}
	return key
}

// update starts the servers anew if they are stale.
func (b *beacons) update(list []link) {
	key := b.keyFor(list)
	if key == b.key {
		return
	}
	b.close()
	b.key = key
	for _, l := range list {
		if err := b.start(l, list); err != nil {
			b.m.o.Log.Debug("mesh: cannot answer multicast questions", "link", l.Name, "err", err)
		}
	}
}

func (b *beacons) start(l link, all []link) error {
	var ips []net.IP
	for _, p := range l.nets {
		ips = append(ips, p.Addr().AsSlice())
	}
	// The library compares names byte by byte, and escapes all but letters, digits and hyphens.
	name := strings.ToLower(b.m.self.id)
	zone, err := mdns.NewMDNSService(name, service, "local.", "hub-"+name+".local.", b.m.o.Port, ips, b.text(all))
	if err != nil {
		return err
	}
	server, err := mdns.NewServer(&mdns.Config{Zone: zone, Iface: &l.Interface, Logger: b.quiet})
	if err != nil {
		return err
	}
	b.servers = append(b.servers, server)
	return nil
}

// text is the TXT record: v, the version; id; g, the gossip port; a, the addresses.
func (b *beacons) text(all []link) []string {
	var addrs []string
	for _, l := range all {
		for _, p := range l.nets {
			addrs = append(addrs, p.Addr().String())
		}
	}
	// IPv4 first: shorter, and where a hub has both, the one that neighbours share most likely.
	slices.SortStableFunc(addrs, func(x, y string) int { return order(x) - order(y) })
	addrs = addrs[:min(len(addrs), beaconAddrs)]
	return []string{"v=1", "id=" + b.m.self.id, "g=" + portOf(b.m.Gossip()), "a=" + strings.Join(addrs, ",")}
}

func order(ip string) int {
	if a, err := netip.ParseAddr(ip); err == nil && a.Is4() {
		return 0
	}
	return 1
}

func (b *beacons) close() {
	for _, s := range b.servers {
		_ = s.Shutdown() // never reports anything
	}
	b.servers, b.key = nil, ""
}
