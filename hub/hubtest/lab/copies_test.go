package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// copied stops a hub, copies its data folder as a backup or a second card would be made, and starts it again.
func copied(t *testing.T, h *hubtest.Hub) (dir string) {
	t.Helper()
	h.Stop()
	dir = t.TempDir()
	entries, err := os.ReadDir(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue // the console's socket
		}
		held, err := os.ReadFile(filepath.Join(h.Dir, e.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, e.Name()), held, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	h.Start()
	return dir
}

// says fails unless a hub's page of neighbours tells anybody something within patience.
func says(t *testing.T, h *hubtest.Hub, words string) time.Duration {
	t.Helper()
	return within(t, lossPatience, "/neighbours says: "+words, func() bool { return h.Shows("/neighbours", words) })
}

// TestForkIsShownToPeople: a hub shows one record to one neighbour and another one to another, as only two machines with one key can. As soon
// as those two meet they compare, and everybody sees it.
func TestForkIsShownToPeople(t *testing.T) {
	t.Parallel()
	l := New(t, 4) // the forking hub is at both ends of a row
	for i := 1; i < 4; i++ {
		l.Join(i, i+1, Link{Delay: 10 * time.Millisecond})
	}
	l.Cut(2, 3)
	b := settleFirst(t, l, 3)
	other := b.start(4, copied(t, b.hubs[0]))
	b.befriend(0, 1)
	within(t, hubtest.Patience, "the other end is seen", func() bool {
		n, seen := b.hubs[2].Neighbour(b.id[0])
		return seen && n.Words != ""
	})
	b.hubs[2].Console("neighbours", "accept", b.id[0])
	b.post(0, "The fund has 300")
	b.people[0].At(other).Post(hubtest.Notice{Kind: "news", Title: "The fund has 200", Text: "Said elsewhere.", Reach: "far"})
	within(t, hubtest.Patience, "each neighbour has its own truth", func() bool {
		return b.arrived(1, "The fund has 300") && b.arrived(2, "The fund has 200")
	})

	start := time.Now()
	l.Heal(2, 3)
	b.befriend(1, 2)
	for _, i := range []int{1, 2} {
		says(t, b.hubs[i], "signed two different records")
		if n, _ := b.hubs[i].Neighbour(b.id[0]); n.State != "forked" {
			t.Errorf("hub %d says that the forking hub is %s", i+1, n.State)
		}
	}
	hubtest.Report(t, "a fork was on /neighbours of both %v after they met", time.Since(start).Round(time.Millisecond))
	for _, which := range []string{"first", "second"} {
		if status, note := b.hubs[1].Get("/neighbours/" + b.id[0] + "/fork/" + which); status != 200 || !strings.Contains(string(note), "commonhub/"+b.id[0]) {
			t.Errorf("the %s signed note: %d %q", which, status, note)
		}
	}
}

// TestOldBackup: a hub comes back with an old copy of its data. With a neighbour in reach it has all back before it writes a word; alone it goes
// on, and is mended when the neighbour is there again. Nobody ever takes it for a hub that forks.
func TestOldBackup(t *testing.T) {
	t.Parallel()
	b := settle(t, Line(t, 2, Link{Delay: 10 * time.Millisecond}))
	a := b.hubs[0]
	b.befriend(0, 1)
	b.post(0, "Before the backup")
	within(t, hubtest.Patience, "the neighbour has it", b.equal)
	old, older := copied(t, a), copied(t, a)
	b.post(0, "After the backup")
	within(t, hubtest.Patience, "the neighbour has that, too", func() bool { return b.arrived(1, "After the backup") && b.equal() })

	restored := func(dir string) {
		a.Stop()
		a.Dir = dir
		a.Start()
	}
	restored(old)
	start := time.Now()
	b.post(0, "Right after the disk was changed") // waits until neighbours have told
	hubtest.Report(t, "the first write after a restore waited for %v", time.Since(start).Round(time.Millisecond))
	allThere(b, "Before the backup", "After the backup", "Right after the disk was changed")
	if a.Shows("/neighbours", "from an older copy") {
		t.Error("nothing was signed twice, and people are told that something is void")
	}

	b.lab.Cut(1, 2)
	restored(older)
	b.post(0, "Said by a hub alone")
	b.post(0, "And once more")
	if b.arrived(0, "After the backup") {
		t.Fatal("the restored copy is not old: this test would prove nothing")
	}
	start = time.Now()
	b.lab.Heal(1, 2)
	allThere(b, "Before the backup", "After the backup", "Right after the disk was changed", "Said by a hub alone", "And once more")
	hubtest.Report(t, "a record that had gone on was mended and read %v after the link was back", time.Since(start).Round(time.Millisecond))
	says(t, a, "from an older copy")
	if n, _ := b.hubs[1].Neighbour(b.id[0]); n.State != "accepted" {
		t.Errorf("its neighbour says that it is %s", n.State)
	}
}

// allThere waits until the first two hubs show all notices, and their records are equal.
func allThere(b *blocks, titles ...string) {
	b.t.Helper()
	for _, title := range titles {
		within(b.t, lossPatience, title+" is on both pages", func() bool { return b.arrived(0, title) && b.arrived(1, title) })
	}
	within(b.t, lossPatience, "all records are equal", b.equal)
}

// TestCopyIsRefused: a second machine is started with a copy of a hub's data while the first one runs. It learns that from their neighbour and
// writes nothing; so does one that could ask nobody when it started, and had gone on. The first one is not disturbed.
func TestCopyIsRefused(t *testing.T) {
	for name, alone := range map[string]bool{"with the neighbour in reach": false, "alone at first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := New(t, 3) // the copy never reaches the first machine
			l.Join(1, 2, Link{Delay: 10 * time.Millisecond})
			l.Join(2, 3, Link{Delay: 10 * time.Millisecond})
			b := settleFirst(t, l, 2)
			b.befriend(0, 1)
			b.post(0, "One for all")
			within(t, hubtest.Patience, "the neighbour has it", func() bool { return b.arrived(1, "One for all") && b.equal() })
			dir := copied(t, b.hubs[0])
			b.post(0, "By the first machine")
			within(t, hubtest.Patience, "the neighbour has that, too", func() bool { return b.arrived(1, "By the first machine") && b.equal() })

			if alone {
				l.Cut(2, 3)
			}
			second := b.start(3, dir)
			ana := b.people[0].At(second)
			if alone {
				ana.Post(hubtest.Notice{Kind: "news", Title: "By the copy", Text: "Said by nobody.", Reach: "far"})
				l.Heal(2, 3)
			}
			start := time.Now()
			says(t, second, "Another machine is running with this hub&#39;s key")
			hubtest.Report(t, "a copy knew after %v that it is one", time.Since(start).Round(time.Millisecond))
			if status, answer := ana.Try("/notices", hubtest.Notice{Kind: "news", Title: "More", Text: "More.", Reach: "far"}); status != 409 {
				t.Errorf("the copy answers %d to a new notice: %s", status, answer)
			}
			b.post(0, "The first machine goes on")
			within(t, hubtest.Patience, "and is read", func() bool { return b.arrived(1, "The first machine goes on") && b.equal() })
			if n, _ := b.hubs[1].Neighbour(b.id[0]); n.State != "accepted" || b.arrived(1, "By the copy") {
				t.Errorf("the neighbour says that the first machine is %s", n.State)
			}
			says(t, b.hubs[1], "A second machine is running with this hub&#39;s key")
		})
	}
}
