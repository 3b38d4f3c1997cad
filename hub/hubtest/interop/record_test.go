package interop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

// grownTo makes two sealed bundles, a tail, and a tile of level 1.
const grownTo = 600

func TestOthersReadOurRecord(t *testing.T) {
	program := build(t)
	b := newBoard(t, start(t, program))
	b.grow(grownTo - int(b.size()))
	mirror := start(t, program, "--join", b.url)
	mirror.mirrors(b.hub)
	key := verifier(t, b.console("key"))
	for where, address := range records(b.hub, mirror) {
		t.Run("fsck accepts "+where, func(t *testing.T) {
			if err := check(t, key, fetcher(t, address, http.DefaultTransport)); err != nil {
				t.Error(err)
			}
		})
		t.Run("fsck rejects a change in "+where, func(t *testing.T) { rejects(t, key, address) })
		t.Run("proofs from "+where, func(t *testing.T) { proves(t, key, address) })
	}
	t.Run("receipts", func(t *testing.T) { receipts(t, key, b.hub) })
	t.Run("growth", func(t *testing.T) { grows(t, key, b) })
}

func verifier(t *testing.T, vkey string) note.Verifier {
	t.Helper()
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func fetcher(t *testing.T, address string, by http.RoundTripper) *client.HTTPFetcher {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	f, err := client.NewHTTPFetcher(u, &http.Client{Transport: by, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// check runs tessera's fsck, which reads everything and compares tiles, bundles and root.
func check(t *testing.T, key note.Verifier, f fsck.Fetcher) error {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- fsck.New(key.Name(), key, f, hashBundle, fsck.Opts{N: 8}).Check(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done(): // some mismatches leave fsck waiting for its own workers
		return ctx.Err()
	}
}

func hashBundle(packed []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(packed); err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(b.Entries))
	for i, e := range b.Entries {
		hashes[i] = rfc6962.DefaultHasher.HashLeaf(e)
	}
	return hashes, nil
}

// liar changes one byte of whatever is read below a path.
type liar struct {
	path string
	lied bool
}

func (l *liar) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || !strings.Contains(req.URL.Path, l.path) {
		return res, err
	}
	b, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err == nil && res.StatusCode == http.StatusOK {
		b[len(b)/2] ^= 1
		l.lied = true
	}
	res.Body = io.NopCloser(strings.NewReader(string(b)))
	return res, err
}

func rejects(t *testing.T, key note.Verifier, address string) {
	for _, path := range []string{"/checkpoint", "/tile/entries/000", "/tile/entries/002.p/", "/tile/0/001", "/tile/1/000.p/"} {
		l := &liar{path: path}
		err := check(t, key, fetcher(t, address, l))
		if err == nil || errors.Is(err, context.DeadlineExceeded) || !l.lied {
			t.Errorf("a changed byte in %s: %v (changed: %v)", path, err, l.lied)
		}
	}
	_, vkey, err := note.GenerateKey(rand.Reader, key.Name())
	if err != nil {
		t.Fatal(err)
	}
	if err := check(t, verifier(t, vkey), fetcher(t, address, http.DefaultTransport)); err == nil {
		t.Error("fsck accepts the record under another key")
	}
}

// boundaries of a record of n events, where bundles, tiles and subtrees begin and end.
func boundaries(n uint64) (sizes []uint64) {
	for _, s := range []uint64{1, 2, 3, 127, 128, 255, 256, 257, 511, 512, 513, n - 1, n} {
		if s <= n {
			sizes = append(sizes, s)
		}
	}
	return sizes
}

// proves lets tessera's client make proofs from tiles, and another library check them.
func proves(t *testing.T, key note.Verifier, address string) {
	f := fetcher(t, address, http.DefaultTransport)
	cp, _, _, err := client.FetchCheckpoint(t.Context(), f.ReadCheckpoint, key, key.Name())
	if err != nil {
		t.Fatal(err)
	}
	builder, err := client.NewProofBuilder(t.Context(), cp.Size, f.ReadTile)
	if err != nil {
		t.Fatal(err)
	}
	leaves, err := client.FetchLeafHashes(t.Context(), f.ReadTile, 0, cp.Size, cp.Size)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range boundaries(cp.Size) {
		p, err := builder.InclusionProof(t.Context(), size-1)
		if err == nil {
			err = merkle.VerifyInclusion(rfc6962.DefaultHasher, size-1, cp.Size, leaves[size-1], p, cp.Hash)
		}
		if err != nil {
			t.Errorf("inclusion of %d: %v", size-1, err)
		}
		if err := consistent(t.Context(), builder, leaves, size, cp.Size, cp.Hash); err != nil {
			t.Errorf("consistency of %d: %v", size, err)
		}
	}
}

// consistent checks that the first events, hashed anew, are how the record now began.
func consistent(ctx context.Context, b *client.ProofBuilder, leaves [][]byte, old, now uint64, root []byte) error {
	p, err := b.ConsistencyProof(ctx, old, now)
	if err != nil {
		return err
	}
	return merkle.VerifyConsistency(rfc6962.DefaultHasher, old, now, p, treeHash(leaves[:old]), root)
}

// treeHash is RFC 6962, section 2.1, word for word.
func treeHash(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return rfc6962.DefaultHasher.HashChildren(treeHash(leaves[:k]), treeHash(leaves[k:]))
}

// receipts that the hub hands out are tlog-proofs with the hashes that tessera's client computes, to the byte.
func receipts(t *testing.T, key note.Verifier, h *hub) {
	f := fetcher(t, h.url+"/record/", http.DefaultTransport)
	for _, size := range boundaries(h.size()) {
		receipt := get(t, fmt.Sprintf("%s/events/%d/receipt", h.url, size-1))
		var got proof.TLogProof
		if err := got.Unmarshal(receipt); err != nil {
			t.Fatalf("receipt of event %d: %v\n%s", size-1, err, receipt)
		}
		// The receipt's own checkpoint: a cosignature may have come since we read another.
		cp, _, _, err := log.ParseCheckpoint(got.Checkpoint, key.Name(), key)
		if err != nil {
			t.Fatal(err)
		}
		want := proof.TLogProof{Index: size - 1, Hashes: inclusion(t, f, size-1, cp.Size), Checkpoint: got.Checkpoint}
		if string(receipt) != string(want.Marshal()) {
			t.Errorf("receipt of event %d is\n%s\nwant\n%s", size-1, receipt, want.Marshal())
		}
	}
}

func inclusion(t *testing.T, f *client.HTTPFetcher, index, size uint64) (hashes [][sha256.Size]byte) {
	t.Helper()
	builder, err := client.NewProofBuilder(t.Context(), size, f.ReadTile)
	if err != nil {
		t.Fatal(err)
	}
	p, err := builder.InclusionProof(t.Context(), index)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range p {
		hashes = append(hashes, [sha256.Size]byte(h))
	}
	return hashes
}

func get(t *testing.T, address string) []byte {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %v", address, res.Status, err)
	}
	return b
}

// grows: a client that follows the record sees each later state as consistent with those before it.
func grows(t *testing.T, key note.Verifier, b board) {
	f := fetcher(t, b.url+"/record/", http.DefaultTransport)
	follow, err := client.NewLogStateTracker(t.Context(), f.ReadTile, nil, key, key.Name(), client.UnilateralConsensus(f.ReadCheckpoint))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 1, 166, 255} { // 601, 602, 768 (a whole bundle), 1023
		b.grow(n)
		if _, _, _, err := follow.Update(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := follow.Latest().Size; got != b.size() {
			t.Errorf("the client follows to %d, the record has %d", got, b.size())
		}
	}
}
