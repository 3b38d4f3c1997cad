// Package lab builds hosts in network namespaces and links between them that lose, delay and cut what passes, so that a test
// describes a topology and its weather in a few lines:
//
//	l := lab.Line(t, 5, lab.Link{Loss: 5, Delay: 50 * time.Millisecond})
//	hub := hubtest.Start(t, hubtest.Options{Namespace: l.Space(1), ...})
//	l.Cut(2, 3)
//	l.Heal(2, 3)
//
// Hosts are numbered from 1. Host i has the address 10.88.0.i, on its loopback, whatever links it has, and forwards for others. A
// link joins two hosts by a pair of TAP devices; this process carries the frames from one to the other. Many kernels of routers and
// build servers lack netem, and with it nobody could tell the two directions of one link apart. Nothing touches the machine's own
// network, so labs may run beside each other; all of a lab ends with its test.
package lab

import (
	"fmt"
	"os"
	"testing"

	"commonhub/hub/hubtest"
)

// Lab is a set of hosts and links. Cut, OneWay, Heal and Change may be called from any goroutine; the rest belongs to the test's own.
type Lab struct {
	t     testing.TB
	space []string
	wires map[pair]*wire
}

// pair is a link by its ends, the lower one first.
type pair struct{ low, high int }

func between(i, j int) pair { return pair{min(i, j), max(i, j)} }

// New makes hosts without links. It needs root, the program ip and /dev/net/tun.
func New(t testing.TB, hosts int) *Lab {
	t.Helper()
	hubtest.NeedFile(t, tunDevice)
	l := &Lab{t: t, wires: map[pair]*wire{}}
	for i := 1; i <= hosts; i++ {
		space := hubtest.NewSpace(t, fmt.Sprint("lab", i))
		l.space = append(l.space, space)
		hubtest.IP(t, "-n %s addr add %s/32 dev lo", space, l.Address(i))
		l.forward(space)
	}
	return l
}

// forward lets a host pass on what is not for itself. /proc/sys/net is that of the thread which opens the file.
func (l *Lab) forward(space string) {
	err := hubtest.Within(space, func() error {
		return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// Line makes hosts in a row, each linked with the next, and routes between all of them.
func Line(t testing.TB, hosts int, link Link) *Lab {
	t.Helper()
	l := New(t, hosts)
	for i := 1; i < hosts; i++ {
		l.Join(i, i+1, link)
	}
	l.Route()
	return l
}

// Space is the network namespace of a host.
func (l *Lab) Space(i int) string { return l.space[i-1] }

// Address is the address of a host.
func (l *Lab) Address(i int) string { return fmt.Sprintf("10.88.0.%d", i) }

// Join links two hosts with each other. They reach each other at once, and others after Route.
func (l *Lab) Join(i, j int, link Link) {
	l.t.Helper()
	p := between(i, j)
	ends := [2]end{{l.Space(p.low), device(p.high)}, {l.Space(p.high), device(p.low)}}
	w, err := newWire(ends, link)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(w.close)
	l.wires[p] = w
	for n, e := range ends {
		w.address[n] = fmt.Sprintf("10.88.%d.%d", len(l.wires), n+1)
		hubtest.IP(l.t, "-n %s addr add %s/30 dev %s", e.space, w.address[n], e.device)
		hubtest.IP(l.t, "-n %s link set %s up", e.space, e.device)
	}
	l.route(p.low, p.high, p.high)
	l.route(p.high, p.low, p.low)
}

// device is the name of an interface that leads to host j.
func device(j int) string { return fmt.Sprint("to", j) }
