package hubtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// StaysHome posts a notice with a picture that is for its own hub alone, and fails unless its entry travels to the others while its words and
// its picture are in no answer that a stranger gets, and in no file of the others. Those must read far-reaching notices of the member's hub.
func StaysHome(t testing.TB, ana *Member, others ...*Hub) {
	t.Helper()
	a := ana.hub
	kept := ana.PostPhoto(Notice{Kind: "news", Title: "Zwetschgenkompott", Text: "Quittengelee", Reach: "hub"}, Noise(t, 1))
	after := ana.Post(Notice{Kind: "news", Title: "After the secret", Text: "said to all", Reach: "far"})
	secrets := [][]byte{[]byte("Zwetschgenkompott"), []byte("Quittengelee"), ana.pictureOf(t, kept)}
	for _, s := range secrets {
		if !bytes.Contains(a.Files(), s) {
			t.Fatalf("a's own files do not hold %.20q as it is, so looking for it in others proves nothing", s)
		}
	}
	strangers := pages(t, a, kept)
	for _, other := range others {
		Until(t, "the entries have travelled, and words that may", func() bool {
			n, _ := other.Neighbour(a.ID())
			return n.Synced > after.Index && other.Shows("/notices", "After the secret")
		})
		strangers["the files of "+other.URL] = other.Files()
		_, strangers["the board of "+other.URL] = other.Get("/notices")
	}
	for where, held := range strangers {
		for _, s := range secrets {
			if bytes.Contains(held, s) {
				t.Errorf("%s has %.20q", where, s)
			}
		}
	}
}

// pages asks a hub, as a stranger, for all that it might tell of one notice.
func pages(t testing.TB, h *Hub, p Posted) map[string][]byte {
	t.Helper()
	answers := map[string][]byte{}
	origin := sha256.Sum256([]byte("commonhub/" + h.ID()))
	mirror := "/mirror/" + hex.EncodeToString(origin[:])
	paths := []string{"/", "/notices", "/notices/" + p.ID, "/notices.atom", "/.well-known/commonhub", "/record", mirror + "/checkpoint"}
	for index := p.Index; index < p.Index+3; index++ { // the notice, its picture, and what came after
		paths = append(paths, fmt.Sprintf("/events/%d", index), fmt.Sprintf("/body/%x/%s", origin, leafAt(t, h, index)))
		paths = append(paths, fmt.Sprintf("/record/tile/entries/000.p/%d", index+1))
	}
	for _, path := range paths {
		_, answers[path] = h.Get(path)
	}
	if !bytes.Contains(answers[fmt.Sprintf("/record/tile/entries/000.p/%d", p.Index+1)], []byte("notice.posted")) {
		t.Error("the entry of the notice is not in the record's tile")
	}
	return answers
}

// leafAt reads the leaf hash of an event from its page.
func leafAt(t testing.TB, h *Hub, index uint64) string {
	t.Helper()
	var e struct{ Leaf string }
	if err := json.Unmarshal(h.JSON(fmt.Sprintf("/events/%d", index)), &e); err != nil || len(e.Leaf) != 64 {
		t.Fatalf("event %d has leaf %q: %v", index, e.Leaf, err)
	}
	return e.Leaf
}

// pictureOf is a piece from the middle of a notice's picture, as only its own hub's members may have it.
func (m *Member) pictureOf(t testing.TB, p Posted) []byte {
	t.Helper()
	var n struct{ Pictures []struct{ URL string } }
	if err := json.Unmarshal(m.JSON("/notices/"+p.ID), &n); err != nil || len(n.Pictures) != 1 {
		t.Fatalf("the notice has pictures %v: %v", n.Pictures, err)
	}
	status, picture := m.Get(n.Pictures[0].URL)
	if status != 200 || len(picture) < 1000 {
		t.Fatalf("the picture: %d, %d bytes", status, len(picture))
	}
	if status, _ := m.hub.Get(n.Pictures[0].URL); status == 200 {
		t.Error("a stranger may see the picture")
	}
	return picture[len(picture)/2:][:64]
}

// Noise is a picture that none with another number looks like.
func Noise(t testing.TB, which uint64) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(which, 3))
	picture := image.NewGray(image.Rect(0, 0, 200, 100))
	for i := range picture.Pix {
		picture.Pix[i] = byte(random.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Files is all that the hub has on its disk, one file behind the other.
func (h *Hub) Files() []byte {
	h.t.Helper()
	var all []byte
	names, err := filepath.Glob(filepath.Join(h.Dir, "*"))
	if err != nil || len(names) == 0 {
		h.t.Fatalf("%d files in %s: %v", len(names), h.Dir, err)
	}
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			continue // the console's socket, or a file that is gone by now
		}
		held, err := os.ReadFile(name)
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, held...)
	}
	return all
}
