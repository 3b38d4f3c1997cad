package mesh

import (
	"context"
	"io"
	"log"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/mdns"
)

const (
	service    = "_commonhub._tcp"
	askFirst   = 400 * time.Millisecond  // how long answers to the first question are waited for
	askFor     = 1500 * time.Millisecond // and to later ones, for slow links
	askEvery   = time.Minute
	linksEvery = 10 * time.Second
	answerCap  = 64
)

// find asks and answers on every link until ctx ends: soon after the start and after any change of
// the links, and then about once a minute. The jitter keeps hubs that a power cut started together
// from asking together.
func (m *Mesh) find(ctx context.Context) {
	quiet := log.New(io.Discard, "", 0) // it logs every packet of others that it cannot read
	beacons := newBeacons(m, quiet)
	defer beacons.close()
	tick := time.NewTicker(linksEvery)
	defer tick.Stop()
	asks := time.NewTimer(0)
	defer asks.Stop()
	asked := 0
	for {
		select {
		case <-asks.C:
			list := links()
			beacons.update(list)
			m.ask(ctx, list, asked == 0, quiet)
			asked++
			asks.Reset(pause(asked))
		case <-tick.C:
			if beacons.stale(links()) {
				asked = 0
				asks.Reset(0)
			}
		case <-ctx.Done():
			return
		}
	}
}

// pause is the time until the next question: they go out at 0, 1 and 4 s, and then every minute.
func pause(asked int) time.Duration {
	switch asked {
	case 1:
		return time.Second
	case 2:
		return 3 * time.Second
	}
	return askEvery*8/10 + rand.N(askEvery*4/10)
}

// ask puts one question on every link, over IPv4 and IPv6 apart: the library fails altogether when
// one of them cannot be sent, and IPv4 multicast fails on a machine without a multicast route.
func (m *Mesh) ask(ctx context.Context, list []link, first bool, quiet *log.Logger) {
	var asking sync.WaitGroup
	for _, l := range list {
		for _, v6 := range []bool{false, true} {
			q := mdns.QueryParam{
				Service: service, Domain: "local", Timeout: askFor, Interface: &l.Interface,
				DisableIPv4: v6, DisableIPv6: !v6, Logger: quiet,
			}
			if first {
				q.Timeout = askFirst
			}
			asking.Go(func() { m.askLink(ctx, l, q) })
		}
	}
	asking.Wait()
}

func (m *Mesh) askLink(ctx context.Context, l link, q mdns.QueryParam) {
	answers := make(chan *mdns.ServiceEntry, answerCap)
	q.Entries = answers
	if err := mdns.QueryContext(ctx, &q); err != nil {
		m.o.Log.Debug("mesh: cannot ask by multicast", "link", l.Name, "v6", q.DisableIPv4, "err", err)
	}
	// The library goes on writing to entries that it has sent, and never closes the channel: they
	// may be read only now, and only as many as are there.
	for range len(answers) {
		for _, c := range candidates(<-answers, l) {
			if c.id != m.self.id && m.allow.has(c.spot.Addr()) && m.book.note(c) {
				m.poke()
			}
		}
	}
}

// candidates reads one answer. An answer may tell of any address; those on the link where it was
// heard are taken, and others are somebody's wish to make us call there.
func candidates(e *mdns.ServiceEntry, l link) []candidate {
	instance, ok := strings.CutSuffix(strings.ToLower(e.Name), "."+service+".local.")
	text := fields(e.InfoFields)
	if !ok || text["v"] != "1" || !validID(text["id"]) || !strings.EqualFold(text["id"], instance) {
		return nil
	}
	if e.Port < 1 || e.Port > 65535 {
		return nil
	}
	var list []candidate
	for _, ip := range told(e, text["a"]) {
		if l.reaches(ip) {
			list = append(list, candidate{spot: netip.AddrPortFrom(ip, uint16(e.Port)), id: text["id"]})
		}
	}
	return list[:min(len(list), 1)] // one way to a hub is enough
}

// told gives the addresses of an answer. The library keeps only the last address record of a
// reply, and a hub on two links answers twice, so hubs list their addresses in the text as well.
func told(e *mdns.ServiceEntry, text string) []netip.Addr {
	var list []netip.Addr
	for _, s := range strings.SplitN(text, ",", beaconAddrs+1) {
		if ip, err := netip.ParseAddr(s); err == nil {
			list = append(list, ip.Unmap())
		}
	}
	for _, raw := range [][]byte{e.AddrV4, e.AddrV6} {
		if ip, ok := netip.AddrFromSlice(raw); ok && !slices.Contains(list, ip.Unmap()) {
			list = append(list, ip.Unmap())
		}
	}
	return list
}

func (l link) reaches(ip netip.Addr) bool {
	return slices.ContainsFunc(l.nets, func(p netip.Prefix) bool { return p.Contains(ip) && p.Addr() != ip })
}

// fields reads the "key=value" strings of a TXT record (RFC 6763, section 6).
func fields(list []string) map[string]string {
	m := map[string]string{}
	for _, s := range list {
		key, value, _ := strings.Cut(s, "=")
		if _, twice := m[key]; !twice {
			m[key] = value
		}
	}
	return m
}

func portOf(addr string) string {
	if a, err := netip.ParseAddrPort(addr); err == nil {
		return strconv.Itoa(int(a.Port()))
	}
	return ""
}
