package hubtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// avahi is avahi-daemon on one host, with a D-Bus of its own, so that nothing of the machine's is touched.
type avahi struct {
	t     *testing.T
	space string
	dir   string
}

const avahiConf = `[server]
host-name=minipc
use-ipv4=yes
use-ipv6=yes
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=no
publish-workstation=no
`

const busConf = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_type="method_return"/><allow send_type="error"/><allow receive_type="method_call"/><allow receive_type="signal"/>
<allow receive_type="method_return"/><allow receive_type="error"/></policy></busconfig>
`

// startAvahi runs avahi-daemon in a namespace with one service file. What ip netns exec mounts is seen by the program it runs alone.
func startAvahi(t *testing.T, space, service string) *avahi {
	t.Helper()
	Need(t, "avahi-daemon", "avahi-browse", "dbus-daemon")
	dir, err := os.MkdirTemp("", "avahi") // a socket's path must be shorter than those of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	a := &avahi{t, space, dir}
	a.write("bus.conf", fmt.Sprintf(busConf, dir))
	a.write("avahi.conf", avahiConf)
	a.write("services/commonhub.service", service)
	a.run("dbus-daemon", "--config-file="+dir+"/bus.conf", "--nofork", "--nopidfile")
	Until(t, "the bus is there", func() bool { _, err := os.Stat(dir + "/bus"); return err == nil })
	a.run("ip", "netns", "exec", space, "sh", "-ec", `
		mount -t tmpfs none /run
		mkdir /run/avahi-daemon
		mount --bind "$0/services" /etc/avahi/services
		exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$0/avahi.conf"`, dir)
	return a
}

func (a *avahi) write(name, text string) {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		a.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
}

// run starts a program that ends with the test.
func (a *avahi) run(name string, args ...string) {
	a.t.Helper()
	cmd, said := a.command(a.t.Context(), name, args...), &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if a.t.Failed() {
			a.t.Logf("%s said:\n%s", name, said)
		}
	})
}

func (a *avahi) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS=unix:path="+a.dir+"/bus")
	return cmd
}

// lists tells whether avahi-browse -rtp lists a hub and resolves it to an address and port.
func (a *avahi) lists(id, address string) bool {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), 10*time.Second)
	defer cancel()
	out, _ := a.command(ctx, "avahi-browse", "-rtp", "_commonhub._tcp").Output() // fails until avahi-daemon is on the bus
	for line := range strings.Lines(string(out)) {
		f := strings.Split(line, ";")
		if len(f) > 9 && f[0] == "=" && f[3] == id && f[7] == address && f[8] == "8080" && strings.Contains(f[9], `"id=`+id+`"`) {
			return true
		}
	}
	return false
}

// TestAvahiAndHubsFindEachOther has three blocks: two whose hubs answer multicast themselves, and one on a mini PC where avahi does
// that for the hub, with the service file that we hand out.
func TestAvahiAndHubsFindEachOther(t *testing.T) {
	t.Parallel()
	link, program := NewBridge(t), Program(t)
	a := Start(t, Options{Program: program, Namespace: link.Host("a")})
	b := Start(t, Options{Program: program, Namespace: link.Host("b")})
	place := link.Host("minipc")
	c := Start(t, Options{Program: program, Namespace: place, Args: []string{"--mdns=off"}})
	if _, seen := a.Neighbour(c.ID()); seen {
		t.Error("a hub with --mdns=off was found before anybody answered for it")
	}
	service, err := os.ReadFile("../../firmware-notes/avahi/commonhub.service")
	if err != nil {
		t.Fatal(err)
	}
	_, group, _ := strings.Cut(string(service), "-->") // the comment speaks of ID too
	daemon := startAvahi(t, place, `<!DOCTYPE service-group SYSTEM "avahi-service.dtd">`+strings.ReplaceAll(group, "ID", c.ID()))

	start := time.Now()
	for h, address := range map[*Hub]string{a: "10.77.0.1", b: "10.77.0.2", c: "10.77.0.3"} {
		Until(t, "avahi-browse lists and resolves the hub at "+address, func() bool { return daemon.lists(h.ID(), address) })
	}
	Report(t, "avahi-browse listed and resolved three hubs after %v", time.Since(start).Round(time.Millisecond))
	a.Accept(c)
	c.Accept(b)
	Report(t, "a hub found the one that avahi publishes, and was found by it, after %v", time.Since(start).Round(time.Millisecond))
}
