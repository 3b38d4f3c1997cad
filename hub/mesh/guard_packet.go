package mesh

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// Message types of memberlist's protocol (its net.go, messageType).
const (
	typePing         = 0
	typeIndirectPing = 1
	typeAck          = 2
	typeSuspect      = 3
	typeAlive        = 4
	typeDead         = 5
	typePushPull     = 6
	typeCompound     = 7
	typeUser         = 8
	typeNack         = 11
	typeChecksum     = 12
	typeError        = 13
	typeLabel        = 244
)

const (
	label       = "commonhub-1"
	packetSize  = 1400 // bytes; memberlist is told to send 1200
	rumourSize  = 900  // bytes of a user message
	datagramCap = packetSize + 1
)

var (
	errLabel  = errors.New("foreign label")
	errType   = errors.New("message type is not accepted here")
	errSource = errors.New("message speaks for another address")
)

// packetRules are what a packet is checked against. They do not change.
type packetRules struct {
	allow  allowed
	member func(netip.AddrPort) bool // a live member's gossip address
	own    func(name []byte) bool    // our present member name
}

// load is what handling a packet will cost us.
type load struct {
	pings  int
	dear   int  // messages that may need a signature to be verified
	cries  int  // call-outs, which may need one as well
	buried bool // it says that we are dead, and we cannot top it
}

// check reads a whole packet and refuses all that memberlist would answer with more work or
// memory than the packet itself cost: compressed and sealed messages, nested compounds, and
// pings whose answer would go to somebody else.
func (r packetRules) check(b []byte, from netip.AddrPort) (load, error) {
	var sum load
	head := []byte{typeLabel, byte(len(label))}
	b, ok := bytes.CutPrefix(b, append(head, label...))
	if !ok {
		return sum, errLabel
	}
	if len(b) > 5 && b[0] == typeChecksum {
		b = b[5:] // memberlist compares the sum itself
	}
	if len(b) == 0 || b[0] != typeCompound {
		return sum, r.message(b, from, &sum)
	}
	parts, err := split(b[1:])
	if err != nil {
		return sum, err
	}
	for _, part := range parts {
		if err := r.message(part, from, &sum); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// split takes a compound message apart: count(1), a length(2, big endian) for each part, parts.
func split(b []byte) ([][]byte, error) {
	if len(b) < 1 || b[0] == 0 || len(b) < 1+2*int(b[0]) {
		return nil, errShape
	}
	lengths, rest := b[1:1+2*int(b[0])], b[1+2*int(b[0]):]
	var parts [][]byte
	for ; len(lengths) > 0; lengths = lengths[2:] {
		n := int(binary.BigEndian.Uint16(lengths))
		if n == 0 || n > len(rest) {
			return nil, errShape
		}
		parts, rest = append(parts, rest[:n]), rest[n:]
	}
	if len(rest) > 0 {
		return nil, errShape
	}
	return parts, nil
}

func (r packetRules) message(b []byte, from netip.AddrPort, sum *load) error {
	if len(b) == 0 {
		return errShape
	}
	switch b[0] {
	case typeUser:
		if isCallOut(b[1:]) {
			sum.cries++
		} else {
			sum.dear++
		}
		return atMost(len(b)-1, rumourSize)
	case typePing, typeIndirectPing, typeAck, typeNack, typeSuspect, typeAlive, typeDead:
	default:
		return fmt.Errorf("%w: %d", errType, b[0])
	}
	t := tape{r: bytes.NewReader(b[1:]), max: packetSize}
	fields, err := t.flat()
	if err != nil {
		return err
	}
	if len(t.buf) != len(b)-1 {
		return errShape
	}
	switch b[0] {
	case typePing:
		sum.pings++
		return answersTo(fields, from)
	case typeIndirectPing:
		return r.relay(fields, from)
	case typeAlive:
		sum.dear++
	case typeSuspect, typeDead:
		sum.buried = sum.buried || r.buries(fields, "Node")
	}
	return nil
}

// untoppable is an incarnation that no hub reaches by honest means: it counts the lies that a hub has answered. To answer the
// highest number of all, memberlist's counter of 32 bits turns over to zero, and nobody believes it any more.
const untoppable = 1 << 31

// buries tells whether a suspicion, a death, or a member in a push/pull, whose name is in the given field, is about us and beyond
// answering. That a push/pull may call us alive under such a number does not matter: the next suspicion has it too.
func (r packetRules) buries(fields []field, name string) bool {
	for _, f := range fields {
		if f.name == "Incarnation" && f.kind == kindNumber && f.num >= untoppable {
			return r.own(raw(fields, name))
		}
	}
	return false
}

func atMost(n, most int) error {
	if n > most {
		return errSize
	}
	return nil
}

// answersTo refuses a ping that wants its answer sent to another address than its own.
func answersTo(fields []field, from netip.AddrPort) error {
	source := raw(fields, "SourceAddr")
	if source == nil {
		return nil
	}
	port, err := number(fields, "SourcePort", 65535)
	if err != nil {
		return err
	}
	ip, ok := netip.AddrFromSlice(source)
	if !ok || ip.Unmap() != from.Addr() || port != int(from.Port()) {
		return errSource
	}
	return nil
}

// relay lets us ping on behalf of another member, but only members: whoever else is named would
// be a third party that we are made to disturb.
func (r packetRules) relay(fields []field, from netip.AddrPort) error {
	if err := answersTo(fields, from); err != nil {
		return err
	}
	port, err := number(fields, "Port", 65535)
	if err != nil {
		return err
	}
	ip, ok := netip.AddrFromSlice(raw(fields, "Target"))
	if !ok || !r.allow.has(ip) || !r.member(netip.AddrPortFrom(ip.Unmap(), uint16(port))) {
		return errSource
	}
	return nil
}
