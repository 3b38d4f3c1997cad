package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"commonhub/hub/fault"
)

// The cost of argon2id (RFC 9106) is the one of OWASP's list that a 128 MB router can pay: 7 MiB once, about 1.6 s at 880 MHz.
const (
	argonTime    = 5
	argonMemory  = 7 << 10 // KiB
	argonThreads = 1
	argonKey     = 32
)

// waiting is how many may queue for a hash; at 1.6 s each the last one waits about as long as a person does.
const waiting = 16

// secrets hashes one secret at a time, so that memory for exactly one hash is ever needed.
type secrets struct {
	derive func(secret, salt []byte) []byte
	places chan struct{} // one per caller, waiting or working
	turn   chan struct{} // held by the one that works
}

func newSecrets() *secrets {
	return &secrets{
		derive: func(secret, salt []byte) []byte {
			return argon2.IDKey(secret, salt, argonTime, argonMemory, argonThreads, argonKey)
		},
		places: make(chan struct{}, waiting),
		turn:   make(chan struct{}, 1),
	}
}

// lock is a kept secret.
type lock struct {
	Salt   []byte `json:"salt"`
	Digest []byte `json:"digest"`
}

func (k lock) same(other lock) bool { return subtle.ConstantTimeCompare(k.Digest, other.Digest) == 1 }

// seal makes the lock of a new secret.
//
// Errors: fault Unavailable when the queue is full or the caller gave up.
func (s *secrets) seal(ctx context.Context, secret string) (lock, error) {
	k := lock{Salt: make([]byte, 16)}
	rand.Read(k.Salt)
	var err error
	k.Digest, err = s.work(ctx, secret, k.Salt)
	return k, err
}

// opens tells whether the secret is the lock's. The lock of nobody (its zero value) takes the same work and never opens.
//
// Errors: as seal.
func (s *secrets) opens(ctx context.Context, k lock, secret string) (bool, error) {
	salt := k.Salt
	if len(salt) == 0 {
		salt = make([]byte, 16)
	}
	digest, err := s.work(ctx, secret, salt)
	if err != nil {
		return false, err
	}
	return k.same(lock{Digest: digest}), nil
}

// work normalises to NFC first: keyboards differ in how they compose the same letters.
func (s *secrets) work(ctx context.Context, secret string, salt []byte) ([]byte, error) {
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		return nil, fault.New(fault.Unavailable, "people.busy")
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "people.busy").Because(ctx.Err())
	}
	return s.derive([]byte(norm.NFC.String(secret)), salt), nil
}
