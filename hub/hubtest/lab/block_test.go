package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// blocks are hubs at the hosts of a lab, each with a member who posts. Index 0 is host 1.
type blocks struct {
	t       *testing.T
	lab     *Lab
	hubs    []*hubtest.Hub
	people  []*hubtest.Member
	id      []string
	friends map[int][]int // whom a hub has accepted
	program string
}

// settle starts a hub at every host. Each is told of those before it that it has a link with.
func settle(t *testing.T, l *Lab) *blocks {
	t.Helper()
	return settleFirst(t, l, len(l.space))
}

// settleFirst starts hubs at the first hosts of a lab and leaves the others empty.
func settleFirst(t *testing.T, l *Lab, hosts int) *blocks {
	t.Helper()
	b := &blocks{t: t, lab: l, friends: map[int][]int{}, program: hubtest.Program(t)}
	for i := range hosts {
		h := b.start(i+1, "")
		b.hubs, b.people, b.id = append(b.hubs, h), append(b.people, h.Settle("ana")), append(b.id, h.ID())
	}
	return b
}

// start runs a hub at a host on a data folder, a fresh one if it is "".
func (b *blocks) start(host int, dir string) *hubtest.Hub {
	b.t.Helper()
	args := []string{"--mdns=false", "--name", fmt.Sprint("Block ", host), "--mesh-listen", b.lab.Address(host) + ":7946"}
	for before := 1; before < host; before++ {
		if b.lab.wires[between(before, host)] != nil {
			args = append(args, "--join", b.lab.Address(before)+":8080")
		}
	}
	return hubtest.Start(b.t, hubtest.Options{Program: b.program, Namespace: b.lab.Space(host), Dir: dir, Args: args})
}

// befriend has hub i accept hub j, and j accept i, as soon as they have seen each other.
func (b *blocks) befriend(i, j int) {
	b.t.Helper()
	for _, p := range [][2]int{{i, j}, {j, i}} {
		within(b.t, lossPatience, fmt.Sprintf("hub %d sees hub %d", p[0]+1, p[1]+1), func() bool {
			n, seen := b.hubs[p[0]].Neighbour(b.id[p[1]])
			return seen && n.Words != ""
		})
		b.hubs[p[0]].Console("neighbours", "accept", b.id[p[1]])
		b.friends[p[0]] = append(b.friends[p[0]], p[1])
	}
}

// post puts up a notice at a hub.
func (b *blocks) post(i int, title string) {
	b.t.Helper()
	b.people[i].Post(hubtest.Notice{Kind: "news", Title: title, Text: "Said at the fountain.", Reach: "neighbours"})
}

// arrived tells whether a hub's board shows a notice, words and all.
func (b *blocks) arrived(i int, title string) bool { return b.hubs[i].Shows("/notices", title) }

// equal tells whether every hub's mirror of everyone it accepted has the size and root of the record itself.
func (b *blocks) equal() bool {
	b.t.Helper()
	for j := range b.hubs {
		record := tree(b.hubs[j], "/record/checkpoint")
		for i, friends := range b.friends {
			if slices.Contains(friends, j) && tree(b.hubs[i], mirrorOf(b.id[j])+"/checkpoint") != record {
				return false
			}
		}
	}
	return true
}

// tree is origin, size and root of a checkpoint. What follows are signatures.
func tree(h *hubtest.Hub, path string) string {
	status, note := h.Get(path)
	lines := strings.SplitAfterN(string(note), "\n", 4)
	if status != 200 || len(lines) < 4 {
		return ""
	}
	return strings.Join(lines[:3], "")
}

func mirrorOf(id string) string {
	origin := sha256.Sum256([]byte("commonhub/" + id))
	return "/mirror/" + hex.EncodeToString(origin[:])
}

// lossPatience is for what must come over several links that lose a sixth each: one message of a handshake that is lost several
// times costs a minute.
const lossPatience = 150 * time.Second

// within polls until ok holds, and fails the test after the given time. It returns how long that took.
func within(t *testing.T, patience time.Duration, what string, ok func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !ok() {
		if time.Since(start) > patience {
			t.Fatalf("waited %v for this: %s", patience, what)
		}
		time.Sleep(50 * time.Millisecond) // each look is a request or a process of its own
	}
	return time.Since(start).Round(time.Millisecond)
}

// median and worst of some durations.
func spread(took []time.Duration) string {
	slices.Sort(took)
	return fmt.Sprintf("median %v, worst %v of %d", took[len(took)/2], took[len(took)-1], len(took))
}
