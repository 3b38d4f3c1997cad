package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// writes posts notices through HTTP with bearer tokens, each answered only when it is durable, beside the rate at which this disk takes
// 4 kB and a sync.
func writes(b *bench) error {
	s, err := b.seed(1000)
	if err != nil {
		return err
	}
	post := func(p *process, n int) error {
		_, err := p.post(s.tokens[n%households], "far")
		return err
	}
	for _, c := range []contest{{1, 300, 0.25}, {16, 1600, 1}, {64, 2000, 2}} {
		if err := b.race("notices", s, c, post); err != nil {
			return err
		}
	}
	return nil
}

// contest is so many writers with so many things to write together, and how often the disk's own rate they should reach.
type contest struct {
	writers, things int
	times           float64
}

// race measures writers beside the bare disk. Rounds alternate, because a shared disk has moods.
func (b *bench) race(what string, s seed, c contest, write func(p *process, n int) error) error {
	const rounds = 3
	var bare, ours []float64
	for range rounds {
		limit, err := syncRate(b.dir)
		if err != nil {
			return err
		}
		rate, err := b.rate(s, c, write)
		if err != nil {
			return err
		}
		bare, ours = append(bare, limit), append(ours, rate)
	}
	b.told(fmt.Sprintf("4 kB and fsync, beside %d writers", c.writers), median(bare), "/s")
	b.told(fmt.Sprintf("%s, %d writers", what, c.writers), median(ours), "/s")
	b.atLeast(fmt.Sprintf("%s by fsyncs, %d writers", what, c.writers), median(ours)/median(bare), c.times, "x")
	return nil
}

// syncRate appends 4 kB blocks to a file and syncs each: what the disk allows who wants every single one safe.
func syncRate(dir string) (perSecond float64, err error) {
	f, err := os.Create(filepath.Join(dir, "bare"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	const blocks = 400
	block := make([]byte, 4096)
	began := time.Now()
	for range blocks {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return blocks / time.Since(began).Seconds(), nil
}

// rate lets writers write as fast as they are answered, on a fresh copy so that nobody's daily limit is met.
func (b *bench) rate(s seed, c contest, write func(p *process, n int) error) (perSecond float64, err error) {
	dir, err := b.copy(s)
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	p, err := b.open(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := write(p, 0); err != nil { // opens the connection, grows the file
		return 0, err
	}
	began := time.Now()
	err = together(c.writers, c.things, func(n int) error { return write(p, n+1) })
	return float64(c.things) / time.Since(began).Seconds(), err
}

// together shares jobs 0 to n-1 between so many goroutines and returns the first error.
func together(workers, n int, job func(n int) error) error {
	var next atomic.Int64
	failed := make(chan error, workers)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if err := job(int(i)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}
