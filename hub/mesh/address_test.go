package mesh

import (
	"net"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/mdns"
)

func testLink(name string, nets ...string) link {
	l := link{Interface: net.Interface{Name: name}}
	for _, s := range nets {
		l.nets = append(l.nets, netip.MustParsePrefix(s))
	}
	return l
}

func TestPickPrefersTheMesh(t *testing.T) {
	wildcard := netip.MustParseAddr("0.0.0.0")
	allow := allowedFor(netip.AddrPortFrom(wildcard, 7946), nil)
	wan := testLink("eth0", "192.168.1.2/24", "2001:db8::2/64")
	lan := testLink("br-lan", "fd00::1/64", "10.1.0.1/24")
	mesh := testLink("bat0", "169.254.3.4/16")
	docker := testLink("docker0", "172.17.0.1/16")
	cases := []struct {
		name  string
		now   string
		links []link
		want  string
	}{
		{"router", "", []link{docker, wan, lan}, "10.1.0.1"},
		{"mesh", "", []link{docker, wan, lan, mesh}, "169.254.3.4"},
		{"mini PC", "", []link{docker, wan}, "192.168.1.2"},
		{"IPv6 only", "", []link{testLink("eth0", "2001:db8::2/64", "fd00::9/64")}, "fd00::9"},
		{"stays", "192.168.1.2", []link{lan, wan}, "192.168.1.2"},
		{"moves when it must", "192.168.1.9", []link{lan, wan}, "10.1.0.1"},
		{"public only", "", []link{testLink("eth0", "203.0.113.4/24")}, ""},
		{"none", "", nil, ""},
	}
	for _, c := range cases {
		now, _ := netip.ParseAddr(c.now)
		got, ok := pick(wildcard, now, allow, func() []link { return c.links })
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%s: picked %v, %v; want %q", c.name, got, ok, c.want)
		}
	}
}

func TestLoopbackAndTheNetworkDoNotMix(t *testing.T) {
	id, key := keyOf("a")
	for _, c := range []struct {
		listen, join string
		ok           bool
	}{
		{"127.0.0.1:0", "127.0.0.1:8080", true},
		{"127.0.0.1:0", "10.0.0.1:8080", false},
		{":0", "http://127.0.0.1:8080", false},
		{":0", "[::1]:8080", false},
		{":0", "10.0.0.1:8080", true},
		{":0", "http://203.0.113.7:8080/", true}, // the operator may name any network
		{":0", "hub.example:8080", false},
		{":0", "10.0.0.1", false},
		{":0", "[fe80::1%eth0]:8080", false},
		{"7946", "10.0.0.1:8080", false},
	} {
		o := Options{Dir: t.TempDir(), ID: id, Key: key, Listen: c.listen, Join: []string{c.join}, Port: 1, Look: look}
		if _, err := build(o); (err == nil) != c.ok {
			t.Errorf("listen %s, join %s: %v", c.listen, c.join, err)
		}
	}
}

func TestParseGossip(t *testing.T) {
	http := netip.MustParseAddr("10.0.0.1")
	for in, want := range map[string]string{
		":7946": "10.0.0.1:7946", "10.0.0.2:1": "10.0.0.2:1", "0.0.0.0:7946": "10.0.0.1:7946", "[::]:7946": "10.0.0.1:7946",
		"[fd00::1]:7946": "[fd00::1]:7946", "": "", "x": "", ":0": "", ":99999": "",
	} {
		if got := parseGossip(in, http); got.IsValid() != (want != "") || got.IsValid() && got.String() != want {
			t.Errorf("%q gives %v, want %q", in, got, want)
		}
	}
}

func TestMulticastAnswersAreReadWithCare(t *testing.T) {
	id, _ := keyOf("a")
	l := testLink("eth0", "10.0.0.1/24")
	good := func() *mdns.ServiceEntry {
		return &mdns.ServiceEntry{
			Name: id + "._commonhub._tcp.local.", Port: 8080, AddrV4: net.IPv4(10, 0, 0, 2),
			InfoFields: []string{"v=1", "id=" + id, "g=7946"},
		}
	}
	cases := []struct {
		name   string
		change func(*mdns.ServiceEntry)
		want   string
	}{
		{"as sent", func(*mdns.ServiceEntry) {}, "10.0.0.2:8080"},
		{"capitals", func(e *mdns.ServiceEntry) { e.Name = "X" + e.Name[1:]; e.InfoFields[1] = "id=X" + id[1:] }, "10.0.0.2:8080"},
		{"on two links", func(e *mdns.ServiceEntry) {
			e.AddrV4 = net.IPv4(10, 9, 9, 9)
			e.InfoFields = append(e.InfoFields, "a=10.9.9.9,10.0.0.3")
		}, "10.0.0.3:8080"},
		{"another service", func(e *mdns.ServiceEntry) { e.Name = id + "._ipp._tcp.local." }, ""},
		{"another version", func(e *mdns.ServiceEntry) { e.InfoFields[0] = "v=2" }, ""},
		{"another id inside", func(e *mdns.ServiceEntry) { e.InfoFields[1] = "id=aaaaaaaaaaaaaaaa" }, ""},
		{"no text", func(e *mdns.ServiceEntry) { e.InfoFields = nil }, ""},
		{"port 0", func(e *mdns.ServiceEntry) { e.Port = 0 }, ""},
		{"away from the link", func(e *mdns.ServiceEntry) { e.AddrV4 = net.IPv4(192, 168, 1, 1) }, ""},
		{"our own address", func(e *mdns.ServiceEntry) { e.AddrV4 = net.IPv4(10, 0, 0, 1) }, ""},
		{"loopback", func(e *mdns.ServiceEntry) { e.AddrV4 = net.IPv4(127, 0, 0, 1) }, ""},
		{"no address", func(e *mdns.ServiceEntry) { e.AddrV4 = nil }, ""},
	}
	for _, c := range cases {
		e := good()
		c.change(e)
		list := candidates(e, l)
		if len(list) > 1 || (len(list) == 1) != (c.want != "") || len(list) == 1 && list[0].spot.String() != c.want {
			t.Errorf("%s: %+v, want %q", c.name, list, c.want)
		}
	}
}

func TestEpochsOnlyGrow(t *testing.T) {
	dir := t.TempDir()
	clock := &testClock{time.Unix(1000, 0)}
	var last uint64
	for range 3 {
		e, err := openEpochs(filepath.Join(dir, "new"), clock.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, above := range []uint64{0, 0, last + 5} {
			n, err := e.next(above)
			if err != nil || n <= last || n <= above || last == 0 && n != 1001 {
				t.Errorf("epoch %d after %d, above %d: %v", n, last, above, err)
			}
			last = n
		}
		clock.Time = time.Unix(0, 0) // a hub without a battery
	}
}
