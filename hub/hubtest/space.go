package hubtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// NewSpace makes a network namespace that goes with the test, and returns its name, which nobody else has. It needs root and the
// program ip.
func NewSpace(t testing.TB, name string) string {
	t.Helper()
	NeedRoot(t)
	Need(t, "ip")
	name = fmt.Sprintf("hub%d-%s-%s", os.Getpid(), name, strings.ToLower(rand.Text()[:6]))
	IP(t, "netns add %s", name)
	t.Cleanup(func() {
		if said, err := exec.Command("ip", "netns", "del", name).CombinedOutput(); err != nil {
			t.Errorf("ip netns del %s: %v %s", name, err, said)
		}
	})
	IP(t, "-n %s link set lo up", name)
	return name
}

// IP runs the program ip with the words of a line, and fails the test if ip refuses.
func IP(t testing.TB, format string, args ...any) {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	if said, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", line, err, said)
	}
}

// Within runs f on a thread that is inside a network namespace; "" is our own. A socket or device belongs for good to the
// namespace of the thread that opened it. f must not start goroutines that open more of them: those run on other threads.
func Within(space string, f func() error) error {
	if space == "" {
		return f()
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never back: the thread ends with this goroutine, so that nobody else finds it over there
		if err := enter(space); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}

// enter moves the calling thread into the namespace.
func enter(space string) error {
	f, err := os.Open("/run/netns/" + space)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("setns %s: %w", space, err)
	}
	return nil
}

// DialFrom dials from inside a network namespace; "" is our own. The address must be literal.
func DialFrom(ctx context.Context, space, network, address string) (conn net.Conn, err error) {
	err = Within(space, func() (err error) {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}
