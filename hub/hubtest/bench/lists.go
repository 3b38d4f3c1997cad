package main

import (
	"errors"
	"fmt"
	"time"
)

// lists reads /notices from hubs of three sizes in turn: as a guest from the cache, as a guest right after a notice, and as a member.
func lists(b *bench) error {
	sizes := []int{1000, 10_000, many}
	var hubs []*process
	var tokens [][]string
	for _, n := range sizes {
		s, err := b.seed(n)
		if err != nil {
			return err
		}
		dir, err := b.copy(s)
		if err != nil {
			return err
		}
		p, err := b.open(dir)
		if err != nil {
			return err
		}
		defer p.close()
		hubs, tokens = append(hubs, p), append(tokens, s.tokens)
	}
	for _, c := range []struct {
		name    string
		rounds  int
		prepare func(p *process, token string) error
		member  bool
	}{
		{"guest, from the cache", 3000, nothing, false},
		{"guest, after a notice", 150, posted, false},
		{"member", 300, nothing, true},
	} {
		took := make([][]time.Duration, len(hubs))
		for round := range c.rounds {
			for i, p := range hubs {
				token := tokens[i][round%households]
				if err := c.prepare(p, token); err != nil {
					return err
				}
				if !c.member {
					token = ""
				}
				d, err := p.get("/notices", token)
				if err != nil {
					return err
				}
				took[i] = append(took[i], d)
			}
		}
		for i, n := range sizes {
			b.told(fmt.Sprintf("list page, %s, %d events", c.name, n), ms(median(took[i])), "ms")
		}
		for i, n := range sizes[1:] {
			b.atMost(fmt.Sprintf("list page, %s, %d by 1000", c.name, n), ms(median(took[i+1]))/ms(median(took[0])), 1.3, "x")
		}
	}
	return nil
}

func nothing(*process, string) error { return nil }

func posted(p *process, token string) error {
	_, err := p.post(token, "far")
	return err
}

// readers is how many guests read at a time.
const readers = 64

// reading has guests read the list as fast as they can, alone and beside one who posts a hundred notices a second.
func reading(b *bench) (err error) {
	s, err := b.seed(10_000)
	if err != nil {
		return err
	}
	dir, err := b.copy(s)
	if err != nil {
		return err
	}
	p, err := b.open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	const rounds = 5
	var alone, beside []float64
	for round := range rounds {
		quiet, err := readRate(p, nil)
		if err != nil {
			return err
		}
		busy, err := readRate(p, s.tokens[round*50:])
		if err != nil {
			return err
		}
		alone, beside = append(alone, quiet), append(beside, busy)
	}
	b.told("list pages, 64 guests alone", median(alone), "/s")
	b.told("list pages, beside 100 notices/s", median(beside), "/s")
	b.atLeast("reading beside writing by reading alone", median(beside)/median(alone), 0.8, "x")
	return nil
}

// readRate reads for two seconds. With tokens somebody posts a notice every hundredth of a second meanwhile.
func readRate(p *process, tokens []string) (perSecond float64, err error) {
	const span, pause = 2 * time.Second, 10 * time.Millisecond
	written := make(chan error, 1)
	began := time.Now()
	go func() {
		var err error
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for n := 0; err == nil && len(tokens) > 0 && n < int(span/pause); n++ {
			<-tick.C
			_, err = p.post(tokens[n%40], "far")
		}
		written <- err
	}()
	pages := 0
	for time.Since(began) < span {
		const some = 2000
		if err := together(readers, some, func(int) error { _, err := p.get("/notices", ""); return err }); err != nil {
			return 0, err
		}
		pages += some
	}
	took := time.Since(began)
	return float64(pages) / took.Seconds(), <-written
}
