package hubtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Program builds the hub's program as it is released, for this machine or by settings such as "GOARCH=mips" for another, and
// returns its path. The flags are those of .ci/groups/builds for a mini PC, so that all builds share what is compiled.
func Program(t testing.TB, settings ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "commonhub")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false",
		"-tags", "nethttpomithttp2", "-ldflags", "-s -w -buildid=", "-o", path, "commonhub/cmd/commonhub")
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), settings...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	return path
}
