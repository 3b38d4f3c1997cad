package mesh

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	streamSize  = 512 << 10 // bytes of one message
	streamNodes = 1024      // members in one push/pull
	stateSize   = 64 << 10  // bytes of announcements in one push/pull
	streamTime  = 10 * time.Second
)

// readOpening reads the message with which a stranger opens a stream: our label, and then a ping
// or a push/pull, each of whose members it shows to the caller.
func readOpening(r io.Reader, member func([]field)) ([]byte, error) {
	t := tape{r: bufio.NewReader(r), max: streamSize}
	head, err := t.take(2 + len(label))
	if err != nil {
		return nil, err
	}
	if head[0] != typeLabel || int(head[1]) != len(label) || string(head[2:]) != label {
		return nil, errLabel
	}
	return t.stream(member, typePing, typePushPull)
}

// readReply reads what comes back on a stream that we opened. It carries no label. Whoever we
// called is as much a stranger as whoever calls us.
func readReply(r io.Reader, member func([]field)) ([]byte, error) {
	t := tape{r: bufio.NewReader(r), max: streamSize}
	return t.stream(member, typeAck, typePushPull, typeError)
}

// stream reads one message of one of the given types and returns all bytes that the tape holds.
func (t *tape) stream(member func([]field), types ...byte) ([]byte, error) {
	kind, err := t.byte()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(types, kind) < 0 {
		return nil, fmt.Errorf("%w: %d", errType, kind)
	}
	fields, err := t.flat()
	if err != nil || kind != typePushPull {
		return t.buf, err
	}
	nodes, err := number(fields, "Nodes", streamNodes)
	if err != nil {
		return nil, err
	}
	state, err := number(fields, "UserStateLen", stateSize)
	if err != nil {
		return nil, err
	}
	for range nodes {
		about, err := t.flat()
		if err != nil {
			return nil, err
		}
		member(about)
	}
	_, err = t.take(state)
	return t.buf, err
}

// checked is a stream whose incoming bytes are one message that was read whole and found good.
// memberlist reads them from memory and then sees the end.
type checked struct {
	net.Conn
	message io.Reader
	release func()
}

func (c *checked) Read(b []byte) (int, error) { return c.message.Read(b) }

func (c *checked) Close() error {
	defer c.release()
	return c.Conn.Close()
}

// dialled is a stream that we opened; what comes back is checked when memberlist first reads.
// Only one goroutine reads it.
type dialled struct {
	net.Conn
	reply    io.Reader
	overhear func(member []field)
	release  func()
}

func (d *dialled) Read(b []byte) (int, error) {
	if d.reply == nil {
		message, err := readReply(d.Conn, d.overhear)
		if err != nil {
			return 0, err
		}
		d.reply = bytes.NewReader(message)
	}
	return d.reply.Read(b)
}

func (d *dialled) Close() error {
	defer d.release()
	return d.Conn.Close()
}

// SetDeadline never grants more than streamTime from now.
func (d *dialled) SetDeadline(t time.Time) error {
	if last := time.Now().Add(streamTime); t.IsZero() || t.After(last) {
		t = last
	}
	return d.Conn.SetDeadline(t)
}
