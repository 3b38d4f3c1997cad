// Command commonhub runs a commons hub, and talks to one that runs.
//
// Without a command, or with serve, it is the hub. The other commands either reach a running hub through the socket in its data folder
// (status, claim, invite, token, neighbours, key, mesh, backup) or work on files (restore, record verify, record
// rebuild, audit). `commonhub help` lists them.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"commonhub/hub"
	"commonhub/hub/fault"
	"commonhub/services/callout"
	"commonhub/services/ledger"
	"commonhub/services/noticeboard"
	"commonhub/web"
)

// services is what the block does together. Deleting a line here, the service's folder and its sentences removes it.
var services = []func(hub.House) hub.Service{
	func(h hub.House) hub.Service {
		return callout.New(callout.Options{Members: h.People, Hubs: h.Hubs, Spread: h.Spread})
	},
	func(h hub.House) hub.Service {
		return noticeboard.New(noticeboard.Options{Members: h.People, Hubs: h.Hubs, Room: h.Room, PictureMemory: h.PictureMemory})
	},
	func(h hub.House) hub.Service {
		return ledger.New(ledger.Options{Members: h.People, Hubs: h.Hubs, PictureMemory: h.PictureMemory})
	},
}

// command is one word of the command line.
type command struct {
	name  string
	usage string
	run   func(ctx context.Context, t *terminal, args []string) error
}

// commands in the order of the manual.
var commands = []command{
	{"serve", "[flags]                    run the hub (the same as no command)", serve},
	{"demo", "                            three hubs on this machine with a month of lifelike content", demo},
	{"status", "[--json]                  what the running hub says of itself", status},
	{"claim", "                           a fresh address that makes the first steward; voids the old one", claim},
	{"invite", "--household NAME          an address with which somebody joins that household", invite},
	{"token", "--member HANDLE            a bearer token for scripts", makeToken},
	{"neighbours", "[--json]              other hubs; also: neighbours accept ID, neighbours block ID", neighbours},
	{"key", "[rotate|retire]              the key that others verify our record with; announce a new one; give up the old one", key},
	{"mesh", "trace EVENT [--json]        which hubs have an event, when they heard it and over whom", meshCommand},
	{"backup", "FILE                      everything, sealed with a passphrase", backup},
	{"restore", "FILE                     make a data folder from a backup", restore},
	{"record", "verify URL|DIR [--key VKEY]   read a record and prove it; record rebuild: replay all views", recordCommand},
	{"audit", "URL|DIR [--key VKEY] [--visit FILE]   prove a record, keep its books anew, and tell what is not in order", auditCommand},
	{"version", "                         the version of this program", version},
}

// terminal is what a command speaks through; tests hand in their own.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	words    *web.Lang
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	words, err := web.LoadWords()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	t := &terminal{os.Stdin, os.Stdout, os.Stderr, words.Match(os.Getenv("LANG"))}
	os.Exit(t.dispatch(ctx, os.Args[1:]))
}

// dispatch runs one command and gives the exit status: 0, 1 for a refusal, 2 for words that are no command.
func (t *terminal) dispatch(ctx context.Context, args []string) int {
	name := "serve"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	for _, c := range commands {
		if c.name != name {
			continue
		}
		if err := c.run(ctx, t, args); err != nil {
			fmt.Fprintln(t.err, "commonhub:", t.sentence(err))
			return 1
		}
		return 0
	}
	t.usage()
	if name == "help" {
		return 0
	}
	return 2
}

func (t *terminal) usage() {
	fmt.Fprintln(t.err, "usage: commonhub [command] [flags]; `commonhub serve --help` lists the hub's flags")
	for _, c := range commands {
		fmt.Fprintf(t.err, "  %s %s\n", c.name, c.usage)
	}
}

// sentence is what a person at the console reads: the fault's sentence, with its cause behind it.
func (t *terminal) sentence(err error) string {
	f := fault.Of(err)
	if !t.words.Has(f.Key) {
		return err.Error()
	}
	s := t.words.T(f.Key, f.Args...)
	if f.Cause != nil {
		s += " (" + f.Cause.Error() + ")"
	}
	return s
}

func version(_ context.Context, t *terminal, _ []string) error {
	fmt.Fprintln(t.out, "commonhub", hub.Version)
	return nil
}
