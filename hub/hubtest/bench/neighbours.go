package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/mirror"
	"commonhub/hub/people"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// neighbour is a hub without a portal: its record and its mirror, which is all that other hubs see of one.
type neighbour struct {
	db     *store.DB
	record *record.Record
	mirror *mirror.Mirror
	server *httptest.Server // nil unless it is served
}

func openNeighbour(dir string) (*neighbour, error) {
	db, err := store.Open(dir, store.Options{Volatile: true})
	if err != nil {
		return nil, err
	}
	n := &neighbour{db: db}
	if n.record, err = record.Open(db, record.Options{Services: []record.Service{people.New(), mirror.View{}}}); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	n.mirror, err = mirror.Open(mirror.Options{
		Record: n.record, Name: func() string { return "Bench" }, Gossip: func() string { return "" }, Loopback: true,
		Reserve: func() bool { return true }, Log: quiet(),
	})
	return n, err
}

func (n *neighbour) close() error {
	if n.server != nil {
		n.server.CloseClientConnections() // idle ones of a hub that keeps them would be waited for
		n.server.Close()
	}
	return errors.Join(n.mirror.Close(), n.record.Close(), n.db.Close())
}

func (n *neighbour) serve() { n.server = httptest.NewServer(http.Handler(n.mirror.Handler())) }

// accept takes the hub at an address for a neighbour and returns when a copy of its record is here.
func (n *neighbour) accept(url string) (id string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found, err := n.mirror.Add(ctx, url)
	if err != nil {
		return "", err
	}
	if err := n.mirror.Accept(ctx, "", found.ID); err != nil {
		return "", err
	}
	return found.ID, n.holds(found.ID, found.Size)
}

// holds waits until so many entries of a neighbour's record are here.
func (n *neighbour) holds(id string, size uint64) error {
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		for _, known := range n.mirror.List() {
			if known.ID == id && known.Synced >= size && !known.SyncedAt.IsZero() {
				return nil
			}
			if known.ID == id && time.Now().After(end) {
				return fmt.Errorf("%s is still behind: %+v", id, known)
			}
		}
	}
}

// block is a number of neighbours.
type block []*neighbour

func (all block) close() error {
	var failed []error
	for _, n := range all {
		failed = append(failed, n.close())
	}
	return errors.Join(failed...)
}

// surround gives a stopped hub so many neighbours with a hundred notices each, which it has accepted and read, and which go on
// answering.
func (b *bench) surround(dir string, count int) (all block, err error) {
	hub, err := openNeighbour(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, hub.close()) }()
	for range count {
		home, err := b.folder("neighbour")
		if err != nil {
			return all, err
		}
		n, err := openNeighbour(home)
		if err != nil {
			return all, err
		}
		all = append(all, n)
		if err := month(n.record, 100); err != nil {
			return all, err
		}
		n.serve()
		if _, err := hub.accept(n.server.URL); err != nil {
			return all, err
		}
	}
	return all, nil
}

// read waits until the words of the newest of size entries are here.
func (n *neighbour) read(id string, size uint64) error {
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		var state body.State
		err := n.record.Read(func(v record.View) error {
			e, err := v.Entry(record.OriginFor(id), size-1)
			state = v.Body(e.Origin, e.Leaf).State
			return err
		})
		if err != nil || state == body.Here {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("the words of %s %d do not come", id, size-1)
		}
	}
}
