package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"commonhub/hub/store"
)

// A hub rests when it allocated less than restless bytes in one look, and did something worth resting from before: more than
// worthwhile bytes since it last rested. Gossip and looking itself stay far below both.
const (
	restEvery  = 2 * time.Second
	restless   = 256 << 10
	worthwhile = 1 << 20
)

// rest gives back what an idle hub does not need, once whenever things have become quiet: the heap's free pages, among them the 7 MiB
// of a secret's hash, and the mapped pages of database and program, most of which were needed once. A router's memory belongs to its packets. What was done is measured by what
// was allocated, which every request, pull and commit shows in, so that nobody has to report here. What is in the journal goes into the file
// at the same occasion: the system would soon write those pages anyway.
func (h *Hub) rest(ctx context.Context) {
	tick := time.NewTicker(restEvery)
	defer tick.Stop()
	for rested, last := uint64(0), allocated(); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := allocated()
		if quiet := now-last < restless; quiet && now-rested > worthwhile {
			if err := h.record.Settle(ctx); err != nil && ctx.Err() == nil {
				h.o.Log.Warn("the file could not be settled", "error", err)
			}
			debug.FreeOSMemory()
			if err := errors.Join(h.db.Rest(), unloadProgram()); err != nil {
				h.o.Log.Debug("mapped files could not be let go", "error", err)
			}
			rested = allocated()
		}
		last = now
	}
}

// allocated is how many bytes this process ever took from the heap.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// unloadProgram lets go of code and constants in memory. What runs while idle comes back from the kernel's cache at once; what only
// ran at the start, four fifths, does not.
func unloadProgram() error {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return err
	}
	var failed []error
	for _, s := range pristine(string(smaps), program) {
		failed = append(failed, store.Unload(s.start, s.end-s.start))
	}
	return errors.Join(failed...)
}

type span struct{ start, end uintptr }

// pristine finds, in the words of proc_pid_smaps(5), where a file is mapped read-only and without one page that was relocated or
// patched in memory.
func pristine(smaps, file string) (spans []span) {
	var s span
	for line := range strings.Lines(smaps) {
		f := strings.Fields(line)
		if len(f) == 6 && strings.Contains(f[0], "-") { // "400000-b17000 r-xp 00000000 fe:00 1234 /path"
			s = span{}
			if f[5] == file && f[1][1] == '-' {
				fmt.Sscanf(f[0], "%x-%x", &s.start, &s.end) // what is no pair leaves an empty span
			}
		}
		if len(f) == 3 && f[0] == "Anonymous:" && f[1] == "0" && s.end > s.start {
			spans = append(spans, s)
		}
	}
	return spans
}
