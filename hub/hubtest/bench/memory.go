package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memory reads what the kernel says an idle hub keeps resident: fresh, and with many events and thirty neighbours that answer. The
// last hub gets 24 MiB from Go's point of view and must work all the same.
func memory(b *bench) error {
	fresh, err := b.folder("fresh")
	if err != nil {
		return err
	}
	if err := b.resident("fresh", fresh, 16); err != nil {
		return err
	}
	s, err := b.seed(many)
	if err != nil {
		return err
	}
	dir, err := b.copy(s)
	if err != nil {
		return err
	}
	others, err := b.surround(dir, 30)
	if err != nil {
		return err
	}
	defer others.close()
	if err := b.resident("30 mirrors, 100,000 events", dir, 32); err != nil {
		return err
	}
	return b.confined(s, dir)
}

// settle is how long a hub is left alone before it counts as idle.
const settle = 8 * time.Second

func (b *bench) resident(name, dir string, target float64) (err error) {
	p, err := b.open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if _, err := p.get("/", ""); err != nil {
		return err
	}
	time.Sleep(settle)
	r, err := p.rss()
	b.atMost("resident, idle, "+name, r["VmRSS"], target, "MiB")
	b.told("of that private to the process", r["RssAnon"], "MiB")
	return err
}

// confined uses a hub under GOMEMLIMIT: reading, writing and signing in as before.
func (b *bench) confined(s seed, dir string) (err error) {
	p, err := b.open(dir, "GOMEMLIMIT=24MiB")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	const uses = 200
	took := time.Now()
	err = together(8, uses, func(n int) error {
		_, posting := p.post(s.tokens[n%households], "far")
		_, reading := p.get("/notices", s.tokens[n%households])
		_, guests := p.get("/", "")
		return errors.Join(posting, reading, guests)
	})
	if err != nil {
		return err
	}
	b.told("200 x (post, list, home) by 8, GOMEMLIMIT=24MiB", time.Since(took).Seconds(), "s")
	r, err := p.rss()
	b.told("resident right after", r["VmRSS"], "MiB")
	b.told("most at any time (VmHWM)", r["VmHWM"], "MiB")
	return err
}

// rss reads the process's lines of /proc/PID/status that count memory, in MiB.
func (p *process) rss() (map[string]float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return nil, err
	}
	found := map[string]float64{}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		if kb, ok := strings.CutSuffix(strings.TrimSpace(value), " kB"); ok {
			n, err := strconv.ParseFloat(kb, 64)
			if err != nil {
				return nil, err
			}
			found[name] = n / 1024
		}
	}
	return found, nil
}
