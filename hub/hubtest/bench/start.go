package main

import "time"

// start times the program from being called to the first whole page.
func start(b *bench) error {
	empty := func() (string, error) { return b.folder("empty") }
	if err := b.starts("fresh folder", 50, empty); err != nil {
		return err
	}
	s, err := b.seed(many)
	if err != nil {
		return err
	}
	dir, err := b.copy(s) // others copy the seed, which a hub's socket would keep them from
	if err != nil {
		return err
	}
	return b.starts("100,000 events", 80, func() (string, error) { return dir, nil })
}

func (b *bench) starts(name string, target float64, folder func() (string, error)) error {
	const rounds = 9
	var first, whole []time.Duration
	for range rounds {
		dir, err := folder()
		if err != nil {
			return err
		}
		p, err := b.open(dir)
		if err != nil {
			return err
		}
		if _, err := p.get("/healthz", ""); err != nil {
			return err
		}
		first = append(first, time.Since(p.began))
		if _, err := p.get("/notices", ""); err != nil {
			return err
		}
		whole = append(whole, time.Since(p.began))
		if err := p.close(); err != nil {
			return err
		}
	}
	b.atMost("start to first answer, "+name, ms(median(first)), target, "ms")
	b.told("and to the first list page", ms(median(whole)), "ms")
	return nil
}
