package interop

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// stranger is a hub of which our program shares no line: it describes itself, serves a record from a folder in tlog-tiles form, and
// answers add-checkpoint by the libraries of transparency-dev.
type stranger struct {
	t            testing.TB
	url          string
	id, origin   string
	skey, vkey   string
	key          ed25519.PrivateKey
	dir          string // of the record; without a checkpoint in it the record is empty
	witness      *cosignature.Signer
	witnessVKey  string
	logKeys      map[string]note.Verifier // that it cosigns for
	seen         map[string]*log.Checkpoint
	cosigned     chan uint64 // sizes, as they were cosigned
	spoilsAnswer bool        // it answers with signatures that are good for nothing
}

func newStranger(t testing.TB) *stranger {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.Sum256(pub)
	s := &stranger{t: t, key: key, dir: t.TempDir(), logKeys: map[string]note.Verifier{}, seen: map[string]*log.Checkpoint{}, cosigned: make(chan uint64, 1000)}
	s.id = strings.ToLower(base32.StdEncoding.EncodeToString(h[:10]))
	s.origin = "commonhub/" + s.id
	s.skey, s.vkey = "PRIVATE+KEY+"+spell(s.origin, 1, pub, key.Seed()), spell(s.origin, 1, pub, pub)
	witnessPub, witnessKey, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	name := s.origin + "/witness"
	s.witnessVKey = spell(name, 4, witnessPub, witnessPub)
	s.witness, err = cosignature.NewSignerForCosignatureV1("PRIVATE+KEY+" + spell(name, 1, witnessPub, witnessKey.Seed()))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/commonhub", s.describe)
	mux.HandleFunc("GET /record/", s.record)
	mux.HandleFunc("POST /witness/add-checkpoint", s.addCheckpoint)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// spell writes a key as signed-note has it.
func spell(name string, kind byte, pub ed25519.PublicKey, key []byte) string {
	h := sha256.Sum256(append([]byte(name+"\n"), append([]byte{kind}, pub...)...))
	return fmt.Sprintf("%s+%08x+%s", name, binary.BigEndian.Uint32(h[:]), base64.StdEncoding.EncodeToString(append([]byte{kind}, key...)))
}

func (s *stranger) describe(w http.ResponseWriter, _ *http.Request) {
	statement := "commonhub witness key v1\n" + s.origin + "\n" + s.witnessVKey + "\n"
	json.NewEncoder(w).Encode(map[string]any{
		"id": s.id, "name": "Stranger", "vkey": s.vkey, "protocol": 1, "record": "/record/",
		"witness": map[string]string{
			"vkey": s.witnessVKey, "path": "/witness/",
			"signature": base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, []byte(statement))),
		},
	})
}

func (s *stranger) record(w http.ResponseWriter, req *http.Request) {
	path := strings.TrimPrefix(req.URL.Path, "/record/")
	if b, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(path))); err == nil {
		w.Write(b)
		return
	}
	if path != "checkpoint" {
		http.NotFound(w, req)
		return
	}
	signer, err := note.NewSigner(s.skey)
	if err != nil {
		s.t.Error(err)
		return
	}
	empty := log.Checkpoint{Origin: s.origin, Hash: rfc6962.DefaultHasher.EmptyRoot()}
	signed, err := note.Sign(&note.Note{Text: string(empty.Marshal())}, signer)
	if err != nil {
		s.t.Error(err)
	}
	w.Write(signed)
}

// addCheckpoint is a witness in the fewest words.
func (s *stranger) addCheckpoint(w http.ResponseWriter, req *http.Request) {
	var body bytes.Buffer
	if _, err := body.ReadFrom(req.Body); err != nil {
		s.t.Error(err)
		return
	}
	head, signed, _ := strings.Cut(body.String(), "\n\n")
	lines := strings.Split(head, "\n")
	var old uint64
	if _, err := fmt.Sscanf(lines[0], "old %d", &old); err != nil {
		http.Error(w, "old", http.StatusBadRequest)
		return
	}
	var hashes [][]byte
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			http.Error(w, "proof", http.StatusBadRequest)
			return
		}
		hashes = append(hashes, h)
	}
	origin, _, _ := strings.Cut(signed, "\n")
	key := s.logKeys[origin]
	if key == nil {
		http.Error(w, "origin", http.StatusNotFound)
		return
	}
	c, _, n, err := log.ParseCheckpoint([]byte(signed), origin, key)
	if err != nil {
		http.Error(w, "signature", http.StatusForbidden)
		return
	}
	s.judge(w, c, n, old, hashes)
}

func (s *stranger) judge(w http.ResponseWriter, c *log.Checkpoint, n *note.Note, old uint64, hashes [][]byte) {
	last := s.seen[c.Origin]
	if last == nil {
		last = &log.Checkpoint{Hash: rfc6962.DefaultHasher.EmptyRoot()}
	}
	if old != last.Size {
		w.Header().Set("Content-Type", "text/x.tlog.size")
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintln(w, last.Size)
		return
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, old, c.Size, hashes, last.Hash, c.Hash); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	s.seen[c.Origin] = c
	text := n.Text
	if s.spoilsAnswer {
		other := log.Checkpoint{Origin: c.Origin, Size: c.Size, Hash: rfc6962.DefaultHasher.EmptyRoot()}
		text = string(other.Marshal())
	}
	signed, err := note.Sign(&note.Note{Text: text}, s.witness)
	if err != nil {
		s.t.Error(err)
		return
	}
	_, line, _ := strings.Cut(string(signed), "\n\n")
	fmt.Fprint(w, line)
	s.cosigned <- c.Size
}
