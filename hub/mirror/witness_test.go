package mirror

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// branch is a record of any content under the key of a box, with its proofs: what an honest hub or a cheat could sign.
type branch struct {
	t      *testing.T
	by     *box
	tree   record.Tree
	hashes []tlog.Hash
	notes  [][]byte // by size
}

func newBranch(t *testing.T, by *box, word string, size int) *branch {
	t.Helper()
	b := &branch{t: t, by: by}
	b.sign()
	b.grow(word, size)
	return b
}

func (b *branch) grow(word string, count int) {
	for range count {
		raw := fmt.Appendf(nil, "%s %d", word, b.tree.Size())
		more, err := tlog.StoredHashes(int64(b.tree.Size()), raw, b)
		if err != nil {
			b.t.Fatal(err)
		}
		b.hashes = append(b.hashes, more...)
		b.tree.Append(raw)
		b.sign()
	}
}

func (b *branch) sign() {
	signed, err := record.SignTree(b.by.rec.Self(), &b.tree, b.by.rec.Key())
	if err != nil {
		b.t.Fatal(err)
	}
	b.notes = append(b.notes, signed)
}

func (b *branch) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, i := range indexes {
		hashes = append(hashes, b.hashes[i])
	}
	return hashes, nil
}

// request spells an add-checkpoint from old to size.
func (b *branch) request(old, size int) string {
	var proof strings.Builder
	if old > 0 && old <= size {
		hashes, err := tlog.ProveTree(int64(size), int64(old), b)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, h := range hashes {
			fmt.Fprintln(&proof, base64.StdEncoding.EncodeToString(h[:]))
		}
	}
	return fmt.Sprintf("old %d\n%s\n%s", old, &proof, b.notes[size])
}

// add posts to the witness of a box.
func (b *box) add(body string) (status int, kind, said string) {
	b.t.Helper()
	res, err := http.Post(b.url+"/witness/add-checkpoint", "text/plain", strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), string(data)
}

// witnessKey is how others check what the box cosigned.
func (b *box) witnessKey() witnessKey {
	b.t.Helper()
	d := b.mir.Describe()
	key, err := parseWitnessKey(d.Witness.provedBy(b.rec.Self(), b.rec.Key().Public().(ed25519.PublicKey)))
	if err != nil {
		b.t.Fatal(err)
	}
	return key
}

// TestAddCheckpoint: each answer of tlog-witness, in the order in which a log can meet them.
func TestAddCheckpoint(t *testing.T) {
	witness, log, stranger := newBox(t, "witness"), newBox(t, "log"), newBox(t, "stranger")
	pinOnly(witness, log)
	good, fork := newBranch(t, log, "good", 12), newBranch(t, log, "good", 5)
	fork.grow("other", 7)
	foreign := newBranch(t, stranger, "good", 3)
	unsigned := strings.Split(string(good.notes[3]), "\n\n")[0] + "\n\n"
	badLine := string(good.notes[3][:len(good.notes[3])-12]) + "AAAAAAAAAA=\n"
	steps := []struct {
		name, body string
		status     int
		kind, said string
	}{
		{"nothing", "", 400, "", ""},
		{"no old line", "size 3\n\n" + string(good.notes[3]), 400, "", ""},
		{"old with a leading zero", "old 00\n\n" + string(good.notes[3]), 400, "", ""},
		{"a proof line that is no hash", "old 0\nAAAA\n\n" + string(good.notes[3]), 400, "", ""},
		{"64 proof lines", "old 0\n" + strings.Repeat(strings.Repeat("A", 43)+"=\n", 64) + "\n" + string(good.notes[3]), 400, "", ""},
		{"too long", "old 0\n\n" + strings.Repeat("x", maxAddition), 400, "", ""},
		{"no note", "old 0\n\n" + good.by.rec.Verifier().Name() + "\nhello", 400, "", ""},
		{"another origin", foreign.request(0, 3), 404, "", ""},
		{"no signature of the log", "old 0\n\n" + unsigned + "— " + stranger.rec.Verifier().Name() + " AAAAAAAA\n", 403, "", ""},
		{"a bad signature of the log", "old 0\n\n" + badLine, 403, "", ""},
		{"old behind its own checkpoint", "old 4\n\n" + string(good.notes[3]), 400, "", ""},
		{"old where nothing was seen", good.request(2, 3), 409, "text/x.tlog.size", "0\n"},
		{"a proof from nothing", "old 0\n" + strings.Repeat("A", 43) + "=\n\n" + string(good.notes[3]), 422, "", ""},
		{"the empty record", good.request(0, 0), 200, "", ""},
		{"the first", good.request(0, 3), 200, "", ""},
		{"the same again", good.request(3, 3), 200, "", ""},
		{"old is stale", good.request(0, 7), 409, "text/x.tlog.size", "3\n"},
		{"a proof of something else", strings.Replace(good.request(3, 7), "\n\n", "\n"+strings.Repeat("A", 43)+"=\n\n", 1), 422, "", ""},
		{"growth", good.request(3, 7), 200, "", ""},
		{"a longer fork", fork.request(7, 9), 422, "", ""},
		{"growth after a refusal", good.request(7, 12), 200, "", ""},
		{"a fork of the same size", fork.request(12, 12), 422, "", ""},
		{"a hub that was seen to fork", good.request(12, 12), 404, "", ""},
	}
	for _, s := range steps {
		status, kind, said := witness.add(s.body)
		if status != s.status || s.kind != "" && kind != s.kind || s.said != "" && said != s.said {
			t.Errorf("%s: %d %q %q, want %d %q %q", s.name, status, kind, said, s.status, s.kind, s.said)
		}
		if status == http.StatusOK {
			signed := s.body[strings.Index(s.body, "\n\n")+2:] + said
			if _, err := note.Open([]byte(signed), note.VerifierList(witness.witnessKey())); err != nil {
				t.Errorf("%s: %v in\n%s", s.name, err, signed)
			}
		}
	}
	served := witness.get("/witness/" + log.rec.Self().Hex() + "/checkpoint")
	n, err := note.Open(served, note.VerifierList(log.rec.Verifier(), witness.witnessKey()))
	if err != nil || len(n.Sigs) != 2 || !bytes.HasPrefix(good.notes[12], []byte(n.Text)) {
		t.Errorf("served %v\n%s", err, served)
	}
	if witness.get("/witness/"+stranger.rec.Self().Hex()+"/checkpoint") != nil {
		t.Error("a checkpoint of an origin that was never cosigned")
	}
}

