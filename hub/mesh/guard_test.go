package mesh

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"
)

// claimed is a length that a header claims where there is nothing behind it.
type claimed uint32

// pack writes a MessagePack map of names and values as memberlist does: string, []byte, int, uint32,
// bool or claimed.
func pack(pairs ...any) []byte {
	b := []byte{0x80 | byte(len(pairs)/2)}
	for _, v := range pairs {
		b = packValue(b, v)
	}
	return b
}

func packValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(append(b, 0xd9, byte(len(v))), v...)
	case []byte:
		return append(binary.BigEndian.AppendUint16(append(b, 0xda), uint16(len(v))), v...)
	case int:
		return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(v))
	case uint32:
		return binary.BigEndian.AppendUint32(append(b, 0xce), v)
	case claimed:
		return binary.BigEndian.AppendUint32(append(b, 0xdb), uint32(v))
	case bool:
		return append(b, map[bool]byte{false: 0xc2, true: 0xc3}[v])
	}
	panic("no such kind of value")
}

func labelled(parts ...[]byte) []byte {
	return append(append([]byte{typeLabel, byte(len(label))}, label...), bytes.Join(parts, nil)...)
}

func message(kind byte, pairs ...any) []byte { return append([]byte{kind}, pack(pairs...)...) }

func compound(parts ...[]byte) []byte {
	b := []byte{typeCompound, byte(len(parts))}
	for _, p := range parts {
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
	}
	return append(b, bytes.Join(parts, nil)...)
}

func testRules() packetRules {
	member := netip.MustParseAddrPort("10.0.0.9:7946")
	return packetRules{
		allow:  allowedFor(netip.MustParseAddrPort("0.0.0.0:7946"), nil),
		member: func(a netip.AddrPort) bool { return a == member },
		own:    func(name []byte) bool { return string(name) == "me" },
	}
}

// passOver is for tests that do not look at the members of a push/pull.
func passOver([]field) {}

