package body

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"
)

// State says what became of a body.
type State byte

const (
	Unknown    State = iota // no event promised such a body here, or its reach keeps it at its own hub
	Here                    // salt and bytes are on our shelf
	NotFetched              // promised, to be fetched from its author
	Erased                  // an erasure event took it away
	Lost                    // its author no longer has it, and erased nothing
)

// Body is what the shelf knows of one event's body. Bytes and Salt are set only when State is Here.
type Body struct {
	State State
	Reach Reach
	Index uint64 // of the event, in its origin's record
	Salt  [SaltSize]byte
	Bytes []byte
}

// Key names a body: SHA-256 of the origin, then the leaf hash of the event.
type Key [64]byte

// KeyOf makes the key of the body that the event with this leaf hash committed to.
func KeyOf(origin string, leaf [32]byte) Key {
	var k Key
	h := sha256.Sum256([]byte(origin))
	copy(k[:32], h[:])
	copy(k[32:], leaf[:])
	return k
}

// Leaf is the half of the key that names the event.
func (k Key) Leaf() (leaf [32]byte) {
	copy(leaf[:], k[32:])
	return leaf
}

var (
	stateBucket = []byte("body-state")
	bytesBucket = []byte("body-bytes")
	wantBucket  = []byte("body-want") // keys with State NotFetched, so that a fetcher need not scan
)

var reaches = []Reach{"", Far, Neighbours, Hub, Stewards}

// Prepare makes the shelf's buckets.
func Prepare(tx *bbolt.Tx) error {
	for _, name := range [][]byte{stateBucket, bytesBucket, wantBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// Promise notes that the event at index committed to a body which is not here yet.
func Promise(tx *bbolt.Tx, k Key, reach Reach, index uint64) error {
	if err := setState(tx, k, NotFetched, reach, index); err != nil {
		return err
	}
	return tx.Bucket(wantBucket).Put(k[:], nil)
}

// Put lays salt and bytes on the shelf. The caller has checked them against the commitment.
func Put(tx *bbolt.Tx, k Key, s *Sealed, index uint64) error {
	if err := setState(tx, k, Here, s.Reach, index); err != nil {
		return err
	}
	if err := tx.Bucket(wantBucket).Delete(k[:]); err != nil {
		return err
	}
	shelf := tx.Bucket(bytesBucket)
	shelf.FillPercent = 1.0 // bodies are laid one behind the other: no room is kept in between
	return shelf.Put(place(k, index), append(s.Salt[:], s.Bytes...))
}

// place is the key of a body's bytes: half of the origin's hash and the index of the event. Unlike the leaf hash it is next to the places of
// the bodies that come with it, and a commit writes one page for all.
func place(k Key, index uint64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 24), k[:16]...), index)
}

// Remove takes salt and bytes away and leaves the reason: Erased or Lost. Removing twice changes nothing, and an erased body
// stays erased.
func Remove(tx *bbolt.Tx, k Key, why State) error {
	b := Get(tx, k)
	if b.State == Erased {
		return nil
	}
	if err := setState(tx, k, why, b.Reach, b.Index); err != nil {
		return err
	}
	if err := tx.Bucket(wantBucket).Delete(k[:]); err != nil {
		return err
	}
	return tx.Bucket(bytesBucket).Delete(place(k, b.Index))
}

// Get reads what the shelf knows; the zero Body (Unknown) if it knows nothing. Bytes are valid within tx only.
func Get(tx *bbolt.Tx, k Key) Body {
	states := tx.Bucket(stateBucket)
	if states == nil {
		return Body{}
	}
	b, err := parseState(states.Get(k[:]))
	if err != nil || b.State != Here {
		return b
	}
	raw := tx.Bucket(bytesBucket).Get(place(k, b.Index))
	if len(raw) < SaltSize {
		return Body{State: Lost, Reach: b.Reach, Index: b.Index}
	}
	copy(b.Salt[:], raw)
	b.Bytes = raw[SaltSize:]
	return b
}

// Wanted yields the keys of bodies that were promised and are not here: those of the same origin behind the given key.
func Wanted(tx *bbolt.Tx, after Key) iter.Seq[Key] {
	return func(yield func(Key) bool) {
		for k := range keys(tx, wantBucket, after[:]) {
			if [32]byte(k[:32]) != [32]byte(after[:32]) {
				return
			}
			if k != after && !yield(k) {
				return
			}
		}
	}
}

// From yields every key that the shelf knows, from one on.
func From(tx *bbolt.Tx, from []byte) iter.Seq[Key] { return keys(tx, stateBucket, from) }

func keys(tx *bbolt.Tx, bucket, from []byte) iter.Seq[Key] {
	return func(yield func(Key) bool) {
		c := tx.Bucket(bucket).Cursor()
		for k, _ := c.Seek(from); len(k) == 64 && yield(Key(k)); k, _ = c.Next() {
		}
	}
}

// setState stores: state, reach, big-endian index; 10 bytes.
func setState(tx *bbolt.Tx, k Key, s State, reach Reach, index uint64) error {
	v := []byte{byte(s), 0}
	for i, r := range reaches {
		if r == reach {
			v[1] = byte(i)
		}
	}
	return tx.Bucket(stateBucket).Put(k[:], binary.BigEndian.AppendUint64(v, index))
}

func parseState(v []byte) (Body, error) {
	if len(v) != 10 || int(v[1]) >= len(reaches) {
		return Body{}, errors.New("no such body")
	}
	return Body{State: State(v[0]), Reach: reaches[v[1]], Index: binary.BigEndian.Uint64(v[2:])}, nil
}

// Export spells all that the shelf has under a key, for a backup: 10 bytes of state, then salt and bytes if they are here.
func Export(tx *bbolt.Tx, k Key) []byte {
	b := Get(tx, k)
	return append(append([]byte(nil), tx.Bucket(stateBucket).Get(k[:])...), tx.Bucket(bytesBucket).Get(place(k, b.Index))...)
}

// Import reads what Export wrote, under the key's two halves in hexadecimal.
func Import(tx *bbolt.Tx, origin, leaf string, data []byte) error {
	raw, err := hex.DecodeString(origin + leaf)
	if err != nil || len(raw) != 64 || len(data) < 10 {
		return fmt.Errorf("body %s/%s of %d bytes", origin, leaf, len(data))
	}
	b, err := parseState(data[:10])
	if err != nil {
		return err
	}
	switch k := Key(raw); {
	case b.State == NotFetched:
		return Promise(tx, k, b.Reach, b.Index)
	case b.State != Here:
		return setState(tx, k, b.State, b.Reach, b.Index)
	case len(data) < 10+SaltSize:
		return fmt.Errorf("body %s/%s has no salt", origin, leaf)
	default:
		s := &Sealed{Salt: [SaltSize]byte(data[10 : 10+SaltSize]), Bytes: data[10+SaltSize:], Reach: b.Reach}
		return Put(tx, k, s, b.Index)
	}
}
