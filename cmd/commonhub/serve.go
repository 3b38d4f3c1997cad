package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/peterbourgon/ff/v3"

	"commonhub/hub"
)

// repeated is a flag that may be given several times, or once with commas.
type repeated []string

func (r *repeated) String() string { return strings.Join(*r, ",") }

func (r *repeated) Set(v string) error {
	for _, part := range strings.Split(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*r = append(*r, part)
		}
	}
	return nil
}

// responder is who answers multicast questions for the hub: true is the hub itself. It is a flag with the words builtin and off,
// and takes those of a bool as well, which it once was.
type responder bool

func (r *responder) String() string {
	if r != nil && !*r {
		return "off"
	}
	return "builtin"
}

func (r *responder) Set(v string) error {
	switch v {
	case "builtin":
		*r = true
		return nil
	case "off":
		*r = false
		return nil
	}
	own, err := strconv.ParseBool(v)
	if err != nil {
		return errors.New("want builtin or off")
	}
	*r = responder(own)
	return nil
}

// IsBoolFlag lets --mdns stand alone, as a bool may.
func (r *responder) IsBoolFlag() bool { return true }

// settings are the flags of serve. Each is also COMMONHUB_… in the environment and a line "name value" in the config file; a flag
// wins over the environment, and that over the file.
type settings struct {
	hub.Options
	join, hosts repeated
	verbose     bool
}

// dataFlag is shared by all commands that find a hub by its folder.
func dataFlag(f *flag.FlagSet, data *string) {
	f.StringVar(data, "data", "commonhub-data", "`folder` of everything that the hub keeps")
}

func (s *settings) flags(f *flag.FlagSet) {
	dataFlag(f, &s.Data)
	f.StringVar(&s.Listen, "listen", ":8080", "`address` of the portal; port 0 takes a free one")
	f.StringVar(&s.MeshListen, "mesh-listen", ":7946", "`address` of the gossip listener; loopback peers are allowed only on loopback")
	f.Var(&s.join, "join", "`address` of a neighbour's portal, where multicast does not reach (repeatable)")
	s.MDNS = true
	f.Var((*responder)(&s.MDNS), "mdns", "find neighbours by multicast DNS: `builtin`, or off where avahi answers for the hub")
	f.BoolVar(&s.Mesh, "mesh", true, "look for neighbours at all")
	f.StringVar(&s.Name, "name", "Commonhub", "`name` of the hub, as people call it")
	f.StringVar(&s.Language, "language", "en", "`language` for readers who ask for none that we speak")
	f.StringVar(&s.URL, "url", "", "base `address` for links, QR codes and redirects, such as http://hub.lan")
	f.Var(&s.hosts, "host", "further `name` under which this hub is called (repeatable)")
	f.BoolVar(&s.verbose, "verbose", false, "log more")
	f.String("config", "", "`file` with one setting a line: name value")
}

// parseFlags reads flags, then the environment, then the config file.
func parseFlags(f *flag.FlagSet, args []string) error {
	err := ff.Parse(f, args, ff.WithEnvVarPrefix("COMMONHUB"), ff.WithConfigFileFlag("config"), ff.WithConfigFileParser(ff.PlainParser))
	if err == nil && f.NArg() > 0 {
		err = fmt.Errorf("unexpected %q", f.Arg(0))
	}
	return err
}

func serve(ctx context.Context, t *terminal, args []string) error {
	var s settings
	f := flag.NewFlagSet("commonhub serve", flag.ContinueOnError)
	f.SetOutput(t.err)
	s.flags(f)
	if err := parseFlags(f, args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	s.Join, s.Hosts, s.Services = s.join, s.hosts, services
	s.Log = slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: level(s.verbose)}))
	s.Progress = t.progress("replaying the record")
	secondProcessor()
	h, err := hub.Open(s.Options)
	if err != nil {
		return err
	}
	return errors.Join(h.Run(ctx, t.out), h.Close())
}

// secondProcessor lets readers run while the writer waits for the disk, on machines that have one processor only: a thread inside a sync keeps
// it until the runtime takes note, which may be ten milliseconds. Who sets GOMAXPROCS decides otherwise.
func secondProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(2, runtime.NumCPU()))
	}
}

func level(verbose bool) slog.Level {
	if verbose {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// progress prints how far long work is, at most once a second, so that a log file is not flooded either.
func (t *terminal) progress(what string) func(done, all uint64) {
	var last time.Time
	return func(done, all uint64) {
		if all == 0 || time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		fmt.Fprintf(t.err, "%s: %d of %d (%d %%)\n", what, done, all, done*100/all)
	}
}
