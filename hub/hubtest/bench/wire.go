package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// wire has a neighbour read a hub through a counter of bytes, which tells entries and checkpoints from words and from what the two
// have to say to each other besides.
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

// count posts notices one by one and reads the counter when each has arrived with its words.
func (b *bench) count(hub *process, s seed, reader *neighbour, id string, line *counter) error {
	const notices, before = 9, 1000
	var record, body []float64
	for n := range notices {
		recordBefore, bodyBefore := line.record.Load(), line.body.Load()
		if _, err := hub.post(s.tokens[n], "far"); err != nil {
			return err
		}
		size := uint64(before + n + 1)
		reader.mirror.Hint(id, line.url(), size)
		if err := reader.holds(id, size); err != nil {
			return err
		}
		if err := reader.read(id, size); err != nil {
			return err
		}
		record = append(record, float64(line.record.Load()-recordBefore))
		body = append(body, float64(line.body.Load()-bodyBefore))
	}
	b.atMost("one new notice: entry and checkpoint on the wire", median(record), 1500, "B")
	b.told("its words on the wire", median(body), "B")
	return nil
}

// counter passes connections on to a hub and counts what goes either way, by what was asked for.
type counter struct {
	listener            net.Listener
	to                  string
	record, body, other atomic.Int64
	all                 sync.WaitGroup
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
		x := &exchange{c: c}
		c.all.Go(func() { pass(far, near, x.asked) })
		c.all.Go(func() { pass(near, far, x.answered) })
	}
}

func pass(to, from net.Conn, count func(p []byte)) {
	defer to.Close()
	io.Copy(io.MultiWriter(tally(count), to), from)
}

// tally is a writer that only counts.
type tally func(p []byte)

func (t tally) Write(p []byte) (int, error) { t(p); return len(p), nil }

// exchange is one connection. HTTP/1.1 as hubs speak it has one request under way: what comes back belongs to the last one.
type exchange struct {
	c  *counter
	is atomic.Pointer[atomic.Int64]
}

func (x *exchange) asked(p []byte) {
	switch {
	case bytes.HasPrefix(p, []byte("GET /record/")):
		x.is.Store(&x.c.record)
	case bytes.HasPrefix(p, []byte("GET /body/")):
		x.is.Store(&x.c.body)
	case bytes.HasPrefix(p, []byte("GET ")) || bytes.HasPrefix(p, []byte("POST ")):
		x.is.Store(&x.c.other)
	}
	x.answered(p)
}

func (x *exchange) answered(p []byte) {
	if is := x.is.Load(); is != nil {
		is.Add(int64(len(p)))
	}
}