func TestGuardReadsPackets(t *testing.T) {
	from := netip.MustParseAddrPort("10.0.0.1:7946")
	source := []any{"SourceAddr", []byte{10, 0, 0, 1}, "SourcePort", 7946, "SourceNode", "x"}
	ping := message(typePing, append([]any{"SeqNo", 1, "Node", "me"}, source...)...)
	relay := func(ip ...byte) []byte {
		return message(typeIndirectPing, append([]any{"SeqNo", 1, "Target", ip, "Port", 7946, "Nack", true}, source...)...)
	}
	foreign := message(typePing, "SeqNo", 1, "Node", "me", "SourceAddr", []byte{10, 0, 0, 2}, "SourcePort", 7946)
	alive := message(typeAlive, "Incarnation", 1, "Node", "n", "Addr", []byte{10, 0, 0, 2}, "Port", 1, "Meta", make([]byte, 99), "Vsn", []byte{1, 5, 2, 0, 0, 0})
	user := append([]byte{typeUser}, make([]byte, rumourLength)...)
	cases := []struct {
		name string
		in   []byte
		want error
	}{
		{"ping", labelled(ping), nil},
		{"ping without source", labelled(message(typePing, "SeqNo", 1, "Node", "me")), nil},
		{"ack", labelled(message(typeAck, "SeqNo", 1, "Payload", []byte{})), nil},
		{"nack", labelled(message(typeNack, "SeqNo", 1)), nil},
		{"suspect", labelled(message(typeSuspect, "Incarnation", 1, "Node", "n", "From", "m")), nil},
		{"dead", labelled(message(typeDead, "Incarnation", 1, "Node", "n", "From", "m")), nil},
		{"alive", labelled(alive), nil},
		{"user", labelled(user), nil},
		{"compound", labelled(compound(ping, alive, user)), nil},
		{"checksum", labelled([]byte{typeChecksum, 1, 2, 3, 4}, compound(ping, user)), nil},
		{"ping for a member", labelled(relay(10, 0, 0, 9)), nil},

		{"no label", ping, errLabel},
		{"empty", labelled(), errShape},
		{"push/pull", labelled(message(typePushPull, "Nodes", 1)), errType},
		{"compressed", labelled(message(9, "Algo", 0, "Buf", make([]byte, 300))), errType},
		{"sealed", labelled(message(10)), errType},
		{"error", labelled(message(typeError, "Error", "x")), errType},
		{"unknown", labelled(message(14)), errType},
		{"label twice", labelled(labelled(ping)), errType},
		{"compound in compound", labelled(compound(compound(ping))), errType},
		{"checksum in compound", labelled(compound([]byte{typeChecksum, 0, 0, 0, 0, typePing})), errType},
		{"compressed in compound", labelled(compound(ping, message(9))), errType},
		{"checksum twice", labelled([]byte{typeChecksum, 0, 0, 0, 0, typeChecksum, 0, 0, 0, 0}, ping), errType},
		{"empty compound", labelled([]byte{typeCompound, 0}), errShape},
		{"cut compound", labelled(compound(ping, user)[:30]), errShape},
		{"compound with a tail", labelled(compound(ping), []byte{0}), errShape},
		{"long user message", labelled([]byte{typeUser}, make([]byte, rumourSize+1)), errSize},
		{"tail", labelled(ping, []byte{0}), errShape},
		{"field twice", labelled(message(typePing, "SeqNo", 1, "SeqNo", 2)), errShape},
		{"array for map", labelled([]byte{typeAck, 0x92, 1, 0xc0}), errShape},
		{"map in map", labelled([]byte{typeAck, 0x81, 0xa1, 'a', 0x80}), errShape},
		{"negative number", labelled([]byte{typeAck, 0x81, 0xa1, 'a', 0xd0, 0x80}), errShape},
		{"extension", labelled([]byte{typeAck, 0x81, 0xa1, 'a', 0xd4, 1, 1}), errShape},
		{"string of 4 GB", labelled(message(typeAck, "Payload", claimed(1<<32-1))), errShape},
		{"string without bytes", labelled([]byte{typeAck, 0x81, 0xa1, 'a', 0xda, 1, 0}), io.EOF},
		{"answer to another", labelled(foreign), errSource},
		{"ping for a stranger", labelled(relay(10, 0, 0, 8)), errSource},
		{"ping for the internet", labelled(relay(8, 8, 8, 8)), errSource},
	}
	for _, c := range cases {
		if _, err := testRules().check(c.in, from); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// pushPull writes the opening of a push/pull that claims so many nodes and bytes of state.
func pushPull(nodes, state int, rest ...[]byte) []byte {
	head := message(typePushPull, "Nodes", nodes, "UserStateLen", state, "Join", true)
	return append(head, bytes.Join(rest, nil)...)
}

// allocated tells how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestGuardReadsStreams(t *testing.T) {
	peer := pack("Name", "n", "Addr", []byte{10, 0, 0, 1}, "Port", 1, "Meta", make([]byte, 99), "Incarnation", 1, "State", 0, "Vsn", []byte{1, 5, 2, 0, 0, 0})
	cases := []struct {
		name string
		in   []byte
		want error
	}{
		{"push/pull", pushPull(2, 3, peer, peer, []byte("abc")), nil},
		{"ping", message(typePing, "SeqNo", 1, "Node", "me"), nil},

		{"a million nodes", pushPull(1<<20, 0), errSize},
		{"as many nodes as fit, and none there", pushPull(streamNodes, 0), io.EOF},
		{"20 MB of state", pushPull(0, 20<<20), errSize},
		{"as much state as fits, and none there", pushPull(0, stateSize), io.EOF},
		{"negative nodes", pushPull(-1, 0), errShape},
		{"nodes that are a string", message(typePushPull, "Nodes", "2"), errShape},
		{"meta of 4 GB", pushPull(1, 0, pack("Meta", claimed(1<<32-1))), errShape},
		{"meta of 600 bytes", pushPull(1, 0, pack("Meta", make([]byte, 600))), errSize},
		{"endless nodes", pushPull(streamNodes, 0, bytes.Repeat(pack("Meta", make([]byte, 500), "b", make([]byte, 500)), streamNodes)), errSize},
		{"user message", message(typeUser, "UserMsgLen", 20<<20), errType},
		{"compressed", message(9, "Algo", 0, "Buf", make([]byte, 300)), errType},
		{"sealed", append([]byte{10}, 0x01, 0x40, 0, 0), errType},
		{"error", message(typeError, "Error", "x"), errType},
		{"nothing", nil, io.EOF},
	}
	for _, c := range cases {
		in := labelled(c.in)
		var out []byte
		var err error
		size := allocated(func() { out, err = readOpening(bytes.NewReader(in), passOver) })
		if !errors.Is(err, c.want) && !(c.want == io.EOF && errors.Is(err, io.ErrUnexpectedEOF)) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if err == nil && !bytes.Equal(out, in) {
			t.Errorf("%s: what was read differs from what was sent", c.name)
		}
		if c.name != "endless nodes" && size > 1<<20 || size > 8<<20 {
			t.Errorf("%s: allocates %d bytes", c.name, size)
		}
	}
	if _, err := readOpening(bytes.NewReader(pushPull(0, 0)), passOver); !errors.Is(err, errLabel) {
		t.Errorf("stream without label: %v", err)
	}
}

func TestGuardReadsReplies(t *testing.T) {
	if _, err := readReply(bytes.NewReader(pushPull(0, 0)), passOver); err != nil {
		t.Errorf("push/pull: %v", err)
	}
	if _, err := readReply(bytes.NewReader(message(typeError, "Error", "no")), passOver); err != nil {
		t.Errorf("error: %v", err)
	}
	for name, in := range map[string][]byte{
		"a million nodes": pushPull(1<<20, 0),
		"compressed":      message(9, "Algo", 0, "Buf", make([]byte, 300)),
		"user message":    message(typeUser, "UserMsgLen", 20<<20),
		"ping":            message(typePing, "SeqNo", 1),
	} {
		if _, err := readReply(bytes.NewReader(in), passOver); err == nil {
			t.Errorf("%s: was accepted", name)
		}
	}
}

// TestMeshUnderFire sends what fells a bare memberlist to a mesh that runs.
func TestMeshUnderFire(t *testing.T) {
	a := startNode(t, "a", nil)
	size := allocated(func() {
		for range 20 {
			fire(t, "tcp", a.Gossip(), labelled(pushPull(1<<20, 0)))
			fire(t, "tcp", a.Gossip(), labelled(message(typeUser, "UserMsgLen", 20<<20)))
			fire(t, "udp", a.Gossip(), labelled(message(9, "Algo", 0, "Buf", make([]byte, 500))))
		}
	})
	t.Logf("20 rounds of bombs made us allocate %d kB", size>>10)
	if size > 8<<20 {
		t.Errorf("bombs made us allocate %d bytes", size)
	}
	b := startNode(t, "b", func(o *Options) { o.Join = []string{a.url} })
	eventually(t, "both see each other after the fire", func() bool { return a.sees(b) && b.sees(a) })
}

// TestBombInReply has a hub call somebody who answers with a bomb.
func TestBombInReply(t *testing.T) {
	a := startNode(t, "a", nil)
	liar, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer liar.Close()
	go func() {
		for {
			conn, err := liar.Accept()
			if err != nil {
				return
			}
			conn.Write(pushPull(1<<20, 0))
			conn.Close()
		}
	}()
	size := allocated(func() {
		for range 20 {
			if _, err := a.current().list.Join([]string{liar.Addr().String()}); err == nil {
				t.Error("the liar was joined")
			}
		}
	})
	t.Logf("20 replies made us allocate %d kB", size>>10)
	if size > 8<<20 {
		t.Errorf("20 replies made us allocate %d bytes", size)
	}
}

// fire sends one message; over TCP it waits until the other side hangs up.
func fire(t *testing.T, network, addr string, b []byte) {
	t.Helper()
	conn, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write(b) // the other side may hang up before it has read all
	if network == "tcp" {
		conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("a bomb was answered")
		}
	}
}

func FuzzPacketCheck(f *testing.F) {
	f.Add(labelled(compound(message(typePing, "SeqNo", 1, "Node", "me"), message(typeAck, "SeqNo", 1))))
	f.Add(labelled([]byte{typeChecksum, 1, 2, 3, 4}, message(typeAlive, "Node", "n", "Meta", []byte("m"))))
	f.Add(labelled(pushPull(1, 0)))
	from := netip.MustParseAddrPort("10.0.0.1:7946")
	f.Fuzz(func(t *testing.T, b []byte) {
		given := bytes.Clone(b)
		load, err := testRules().check(b, from)
		if !bytes.Equal(b, given) {
			t.Fatal("check changed the packet")
		}
		if err == nil && (len(b) < 2+len(label) || load.pings+load.dear+load.cries > 255) {
			t.Fatalf("accepted %x with load %+v", b, load)
		}
		if out, err := readOpening(bytes.NewReader(b), passOver); err == nil && !bytes.HasPrefix(b, out) {
			t.Fatalf("read %x out of %x", out, b)
		}
	})
}
