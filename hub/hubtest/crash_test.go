package hubtest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// A crash test needs a process to kill. These are the roles that this test binary plays when a test starts it again.
const (
	roleVar     = "HUBTEST_ROLE"
	dirVar      = "HUBTEST_DIR"
	volatileVar = "HUBTEST_VOLATILE"
)

func TestMain(m *testing.M) {
	roles := map[string]func(dir string) error{"keep": keepDiaries, "inspect": inspect}
	role, ok := roles[os.Getenv(roleVar)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := role(os.Getenv(dirVar)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitCode(err))
	}
}

// play starts this binary in a role on a data folder.
func play(t *testing.T, role, dir string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	// The race detector waits a second before its process ends, which hundreds of short lives cannot afford.
	cmd.Env = append(append(os.Environ(), roleVar+"="+role, dirVar+"="+dir, "GORACE=atexit_sleep_ms=0"), env...)
	return cmd
}

// diarist is a process that writes a record; acks collects what it was told is durable.
type diarist struct {
	cmd    *exec.Cmd
	stderr strings.Builder
	done   chan struct{}

	mu   sync.Mutex
	acks []string // "index leaf" of events whose Do returned
}

// startDiarist runs the role "keep" and listens to its acknowledgements until it ends.
func startDiarist(t *testing.T, dir string, env ...string) *diarist {
	t.Helper()
	d := &diarist{cmd: play(t, "keep", dir, env...), done: make(chan struct{})}
	d.cmd.Stderr = &d.stderr
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go d.listen(out)
	t.Cleanup(func() { d.kill() })
	return d
}

func (d *diarist) listen(out io.Reader) {
	defer close(d.done)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		d.mu.Lock()
		d.acks = append(d.acks, lines.Text())
		d.mu.Unlock()
	}
}

func (d *diarist) acked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.acks[:len(d.acks):len(d.acks)]
}

// await waits for n acknowledgements; a diarist that ends by itself fails the test.
func (d *diarist) await(t *testing.T, n int) {
	t.Helper()
	Until(t, fmt.Sprintf("%d acknowledgements", n), func() bool {
		select {
		case <-d.done:
			t.Fatalf("the writing process ended by itself: %s", &d.stderr)
		default:
		}
		return len(d.acked()) >= n
	})
}

// kill ends the process with SIGKILL, and returns when its last acknowledgement has been read.
func (d *diarist) kill() {
	d.cmd.Process.Kill()
	<-d.done
	d.cmd.Wait()
}

// verdict is what an inspection of a data folder found.
type verdict struct {
	code int // 0, codeLost, or another failure
	said string
}

// inspectionTime bounds one inspection: a database whose pages are wrong may lead its reader in circles.
const inspectionTime = 30 * time.Second

// examine lets a process of its own open a folder after a crash and compare it with what was acknowledged.
func examine(t *testing.T, dir string, acks []string) verdict {
	t.Helper()
	cmd := play(t, "inspect", dir)
	cmd.Stdin = strings.NewReader(strings.Join(acks, "\n"))
	timer := time.AfterFunc(inspectionTime, func() { cmd.Process.Kill() })
	defer timer.Stop()
	said, err := cmd.CombinedOutput()
	if err == nil {
		return verdict{}
	}
	return verdict{cmd.ProcessState.ExitCode(), fmt.Sprintf("%v: %s", err, said)}
}

// Twenty hubs live through ten kills each, so that later ones meet a record that earlier ones left.
const hubs, killsEach = 20, 10

func TestKilledUnderConcurrentWrites(t *testing.T) {
	for hub := range hubs {
		t.Run(fmt.Sprint("hub ", hub), func(t *testing.T) {
			t.Parallel()
			dir, random := t.TempDir(), rand.New(rand.NewPCG(1, uint64(hub)))
			var acks []string
			for kill := range killsEach {
				d := startDiarist(t, dir)
				d.await(t, 1+random.IntN(40))
				// A moment that the acknowledgements do not choose, so that a kill also falls in the middle of a commit.
				time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
				d.kill()
				acks = append(acks, d.acked()...)
				if v := examine(t, imageOf(t, dir), acks); v.code != 0 {
					t.Fatalf("after kill %d, %d acknowledged: %s", kill, len(acks), v.said)
				}
			}
			t.Logf("%d kills, %d acknowledged events, none missing", killsEach, len(acks))
		})
	}
}

// imageOf copies a data folder, so that looking at it does not change what the next process finds.
func imageOf(t *testing.T, dir string) string {
	t.Helper()
	image := t.TempDir()
	if err := os.CopyFS(image, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return image
}