// get reads a path of a box, nil if it is not there.
func (b *box) get(path string) []byte {
	b.t.Helper()
	res, err := http.Get(b.url + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		return nil
	}
	return data
}

// pinOnly accepts another box without an address: nothing is pulled from it.
func pinOnly(b, other *box) {
	b.t.Helper()
	p := pin{ID: other.id(), Key: other.rec.VerifierKey()}
	if err := b.mir.decide(context.Background(), "", acceptedKind, p); err != nil {
		b.t.Fatal(err)
	}
}

// TestOneBranchOnly: of many requests at once, whose checkpoints contradict each other, exactly the one that came first is cosigned.
func TestOneBranchOnly(t *testing.T) {
	witness, log := newBox(t, "witness"), newBox(t, "log")
	pinOnly(witness, log)
	var all sync.WaitGroup
	answers := make([]int, 24)
	for i := range answers {
		body := newBranch(t, log, fmt.Sprint("branch ", i), 4+i%3).request(0, 4+i%3)
		all.Go(func() { answers[i], _, _ = witness.add(body) })
	}
	all.Wait()
	count := map[int]int{}
	for _, status := range answers {
		count[status]++
	}
	// The second branch is refused with our size, and shows the fork; from then on the hub is none of ours.
	if count[http.StatusOK] != 1 || count[http.StatusConflict] == 0 || count[http.StatusConflict]+count[http.StatusNotFound] != len(answers)-1 {
		t.Errorf("answers by status: %v, want one 200 and the others 409 or 404", count)
	}
}

// TestUnsetClock: a hub that does not know what time it is mirrors, and cosigns nothing.
func TestUnsetClock(t *testing.T) {
	db, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	witness := openBox(t, db, "witness", func() time.Time { return time.Unix(60, 0) })
	log := newBox(t, "log")
	log.post(3, body.Far)
	witness.accept(log)
	eventually(t, "the record is mirrored", func() bool { return !witness.of(log).SyncedAt.IsZero() && witness.size(log.rec.Self()) == 3 })
	if status, _, _ := witness.add("old 0\n\n" + string(log.rec.Checkpoint().Note)); status != http.StatusServiceUnavailable {
		t.Errorf("add-checkpoint answers %d", status)
	}
	if witness.get("/witness/"+log.rec.Self().Hex()+"/checkpoint") != nil {
		t.Error("something was cosigned")
	}
}

// TestPullCosigns: what is mirrored is cosigned, and requests go on from there.
func TestPullCosigns(t *testing.T) {
	witness, log := newBox(t, "witness"), newBox(t, "log")
	log.post(300, body.Far)
	witness.accept(log)
	path := "/witness/" + log.rec.Self().Hex() + "/checkpoint"
	eventually(t, "the cosignature", func() bool { return witness.get(path) != nil })
	if _, err := note.Open(witness.get(path), note.VerifierList(witness.witnessKey())); err != nil {
		t.Error(err)
	}
	old := log.rec.Size()
	log.post(5, body.Far)
	var proof tlog.TreeProof
	log.rec.Read(func(v record.View) (err error) {
		proof, err = v.Consistency(v.Self(), old, v.Size(v.Self()))
		return err
	})
	body := fmt.Sprintf("old %d\n", old)
	for _, h := range proof {
		body += base64.StdEncoding.EncodeToString(h[:]) + "\n"
	}
	if status, _, said := witness.add(body + "\n" + string(log.rec.Checkpoint().Note)); status != http.StatusOK {
		t.Errorf("growth by request: %d %s", status, said)
	}
}

func FuzzAddition(f *testing.F) {
	f.Add("old 0\n\nhello\n")
	f.Add("old 3\n" + strings.Repeat("A", 43) + "=\n\nhello\n")
	f.Fuzz(func(t *testing.T, body string) {
		a, err := parseAddition(body)
		if err != nil {
			return
		}
		again := fmt.Sprintf("old %d\n", a.old)
		for _, h := range a.proof {
			again += base64.StdEncoding.EncodeToString(h[:]) + "\n"
		}
		if again+"\n"+string(a.signed) != body {
			t.Errorf("%q reads as %+v", body, a)
		}
	})
}
