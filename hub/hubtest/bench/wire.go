package main

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// wire has a neighbour read a hub through a counter of bytes. Of a notice for this hub only entry and checkpoint travel; of one
// that goes far its words, too.
func wire(b *bench) (err error) {
	s, err := b.seed(1000)
	if err != nil {
		return err
	}
	dir, err := b.copy(s)
	if err != nil {
		return err
	}
	hub, err := b.open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hub.close()) }()
	line, err := newCounter(strings.TrimPrefix(hub.url, "http://"))
	if err != nil {
		return err
	}
	defer line.close()
	home, err := b.folder("reader")
	if err != nil {
		return err
	}
	reader, err := openNeighbour(home)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(reader.close(), err) }()
	id, err := reader.accept(line.url())
	if err != nil {
		return err
	}
	return b.count(hub, s, reader, id, line)
}

// count posts notices one by one and reads the counter when each has arrived.
func (b *bench) count(hub *process, s seed, reader *neighbour, id string, line *counter) error {
	size := uint64(1000)
	for _, reach := range []string{"hub", "far"} {
		const notices = 5
		var bytes []float64
		for n := range notices {
			before := line.bytes.Load()
			if _, err := hub.post(s.tokens[n], reach); err != nil {
				return err
			}
			size++
			reader.mirror.Hint(id, line.url(), size)
			if err := reader.holds(id, size); err != nil {
				return err
			}
			if err := reader.read(id, size, reach == "far"); err != nil {
				return err
			}
			bytes = append(bytes, float64(line.bytes.Load()-before))
		}
		if reach == "hub" {
			b.atMost("one new notice: entry and checkpoint on the wire", median(bytes), 1500, "B")
			continue
		}
		b.told("with its words", median(bytes), "B")
	}
	return nil
}

// counter passes connections on to a hub and counts what goes either way.
type counter struct {
	listener net.Listener
	to       string
	bytes    atomic.Int64
	all      sync.WaitGroup
}

func newCounter(to string) (*counter, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &counter{listener: l, to: to}
	c.all.Go(c.accept)
	return c, nil
}

func (c *counter) url() string { return "http://" + c.listener.Addr().String() }

// close stops taking connections; those that run end with their ends.
func (c *counter) close() { c.listener.Close() }

func (c *counter) accept() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", c.to)
		if err != nil {
			near.Close()
			continue
		}
		c.all.Go(func() { c.pass(near, far) })
		c.all.Go(func() { c.pass(far, near) })
	}
}

func (c *counter) pass(to, from net.Conn) {
	defer to.Close()
	io.Copy(io.MultiWriter(to, c), from)
}

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	return len(p), nil
}
