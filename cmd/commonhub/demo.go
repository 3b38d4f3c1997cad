package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"commonhub/hub"
	"commonhub/hub/mirror"
)

// demoSecret is the secret of everybody in the demonstration; it is printed, and dies with it.
const demoSecret = "try the commons"

// demo runs three hubs on loopback until it is told to stop: first each is filled with a month, by posting to it as people would while
// its clock stands where the month wants it; then all start again as neighbours.
func demo(ctx context.Context, t *terminal, args []string) error {
	if len(args) > 0 {
		return usage("commonhub demo", false)
	}
	dir, err := os.MkdirTemp("", "commonhub-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d := &demonstration{t: t, blocks: demoBlocks()}
	for i, b := range d.blocks {
		b.host = fmt.Sprint("127.0.0.", i+1)
		b.data = filepath.Join(dir, fmt.Sprint("hub-", i+1))
	}
	defer d.stop()
	for _, step := range []func(context.Context) error{d.fill, d.start, d.befriend} {
		if err := step(ctx); err != nil {
			return interrupted(ctx, err)
		}
	}
	d.introduce()
	<-ctx.Done()
	fmt.Fprintln(t.out, "\nstopping and removing everything")
	return nil
}

// interrupted: a demonstration that was told to stop has not failed.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

type demonstration struct {
	t      *terminal
	blocks []*demoBlock
	done   []func()
}

// demoBlock is one hub of the demonstration.
type demoBlock struct {
	name, language string
	households     []demoHousehold
	notices        []demoNotice
	drill          string // an exercise that is called out as the demonstration begins, "" for none

	data, url string
	host      string // an address of its own: browsers give one cookie to all ports of an address
	clock     demoClock
}

// demoClock stands still where it is set; unset it is the real one.
type demoClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *demoClock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

func (c *demoClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return time.Now()
	}
	return c.at
}

// run starts a hub and waits until it listens; its first lines come back.
func (d *demonstration) run(ctx context.Context, b *demoBlock, mesh bool, join []string) (lines []string, stop func(), err error) {
	h, err := hub.Open(hub.Options{
		Data: b.data, Listen: b.host + ":0", MeshListen: b.host + ":0", Join: join, Mesh: mesh, Name: b.name, Language: b.language,
		Services: services, Volatile: true, Now: b.clock.now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := h.Run(ctx, in)
		in.CloseWithError(errors.Join(err, io.EOF))
		ended <- err
	}()
	stop = sync.OnceFunc(func() { cancel(); go io.Copy(io.Discard, out); <-ended; h.Close() })
	lines, err = readyLines(out, !mesh)
	if err != nil {
		stop()
		return nil, nil, err
	}
	go io.Copy(io.Discard, out)
	b.url = lines[0]
	return lines, stop, nil
}

// readyLines reads the address, and on a fresh folder the claim address, from what a hub prints.
func readyLines(out io.Reader, fresh bool) ([]string, error) {
	var address, claim string
	if _, err := fmt.Fscanf(out, "listening on %s\n", &address); err != nil {
		return nil, err
	}
	if !fresh {
		return []string{address}, nil
	}
	_, err := fmt.Fscanf(out, "claim %s\n", &claim)
	return []string{address, claim}, err
}

// fill posts a month to each hub, one hub after the other.
func (d *demonstration) fill(ctx context.Context) error {
	bar := newBar(d.t.err, "writing a month of notices", d.steps())
	for _, b := range d.blocks {
		b.clock.set(time.Now().AddDate(0, 0, -31))
		lines, stop, err := d.run(ctx, b, false, nil)
		if err != nil {
			return err
		}
		err = (&demoWriter{block: b, bar: bar}).month(ctx, lines[1])
		stop()
		if err != nil {
			return err
		}
		b.clock.set(time.Time{})
	}
	bar.end()
	return nil
}

func (d *demonstration) steps() (n int) {
	for _, b := range d.blocks {
		n += len(b.households) + len(b.notices)
	}
	return n
}

// start runs all hubs, each knowing the address of the first.
func (d *demonstration) start(ctx context.Context) error {
	var join []string
	for _, b := range d.blocks {
		_, stop, err := d.run(ctx, b, true, join)
		if err != nil {
			return err
		}
		d.done = append(d.done, stop)
		if join == nil {
			join = []string{strings.TrimPrefix(b.url, "http://")}
		}
	}
	return nil
}

// befriend lets every hub accept the others, as soon as it has found them, and waits until their notices are here.
func (d *demonstration) befriend(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	all := len(d.blocks) * (len(d.blocks) - 1)
	bar := newBar(d.t.err, "finding and reading neighbours", all)
	for synced := 0; synced < all; {
		before := synced
		synced = 0
		for _, b := range d.blocks {
			n, err := acceptAll(ctx, console{b.data})
			if err != nil {
				return err
			}
			synced += n
		}
		bar.add(synced - before)
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return errors.New("the hubs did not find each other within a minute")
		}
	}
	bar.end()
	return nil
}

// acceptAll accepts whoever was merely seen and counts those that are read completely, words and pictures included.
func acceptAll(ctx context.Context, c console) (synced int, err error) {
	var list []mirror.Neighbour
	if err := c.call(ctx, "GET", "/neighbours", hub.ConsoleRequest{}, &list); err != nil {
		return 0, err
	}
	for _, n := range list {
		if n.State == mirror.Seen {
			var a hub.ConsoleAnswer
			if err := c.call(ctx, "POST", "/neighbours/accept", hub.ConsoleRequest{ID: n.ID}, &a); err != nil {
				return 0, err
			}
		}
		if n.State == mirror.Accepted && n.Synced > 0 && n.Behind == 0 && n.Waiting == 0 && !n.SyncedAt.IsZero() {
			synced++
		}
	}
	return synced, nil
}

// introduce prints where to go and as whom.
func (d *demonstration) introduce() {
	fmt.Fprintln(d.t.out, "Three neighbouring hubs run on this machine, and nothing leaves it:")
	for _, b := range d.blocks {
		first := b.households[0]
		fmt.Fprintf(d.t.out, "  %s  %s\n      sign in as %q with the secret %q\n", b.url, b.name, first.signIn, demoSecret)
	}
	fmt.Fprintln(d.t.out, "Ctrl-C ends it and removes everything.")
}

// stop ends the hubs, side by side: each takes about a second to say good-bye.
func (d *demonstration) stop() {
	var all sync.WaitGroup
	for _, stop := range d.done {
		all.Go(stop)
	}
	all.Wait()
}
