package main

import (
	"errors"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"commonhub/hub/mirror"
	"commonhub/hub/people"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

const many = 100_000

// recordSize proves a record of many events as `record verify` does, counts its bytes by bucket, and tells what replaying took.
func recordSize(b *bench) error {
	s, err := b.seed(many)
	if err != nil {
		return err
	}
	took, err := verify(s.dir)
	if err != nil {
		return err
	}
	b.atMost("verifying 100,000 events", took.Seconds(), 0.5, "s")
	whole, err := b.command("record", "verify", s.dir)
	if err != nil {
		return err
	}
	b.told("the whole command record verify", whole.clock.Seconds(), "s")
	dir, err := b.copy(s)
	if err != nil {
		return err
	}
	applied, err := b.command("record", "rebuild", "--data", dir)
	if err != nil {
		return err
	}
	b.atMost("applying 100,000 events (record rebuild)", applied.clock.Seconds(), 10, "s")
	b.told("of the processors for that", applied.processor.Seconds(), "s")
	return b.weigh(s.dir)
}

// verify times View.Verify: every bundle unpacked and hashed, every tile and the root compared.
func verify(dir string) (took time.Duration, err error) {
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	r, err := record.Open(db, record.Options{Services: []record.Service{people.New(), mirror.View{}}})
	if err != nil {
		return 0, err
	}
	defer r.Close()
	began := time.Now()
	err = r.Read(func(v record.View) error {
		_, err := v.Verify(v.Self())
		return err
	})
	return time.Since(began), err
}

// weigh counts the bytes of whole pages that the buckets of a stopped hub take, for each event.
func (b *bench) weigh(dir string) error {
	db, err := bbolt.Open(filepath.Join(dir, store.FileName), 0o600, &bbolt.Options{ReadOnly: true, Timeout: patience})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bbolt.Tx) error {
		sizes := map[string]float64{}
		err := tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
			sizes[string(name)] = float64(pages(bucket.Stats())) / many
			return nil
		})
		b.atMost("record: hot, bundle and upper, an event", sizes["log"], 95, "B")
		b.told("views beside, an event", sizes["view"], "B")
		b.told("words beside, an event", sizes["body-state"]+sizes["body-bytes"]+sizes["body-want"], "B")
		b.told("the whole file, an event", float64(tx.Size())/many, "B")
		return err
	})
}

// pages is the room that a bucket and those in it take, unused parts of pages included.
func pages(s bbolt.BucketStats) int { return s.BranchAlloc + s.LeafAlloc }
