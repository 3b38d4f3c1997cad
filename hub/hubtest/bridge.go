package hubtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Bridge is a link that hosts in network namespaces share, with no way out. The test's own machine is not on it.
type Bridge struct {
	t     testing.TB
	space string
	hosts int
}

// NewBridge makes a bridge, which goes with the test. It needs root and the program ip.
func NewBridge(t testing.TB) *Bridge {
	t.Helper()
	NeedRoot(t)
	Need(t, "ip")
	b := &Bridge{t: t}
	b.space = b.newSpace("bridge")
	b.ip("-n %s link add br0 type bridge", b.space)
	b.ip("-n %s link set br0 up", b.space)
	return b
}

// Host adds a host with the address 10.77.0.N and returns its namespace.
func (b *Bridge) Host(name string) string {
	b.t.Helper()
	b.hosts++
	space := b.newSpace(name)
	b.ip("-n %s link set lo up", space)
	b.ip("link add to-%s netns %s type veth peer name eth0 netns %s", name, b.space, space)
	b.ip("-n %s link set to-%s master br0 up", b.space, name)
	b.ip("-n %s addr add 10.77.0.%d/24 dev eth0", space, b.hosts)
	b.ip("-n %s link set eth0 up", space)
	b.ip("-n %s route add default dev eth0", space) // multicast leaves by the default route's link
	return space
}

// newSpace makes a namespace whose name no other test process has.
func (b *Bridge) newSpace(name string) string {
	b.t.Helper()
	name = fmt.Sprintf("hub%d-%s", os.Getpid(), name)
	b.ip("netns add %s", name)
	b.t.Cleanup(func() {
		if said, err := exec.Command("ip", "netns", "del", name).CombinedOutput(); err != nil {
			b.t.Errorf("ip netns del %s: %v %s", name, err, said)
		}
	})
	return name
}

func (b *Bridge) ip(format string, args ...any) {
	b.t.Helper()
	line := fmt.Sprintf(format, args...)
	if said, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		b.t.Fatalf("ip %s: %v\n%s", line, err, said)
	}
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// dialer dials inside a network namespace; "" is our own. A socket belongs to the namespace of the thread that opened it, so
// the thread that went over there must not come back: it ends with its goroutine, which never unlocks it.
func dialer(space string) dialFunc {
	if space == "" {
		return (&net.Dialer{}).DialContext
	}
	type dialled struct {
		conn net.Conn
		err  error
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		done := make(chan dialled, 1)
		go func() {
			runtime.LockOSThread()
			conn, err := dialFrom(ctx, space, network, address)
			done <- dialled{conn, err}
		}()
		d := <-done
		return d.conn, d.err
	}
}

// dialFrom moves the calling thread into the namespace for good.
func dialFrom(ctx context.Context, space, network, address string) (net.Conn, error) {
	f, err := os.Open("/run/netns/" + space)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("setns %s: %w", space, err)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}
