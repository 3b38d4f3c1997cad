package mesh

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// needNamespaces skips a test that cannot make network namespaces here; where CI=true that fails.
func needNamespaces(t *testing.T) {
	t.Helper()
	why := ""
	if os.Getuid() != 0 {
		why = "making network namespaces needs root"
	} else if _, err := exec.LookPath("ip"); err != nil {
		why = "ip (iproute2) is missing"
	} else if probe := fmt.Sprintf("chm%dprobe", os.Getpid()); exec.Command("ip", "netns", "add", probe).Run() != nil {
		why = "network namespaces are not allowed here"
	} else {
		ip(t, "netns del %s", probe)
	}
	if why == "" {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func ip(t *testing.T, format string, args ...any) {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", line, err, out)
	}
}

// space makes a network namespace that goes when the test ends.
func space(t *testing.T, name string) string {
	t.Helper()
	name = fmt.Sprintf("chm%d%s", os.Getpid(), name)
	ip(t, "netns add %s", name)
	t.Cleanup(func() { exec.Command("ip", "netns", "del", name).Run() })
	return name
}

// hook makes a namespace with one interface on the bridge of sw.
func hook(t *testing.T, sw, name, addr string) string {
	t.Helper()
	ns := space(t, name)
	ip(t, "-n %s link set lo up", ns)
	ip(t, "link add p%s netns %s type veth peer name eth0 netns %s", name, sw, ns)
	ip(t, "-n %s link set p%s master br0 up", sw, name)
	ip(t, "-n %s addr add %s/24 dev eth0", ns, addr)
	ip(t, "-n %s link set eth0 up", ns)
	return ns
}

// spoken runs this test binary as a hub inside a namespace and gives the lines that it prints.
func spoken(t *testing.T, ns, seed string) <-chan string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "ip", "netns", "exec", ns, self)
	cmd.Env = append(os.Environ(), "MESH_TEST_SEED="+seed, "MESH_TEST_DIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	t.Cleanup(func() { stop(); <-done; cmd.Wait() })
	return lines
}

// awaitLines reads until all wanted lines have come, in whatever order.
func awaitLines(t *testing.T, lines <-chan string, wanted ...string) {
	t.Helper()
	deadline := time.After(patience)
	for len(wanted) > 0 {
		select {
		case line := <-lines:
			t.Log(line)
			wanted = slices.DeleteFunc(wanted, func(w string) bool { return w == line })
		case <-deadline:
			t.Fatalf("waited %v for %q", patience, wanted)
		}
	}
}

// A block without internet may well have no default route, and then IPv4 multicast cannot be
// joined, so both ways are tried.
func TestTwoHubsOnABridgeFindEachOtherByMulticast(t *testing.T) {
	needNamespaces(t)
	for name, route := range map[string]bool{"with a default route": true, "without any": false} {
		t.Run(name, func(t *testing.T) { findByMulticast(t, route) })
	}
}

func findByMulticast(t *testing.T, route bool) {
	sw := bridge(t)
	nsA, nsB := hook(t, sw, "a", "10.77.0.1"), hook(t, sw, "b", "10.77.0.2")
	if route {
		ip(t, "-n %s route add default dev eth0", nsA)
		ip(t, "-n %s route add default dev eth0", nsB)
	}
	start := time.Now()
	awaitBoth(t, spoken(t, nsA, "a"), spoken(t, nsB, "b"))
	t.Logf("both know each other and have an announcement after %v", time.Since(start))
}

func TestHubWaitsForANetwork(t *testing.T) {
	needNamespaces(t)
	sw := bridge(t)
	nsA, nsB := hook(t, sw, "a", "10.77.0.1"), hook(t, sw, "b", "10.77.0.2")
	ip(t, "-n %s link set eth0 down", nsA)
	a, b := spoken(t, nsA, "a"), spoken(t, nsB, "b")
	awaitLines(t, a, "started without gossip")
	ip(t, "-n %s link set eth0 up", nsA)
	start := time.Now()
	awaitBoth(t, a, b)
	t.Logf("%v after the cable was plugged in", time.Since(start))
}

func TestHubFollowsItsAddress(t *testing.T) {
	needNamespaces(t)
	sw := bridge(t)
	nsA, nsB := hook(t, sw, "a", "10.77.0.1"), hook(t, sw, "b", "10.77.0.2")
	a, b := spoken(t, nsA, "a"), spoken(t, nsB, "b")
	awaitBoth(t, a, b)
	ip(t, "-n %s addr del 10.77.0.1/24 dev eth0", nsA)
	ip(t, "-n %s addr add 10.77.0.9/24 dev eth0", nsA)
	start := time.Now()
	idA, _ := keyOf("a")
	awaitLines(t, b, "alive "+idA+" http://10.77.0.9:8080")
	t.Logf("found at its new address after %v", time.Since(start))
}

func bridge(t *testing.T) string {
	t.Helper()
	sw := space(t, "sw")
	ip(t, "-n %s link add br0 type bridge", sw)
	ip(t, "-n %s link set br0 up", sw)
	return sw
}

// awaitBoth waits until the hubs of the seeds a and b know each other and have heard an announcement.
func awaitBoth(t *testing.T, a, b <-chan string) {
	t.Helper()
	idA, _ := keyOf("a")
	idB, _ := keyOf("b")
	awaitLines(t, a, "alive "+idB+" http://10.77.0.2:8080", "hint "+idB+" http://10.77.0.2:8080 7")
	awaitLines(t, b, "alive "+idA+" http://10.77.0.1:8080", "hint "+idA+" http://10.77.0.1:8080 7")
}

// TestMain lets this binary be the hub that the test above runs in its namespaces.
func TestMain(m *testing.M) {
	if seed := os.Getenv("MESH_TEST_SEED"); seed != "" {
		beHub(seed)
	}
	os.Exit(m.Run())
}

// beHub finds others by multicast alone, prints what it hears and never returns.
func beHub(seed string) {
	id, key := keyOf(seed)
	dir, err := os.MkdirTemp(os.Getenv("MESH_TEST_DIR"), seed)
	if err != nil {
		log.Fatal(err)
	}
	m, err := Start(context.Background(), Options{
		Dir: dir, ID: id, Key: key, Listen: ":7946", Port: 8080, MDNS: true, Look: look,
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		log.Fatal(http.ListenAndServe(":8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			json.NewEncoder(w).Encode(Self{ID: id, Key: key.Public().(ed25519.PublicKey), Gossip: m.Gossip()})
		})))
	}()
	if m.Gossip() == "" {
		fmt.Println("started without gossip")
	}
	said := map[string]bool{}
	for {
		select {
		case h := <-m.Hints():
			fmt.Println("hint", h.ID, h.URL, h.Size)
		case <-time.After(50 * time.Millisecond):
		}
		for _, h := range m.Seen() {
			if line := "alive " + h.ID + " " + h.URL; h.Alive && h.Verified && !said[line] {
				said[line] = true
				fmt.Println(line)
				m.Announce(7)
			}
		}
	}
}
