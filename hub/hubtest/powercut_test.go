package hubtest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// Six disks lose their power fifty times each. Each begins empty, which keeps records short and inspections quick.
const disks, cutsEach = 6, 50

// cutWithin is how many writes may pass before a cut: some ten commits.
const cutWithin = 60

func needFUSE(t *testing.T) {
	t.Helper()
	NeedRoot(t)
	NeedFile(t, "/dev/fuse")
}

func TestPowerCutsLoseNothingAcknowledged(t *testing.T) {
	needFUSE(t)
	for seed := range uint64(disks) {
		t.Run(fmt.Sprint("disk ", seed), func(t *testing.T) {
			t.Parallel()
			acked, bad := cutPower(t, seed, cutsEach)
			for _, v := range bad {
				t.Error(v.said)
			}
			t.Logf("%d cuts, %d events acknowledged", cutsEach, acked)
		})
	}
}

// The control: without fsync the same cuts must lose acknowledged events, or the test above could not fail.
func TestPowerCutsLoseWhatWasNotSynced(t *testing.T) {
	needFUSE(t)
	t.Parallel()
	_, bad := cutPower(t, 1, cutsEach, volatileVar+"=yes")
	lost := 0
	for _, v := range bad {
		if v.code == codeLost {
			lost++
		}
	}
	Report(t, "without fsync %d of %d power cuts did harm, %d of them lost acknowledged events", len(bad), cutsEach, lost)
	if lost == 0 {
		t.Error("a disk without syncing lost nothing: these tests cannot see a missing fsync")
	}
}

// cutPower lets a process write to a forgetful disk and takes what is left after power cuts while it writes. It returns how many
// events were acknowledged in all, and what inspections found wrong.
func cutPower(t *testing.T, seed uint64, cuts int, env ...string) (acked int, bad []verdict) {
	t.Helper()
	d, dir := mountDisk(t, rand.New(rand.NewPCG(seed, 2)))
	writer := startDiarist(t, dir, env...)
	writer.await(t, 5)
	for range cuts {
		if v := awaitCut(t, d, writer).examine(t); v.code != 0 {
			bad = append(bad, v)
		}
	}
	return len(writer.acked()), bad
}

// cut is one power cut: what the disk held after it, and what had been acknowledged before it. The write that was cut waits
// until resume is closed: a disk in memory is so fast that records would grow faster than they can be inspected.
type cut struct {
	left   remains
	acks   []string
	resume chan struct{}
}

// examine looks at what the disk held, then lets the writer go on.
func (c cut) examine(t *testing.T) verdict {
	defer close(c.resume)
	return examine(t, c.left.lay(t), c.acks)
}

// awaitCut takes the acknowledgements inside the write that is cut, when none of its commit can have been given yet.
func awaitCut(t *testing.T, d *disk, writer *diarist) cut {
	t.Helper()
	cuts := make(chan cut, 1)
	d.afterWrites(cutWithin, func() {
		c := cut{d.remains(), writer.acked(), make(chan struct{})}
		cuts <- c
		<-c.resume
	})
	select {
	case c := <-cuts:
		return c
	case <-writer.done:
		t.Fatalf("the writing process ended by itself: %s", &writer.stderr)
	case <-time.After(Patience):
		t.Fatalf("nothing was written in %v", Patience)
	}
	return cut{}
}
