package interop

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// acceptStranger waits until the hub has seen a stranger and accepts it.
func (h *hub) acceptStranger(s *stranger) {
	h.t.Helper()
	h.until("the stranger is seen", func() bool {
		var all []struct{ ID, Words string }
		h.read("neighbours", &all)
		for _, n := range all {
			if n.ID == s.id && n.Words != "" {
				return true
			}
		}
		return false
	})
	h.console("neighbours", "accept", s.id)
}

func (h *hub) until(what string, ok func() bool) {
	h.t.Helper()
	for start := time.Now(); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > patience {
			h.t.Fatalf("waited %v for this: %s", patience, what)
		}
	}
}

// witnessVKey is the key of our cosignatures, as our hub describes it.
func (h *hub) witnessVKey() string {
	h.t.Helper()
	var d struct{ Witness struct{ VKey string } }
	if err := json.Unmarshal(get(h.t.(*testing.T), h.url+"/.well-known/commonhub"), &d); err != nil {
		h.t.Fatal(err)
	}
	return d.Witness.VKey
}

// TestOthersTakeOurCosignature: tessera's one-shot log publishes only what our hub has cosigned, and what it publishes carries our line.
func TestOthersTakeOurCosignature(t *testing.T) {
	s := newStranger(t)
	h := start(t, build(t), "--join", s.url)
	h.acceptStranger(s)
	oneshot := filepath.Join(t.TempDir(), "posix-oneshot")
	if said, err := exec.Command("go", "build", "-o", oneshot, "github.com/transparency-dev/tessera/cmd/examples/posix-oneshot").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	work := t.TempDir()
	write(t, filepath.Join(work, "log.skey"), s.skey)
	write(t, filepath.Join(work, "policy"), fmt.Sprintf("log %s\nwitness w1 %s %s/witness/\nquorum w1\n", s.vkey, h.witnessVKey(), h.url))
	for round, entries := range []int{300, 10} {
		dir := filepath.Join(work, fmt.Sprint("entries", round))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for i := range entries {
			write(t, filepath.Join(dir, fmt.Sprint(i)), fmt.Sprintf("entry %d of round %d", i, round))
		}
		cmd := exec.CommandContext(t.Context(), oneshot, "--storage_dir="+s.dir, "--entries="+filepath.Join(dir, "*"),
			"--private_key="+filepath.Join(work, "log.skey"), "--witness_policy_file="+filepath.Join(work, "policy"))
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("posix-oneshot: %v\n%s", err, said)
		}
	}
	ours, err := cosignature.NewVerifierForCosignatureV1(h.witnessVKey())
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(s.origin))
	for where, signed := range map[string][]byte{
		"at the log":     get(t, s.url+"/record/checkpoint"),
		"at our witness": get(t, fmt.Sprintf("%s/witness/%x/checkpoint", h.url, digest)),
	} {
		c, _, n, err := log.ParseCheckpoint(signed, s.origin, verifier(t, s.vkey), ours)
		if err != nil || c.Size != 310 || len(n.Sigs) != 2 {
			t.Errorf("%s: %v\n%s", where, err, signed)
		}
	}
	if err := check(t, verifier(t, s.vkey), fetcher(t, s.url+"/record/", http.DefaultTransport)); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// cosigns waits until the stranger has answered for a record of at least this size.
func (s *stranger) cosigns(size uint64) {
	s.t.Helper()
	for cosigned := uint64(0); cosigned < size; {
		select {
		case cosigned = <-s.cosigned:
		case <-time.After(patience):
			s.t.Fatalf("a witness has seen %d of %d events", cosigned, size)
		}
	}
}

// TestWeShowOthersCosignatures: what an independent witness signs for our record stands on our checkpoint and on receipts, and proves
// them to other libraries; what it signs wrongly is not to be seen.
func TestWeShowOthersCosignatures(t *testing.T) {
	good, bad := newStranger(t), newStranger(t)
	bad.spoilsAnswer = true
	b := newBoard(t, start(t, build(t), "--join", good.url+","+bad.url))
	key := verifier(t, b.console("key"))
	for _, s := range []*stranger{good, bad} {
		s.logKeys[key.Name()] = key
		b.acceptStranger(s)
	}
	b.grow(20)
	size := b.size()
	good.cosigns(size)
	bad.cosigns(1) // once is enough: who answers nonsense is not asked again for a while
	witness, err := cosignature.NewVerifierForCosignatureV1(good.witnessVKey)
	if err != nil {
		t.Fatal(err)
	}
	var signed []byte
	b.until("the cosignature is served", func() bool {
		signed = get(t, b.url+"/record/checkpoint")
		return strings.Contains(string(signed), "— "+witness.Name()+" ")
	})
	c, _, n, err := log.ParseCheckpoint(signed, key.Name(), key, witness)
	if err != nil || c.Size != size || len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
		t.Errorf("checkpoint: %v\n%s", err, signed)
	}
	final(t, b, key, witness)
}

// final checks the receipt of an event against both keys, and what the page says of it.
func final(t *testing.T, b board, key, witness note.Verifier) {
	t.Helper()
	var event struct {
		Raw, Standing string
		Cosignatures  int
	}
	req, err := http.NewRequest(http.MethodGet, b.url+"/events/3", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&event); err != nil || event.Standing != "final" || event.Cosignatures != 1 {
		t.Errorf("event: %v %+v", err, event)
	}
	var receipt proof.TLogProof
	if err := receipt.Unmarshal(get(t, b.url+"/events/3/receipt")); err != nil {
		t.Fatal(err)
	}
	c, _, n, err := log.ParseCheckpoint(receipt.Checkpoint, key.Name(), key, witness)
	if err != nil || len(n.Sigs) != 2 {
		t.Fatalf("receipt: %v\n%s", err, receipt.Checkpoint)
	}
	var path [][]byte
	for _, h := range receipt.Hashes {
		path = append(path, h[:])
	}
	leaf := rfc6962.DefaultHasher.HashLeaf([]byte(event.Raw))
	if err := merkle.VerifyInclusion(rfc6962.DefaultHasher, receipt.Index, c.Size, leaf, path, c.Hash); err != nil {
		t.Error(err)
	}
}
