package record

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"
)

// algEd25519 is the signature type byte of an Ed25519 note (C2SP signed-note).
const algEd25519 = 1

// loadKey reads our key from the private part, or makes one: that is the birth of a hub. It writes only then, because a hub has to start
// on a full disk, too.
func (r *Record) loadKey() error {
	fresh := false
	err := r.db.View(func(tx *bbolt.Tx) error {
		fresh = table(tx, privateBucket, "record", "key").Get([]byte(seedItem)) == nil
		return nil
	})
	if err == nil && fresh {
		err = r.birth()
	}
	if err != nil {
		return err
	}
	return r.db.View(func(tx *bbolt.Tx) error {
		keys, err := loadRing(tx)
		if err == nil {
			if r.self == "" { // it never changes, and others read it
				r.self = keys.self
			}
			r.ring.Store(keys)
		}
		return err
	})
}

func (r *Record) birth() error {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed)
	return r.db.Update(func(tx *bbolt.Tx) error {
		b, err := makeTable(tx, privateBucket, "record", "key")
		if err != nil {
			return err
		}
		return b.Put([]byte(seedItem), seed)
	})
}

// noteKeys makes the signer and verifier of signed notes for an Ed25519 key.
func noteKeys(name string, key ed25519.PrivateKey) (note.Signer, note.Verifier, error) {
	pub := key.Public().(ed25519.PublicKey)
	tagged := append([]byte{algEd25519}, key.Seed()...)
	s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, keyHash(name, pub), base64.StdEncoding.EncodeToString(tagged)))
	if err != nil {
		return nil, nil, err
	}
	v, err := note.NewVerifier(VerifierKey(name, pub))
	return s, v, err
}

// keyHash is the 4-byte id of a note key: SHA-256(name || newline || type || public key), its first four bytes.
func keyHash(name string, pub ed25519.PublicKey) uint32 {
	h := sha256.Sum256(append([]byte(name+"\n"), append([]byte{algEd25519}, pub...)...))
	return binary.BigEndian.Uint32(h[:])
}

// VerifierKey is the vkey text of a note key (C2SP signed-note).
func VerifierKey(name string, pub ed25519.PublicKey) string {
	tagged := append([]byte{algEd25519}, pub...)
	return fmt.Sprintf("%s+%08x+%s", name, keyHash(name, pub), base64.StdEncoding.EncodeToString(tagged))
}

// VerifierKey is our own key as others pin it.
func (r *Record) VerifierKey() string { return r.ring.Load().vkey() }
