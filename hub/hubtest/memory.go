package hubtest

import (
	"fmt"
	"os"
	"strings"
)

// PeakResident is the most memory that the hub's process had resident since it started, in bytes (VmHWM of proc(5)).
func (h *Hub) PeakResident() int64 {
	h.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "\nVmHWM:")
	var kilobytes int64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		h.t.Fatalf("VmHWM: %v", err)
	}
	return kilobytes << 10
}
