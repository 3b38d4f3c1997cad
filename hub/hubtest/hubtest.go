// Package hubtest helps tests that need more than Go: tools of the system, root, or whole hubs that run as processes.
//
// A test names what it needs first. Where that is missing it is skipped and says why, but where CI=true it fails: a build
// server has everything, and a test that quietly stopped running is worse than none. Waiting is always for a state, by Until,
// never for a time.
//
// Start runs the real program as a process, inside a network namespace or under an emulator if need be, and drives it as people
// do: over HTTP, and by its console commands. NewBridge makes one link for several hubs; package lab makes many, in any weather.
package hubtest

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// Patience is how long a test waits for a state that must come: long enough for a laden machine, so that running out of it
// means that the state will not come.
const Patience = 60 * time.Second

const pollEvery = 10 * time.Millisecond

// Need skips the test if a program is not installed; where CI=true it fails.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			missing(t, p+" is not installed")
		}
	}
}

// NeedRoot skips the test without root, which namespaces and mounts need; where CI=true it fails.
func NeedRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "this needs root")
	}
}

// NeedFile skips the test if a device or file is not there; where CI=true it fails.
func NeedFile(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(t, err.Error())
	}
}

func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s, and CI=true allows no skipping", why)
	}
	t.Skip(why)
}

// Until polls until ok holds, and fails the test when Patience runs out. It returns how long that took.
func Until(t testing.TB, what string, ok func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !ok() {
		if time.Since(start) > Patience {
			t.Fatalf("waited %v for this: %s", Patience, what)
		}
		time.Sleep(pollEvery)
	}
	return time.Since(start)
}

// Report prints a figure that a test measured and does not judge; .ci/test shows these lines.
func Report(t testing.TB, format string, args ...any) {
	t.Helper()
	t.Logf("measured: "+format, args...)
}
