package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/hubtest"
	"commonhub/hub/record"
)

// TestEndsThatNeverMeet has four blocks in a row, each of which reaches its next ones and nobody else: what is said to all at one end is
// read at the other with its picture and its proof, what is erased is erased there, and what is for one block alone never leaves it.
func TestEndsThatNeverMeet(t *testing.T) {
	t.Parallel()
	const hosts = 4
	l := New(t, hosts)
	for i := 1; i < hosts; i++ {
		l.Join(i, i+1, Link{Delay: 10 * time.Millisecond, Loss: 1})
	}
	b := settle(t, l)
	for i := 1; i < hosts; i++ {
		b.befriend(i-1, i)
	}
	near, far := b.hubs[0], b.hubs[hosts-1]
	apart(t, l, 1, hosts)

	picture := hubtest.Noise(t, 2)
	started := time.Now()
	posted := b.people[0].PostPhoto(hubtest.Notice{Kind: "offer", Title: "A loom to lend", Text: "Bring wool.", Reach: "far"}, picture)
	within(t, hubtest.Patience, "the notice stands at the other end", func() bool { return b.arrived(hosts-1, "A loom to lend") })
	hubtest.Report(t, "a notice over three hops, ends that never meet: %v", time.Since(started).Round(time.Millisecond))
	var there seenNotice
	within(t, hubtest.Patience, "its picture is there", func() bool {
		there = noticeAt(t, far, "A loom to lend")
		return len(there.Pictures) == 1 && there.Pictures[0].URL != ""
	})
	hubtest.Report(t, "with its picture: %v", time.Since(started).Round(time.Millisecond))
	samePicture(t, near, far, noticeAt(t, near, "A loom to lend"), there)
	proves(t, near, far, posted)

	started = time.Now()
	for _, act := range []string{"/withdraw", "/erase"} {
		b.people[0].Act("/notices/"+posted.ID+act, struct{}{})
	}
	within(t, hubtest.Patience, "it is erased at the other end", func() bool {
		status, _ := far.Get(there.Pictures[0].URL)
		return !b.arrived(hosts-1, "A loom to lend") && status != 200
	})
	hubtest.Report(t, "its erasure over three hops: %v", time.Since(started).Round(time.Millisecond))

	hubtest.StaysHome(t, b.people[0], b.hubs[1:]...)
	apart(t, l, 1, hosts)
}

// apart fails unless two hosts cannot reach each other.
func apart(t *testing.T, l *Lab, i, j int) {
	t.Helper()
	for _, p := range [][2]int{{i, j}, {j, i}} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		conn, err := hubtest.DialFrom(ctx, l.Space(p[0]), "tcp", l.Address(p[1])+":8080")
		cancel()
		if err == nil {
			conn.Close()
			t.Errorf("host %d reaches host %d", p[0], p[1])
		}
	}
}

// seenNotice is a notice as a list of them tells it.
type seenNotice struct {
	ID, Title string
	Pictures  []struct{ URL string }
}

// noticeAt is the notice with a title, as anybody reads it at a hub; the zero one if it is not there.
func noticeAt(t *testing.T, h *hubtest.Hub, title string) seenNotice {
	t.Helper()
	var list struct{ Notices []seenNotice }
	if err := json.Unmarshal(h.JSON("/notices"), &list); err != nil {
		t.Fatal(err)
	}
	for _, n := range list.Notices {
		if n.Title == title {
			if err := json.Unmarshal(h.JSON("/notices/"+n.ID), &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	return seenNotice{}
}

// samePicture fails unless two hubs show one picture.
func samePicture(t *testing.T, near, far *hubtest.Hub, here, there seenNotice) {
	t.Helper()
	if len(here.Pictures) != 1 {
		t.Fatalf("the author's hub shows %d pictures", len(here.Pictures))
	}
	_, want := near.Get(here.Pictures[0].URL)
	status, got := far.Get(there.Pictures[0].URL)
	if status != 200 || len(want) < 1000 || !bytes.Equal(got, want) {
		t.Errorf("the picture at the other end: %d, %d bytes instead of %d", status, len(got), len(want))
	}
}

// proves fails unless the far hub gives a receipt for an event of the near one which holds under the near one's own key.
func proves(t *testing.T, near, far *hubtest.Hub, p hubtest.Posted) {
	t.Helper()
	var key struct{ Key string }
	var event struct{ Raw, Leaf string }
	if err := json.Unmarshal(near.JSON("/record"), &key); err != nil {
		t.Fatal(err)
	}
	known, err := note.NewVerifier(key.Key)
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/neighbours/%s/events/%d", near.ID(), p.Index)
	if err := json.Unmarshal(far.JSON(path), &event); err != nil || event.Leaf != p.Leaf {
		t.Fatalf("the entry at the other end is %+v: %v", event, err)
	}
	_, receipt := far.Get(path + "/receipt")
	_, index, err := record.CheckReceipt(receipt, []byte(event.Raw), note.VerifierList(known))
	if err != nil || index != p.Index || !strings.Contains(event.Raw, "notice.posted") {
		t.Errorf("the receipt at the other end, for event %d: %v", index, err)
	}
}
