package mesh

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// claim is a hub as strangers may name it: an id together with a key. An id outlives its keys,
// so nothing in the mesh can tell whether a key belongs to an id. Keeping the pair together
// means that whoever claims a foreign id gets a line of its own and overwrites nobody.
type claim struct {
	id  string
	key [ed25519.PublicKeySize]byte
}

func newClaim(id string, key ed25519.PublicKey) claim {
	c := claim{id: id}
	copy(c.key[:], key)
	return c
}

func (c claim) public() ed25519.PublicKey { return append(ed25519.PublicKey(nil), c.key[:]...) }

// tag is 80 bits of the key's hash. It makes a member name that nobody can occupy without the key.
func (c claim) tag() string {
	sum := sha256.Sum256(c.key[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// validID tells whether s looks like a hub id: 16 base32 characters (RFC 4648).
func validID(s string) bool {
	if len(s) != idSize {
		return false
	}
	for _, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// card is what a member says of itself in its gossip metadata, signed with its key. It never
// changes while the member lives under one name: a forged message with the highest incarnation
// number freezes metadata for good, and what is static cannot be frozen.
//
//	version(1) httpPort(2, big endian) publicKey(32) signature(64)
type card struct {
	claim
	epoch  uint64         // counts the member's starts; part of its name
	gossip netip.AddrPort // where it gossips
	port   uint16         // where it serves HTTP
}

const (
	idSize      = 16
	cardVersion = 1
	cardSize    = 1 + 2 + ed25519.PublicKeySize + ed25519.SignatureSize
	cardDomain  = "commonhub/mesh card v1\n"
)

// name is id.tag.epoch. A new epoch gets past whatever was gossiped about the name before, such
// as a forged death with the highest incarnation number.
func (c card) name() string {
	return c.id + "." + c.tag() + "." + strconv.FormatUint(c.epoch, 10)
}

func (c card) url() string {
	return "http://" + netip.AddrPortFrom(c.gossip.Addr(), c.port).String()
}

// candidate is what the book takes down of a member: its HTTP listener, at an address that it signed.
func (c card) candidate() candidate {
	return candidate{spot: netip.AddrPortFrom(c.gossip.Addr(), c.port), id: c.id, key: c.public(), signed: true}
}

func (c card) signed() []byte {
	return fmt.Appendf(nil, "%s%s\n%s\n%d", cardDomain, c.name(), c.gossip, c.port)
}

func (c card) meta(key ed25519.PrivateKey) []byte {
	b := binary.BigEndian.AppendUint16([]byte{cardVersion}, c.port)
	b = append(b, c.key[:]...)
	return append(b, ed25519.Sign(key, c.signed())...)
}

var (
	errName = errors.New("member name is not id.tag.epoch")
	errCard = errors.New("card does not fit the member's name and address")
)

// readCard takes apart what a member says of itself. It does not check the signature, because
// that is dear on a small machine: see [checker].
func readCard(name string, gossip netip.AddrPort, meta []byte) (card, error) {
	id, rest, _ := strings.Cut(name, ".")
	tag, count, _ := strings.Cut(rest, ".")
	epoch, err := strconv.ParseUint(count, 10, 63)
	if err != nil || !validID(id) {
		return card{}, errName
	}
	if len(meta) != cardSize || meta[0] != cardVersion {
		return card{}, errCard
	}
	c := card{claim: newClaim(id, meta[3:]), epoch: epoch, gossip: gossip, port: binary.BigEndian.Uint16(meta[1:])}
	// The second comparison refuses other spellings of the same number.
	if c.tag() != tag || c.name() != name || c.port == 0 {
		return card{}, errCard
	}
	return c, nil
}

func (c card) verify(meta []byte) bool {
	return ed25519.Verify(c.key[:], c.signed(), meta[cardSize-ed25519.SignatureSize:])
}
