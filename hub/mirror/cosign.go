package mirror

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"commonhub/hub/record"
)

// algCosignature is the type byte of an Ed25519 cosignature/v1 (C2SP tlog-cosignature). x/mod's note knows only the type of logs, so
// signer and verifier are ours.
const algCosignature = 0x04

// witnessName names the key by which a hub says "this is the largest consistent tree of that record that I have seen". It is another name
// and another key than those of its record: what a log signs and what a witness signs must never be mistaken for each other.
func witnessName(o record.Origin) string { return string(o) + "/witness" }

// cosigner is a note.Signer that signs at one moment, in Unix seconds.
type cosigner struct {
	name string
	key  ed25519.PrivateKey
	at   uint64
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return cosignerHash(c.name, c.key.Public().(ed25519.PublicKey)) }

// Sign gives the 8-byte time and the 64-byte signature.
func (c cosigner) Sign(text []byte) ([]byte, error) {
	blob := binary.BigEndian.AppendUint64(nil, c.at)
	return append(blob, ed25519.Sign(c.key, cosignedText(c.at, text))...), nil
}

// line is the signature line that a witness answers with.
func (c cosigner) line(text []byte) ([]byte, error) {
	sig, err := c.Sign(text)
	blob := append(binary.BigEndian.AppendUint32(nil, c.KeyHash()), sig...)
	return fmt.Appendf(nil, "— %s %s\n", c.name, base64.StdEncoding.EncodeToString(blob)), err
}

// vkey is the verification key as others read it.
func (c cosigner) vkey() string {
	tagged := append([]byte{algCosignature}, c.key.Public().(ed25519.PublicKey)...)
	return fmt.Sprintf("%s+%08x+%s", c.name, c.KeyHash(), base64.StdEncoding.EncodeToString(tagged))
}

func cosignedText(at uint64, text []byte) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text)
}

func cosignerHash(name string, pub ed25519.PublicKey) uint32 {
	h := sha256.Sum256(append([]byte(name+"\n"), append([]byte{algCosignature}, pub...)...))
	return binary.BigEndian.Uint32(h[:])
}

// witnessKey is a note.Verifier of another hub's cosignatures. The time that one carries is advice: a bad clock elsewhere must not make
// a consistent record unreadable.
type witnessKey struct {
	name string
	key  ed25519.PublicKey
}

func (w witnessKey) Name() string    { return w.name }
func (w witnessKey) KeyHash() uint32 { return cosignerHash(w.name, w.key) }

func (w witnessKey) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return at > 0 && at <= math.MaxInt64 && ed25519.Verify(w.key, cosignedText(at, text), sig[8:])
}

// parseWitnessKey reads a vkey of type 0x04.
func parseWitnessKey(vkey string) (witnessKey, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	digits, encoded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algCosignature {
		return witnessKey{}, errors.New("not an Ed25519 cosignature key")
	}
	w := witnessKey{name, ed25519.PublicKey(raw[1:])}
	hash, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || uint32(hash) != w.KeyHash() || name == "" {
		return witnessKey{}, fmt.Errorf("key id %q does not follow from the key", digits)
	}
	return w, nil
}

// signedPart is the text of a note, up to and with the newline before the empty line.
func signedPart(signed []byte) []byte {
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	return append(bytes.Clone(text), '\n')
}

// witnessStatement is what a hub signs with the key of its record to say which key cosigns in its name. Acceptance pins the record's key
// alone, and a witness key counts as that hub's by this statement: so it may be replaced (a lost one, another algorithm) without
// people comparing numbers again, and whoever sits between two hubs cannot put in his own.
func witnessStatement(o record.Origin, vkey string) []byte {
	return fmt.Appendf(nil, "commonhub witness key v1\n%s\n%s\n", o, vkey)
}

// WitnessDesc says which key cosigns for a hub, and where: tlog-witness's add-checkpoint below Path.
type WitnessDesc struct {
	VKey      string `json:"vkey"`
	Path      string `json:"path"`
	Signature string `json:"signature"` // base64, by the key of the record, of witnessStatement
}

func describeWitness(c cosigner, o record.Origin, key ed25519.PrivateKey) *WitnessDesc {
	sig := ed25519.Sign(key, witnessStatement(o, c.vkey()))
	return &WitnessDesc{VKey: c.vkey(), Path: witnessPath, Signature: base64.StdEncoding.EncodeToString(sig)}
}

// provedBy gives the witness key if the hub's record key stands for it, "" if not or if there is none.
func (d *WitnessDesc) provedBy(o record.Origin, key ed25519.PublicKey) string {
	if d == nil {
		return ""
	}
	sig, err := base64.StdEncoding.DecodeString(d.Signature)
	w, bad := parseWitnessKey(d.VKey)
	if err != nil || bad != nil || w.name != witnessName(o) || w.key.Equal(key) || !ed25519.Verify(key, witnessStatement(o, d.VKey), sig) {
		return ""
	}
	return d.VKey
}
