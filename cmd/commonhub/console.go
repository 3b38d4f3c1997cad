package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"

	"commonhub/hub"
	"commonhub/hub/fault"
	"commonhub/hub/mirror"
)

// consoleCommand parses the flags of a command for a running hub; add declares those beyond --data.
func (t *terminal) consoleCommand(name string, args []string, add func(f *flag.FlagSet)) (console, []string, error) {
	f := flag.NewFlagSet("commonhub "+name, flag.ContinueOnError)
	f.SetOutput(t.err)
	var c console
	dataFlag(f, &c.data)
	if add != nil {
		add(f)
	}
	rest, err := parseMixed(f, args)
	return c, rest, err
}

// parseMixed lets flags stand before and behind the words of a command.
func parseMixed(f *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		if f.NArg() == 0 {
			return words, nil
		}
		words = append(words, f.Arg(0))
		args = f.Args()[1:]
	}
}

// console is the socket of a running hub.
type console struct{ data string }

// call sends one command and reads its answer; out may be an io.Writer for a stream.
func (c console) call(ctx context.Context, method, path string, in hub.ConsoleRequest, out any) error {
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return hub.DialConsole(ctx, c.data)
	}}}
	defer client.CloseIdleConnections()
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://console"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return fault.New(fault.Unavailable, "hub.not-running", c.data).Because(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return refusal(res)
	}
	if w, ok := out.(io.Writer); ok {
		_, err := io.Copy(w, res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(out)
}

func refusal(res *http.Response) error {
	var f hub.ConsoleFault
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&f); err != nil {
		return fmt.Errorf("the hub answered %s", res.Status)
	}
	return fault.New(fault.Invalid, f.Key, f.Args...).Because(fmt.Errorf("%s", f.Cause))
}

// line calls a command that answers with one line, and prints it.
func (c console) line(ctx context.Context, t *terminal, path string, in hub.ConsoleRequest) error {
	method := http.MethodPost
	if path == "/key" {
		method = http.MethodGet
	}
	var a hub.ConsoleAnswer
	if err := c.call(ctx, method, path, in, &a); err != nil {
		return err
	}
	fmt.Fprintln(t.out, a.Line)
	return nil
}

func status(ctx context.Context, t *terminal, args []string) error {
	asJSON := false
	c, _, err := t.consoleCommand("status", args, func(f *flag.FlagSet) { f.BoolVar(&asJSON, "json", false, "print JSON") })
	if err != nil {
		return err
	}
	var s hub.Status
	if err := c.call(ctx, http.MethodGet, "/status", hub.ConsoleRequest{}, &s); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(t.out).Encode(s)
	}
	fmt.Fprintf(t.out, "%s (%s) at %s\nrecord: %d events, root %s\nneighbours: %d\nclock: %s\nversion: %s\n",
		s.Name, s.ID, s.URL, s.Size, s.Root, s.Neighbours, s.Clock.Format("2006-01-02 15:04:05 MST"), s.Version)
	return nil
}

func claim(ctx context.Context, t *terminal, args []string) error {
	c, _, err := t.consoleCommand("claim", args, nil)
	if err != nil {
		return err
	}
	return c.line(ctx, t, "/claim", hub.ConsoleRequest{})
}

func invite(ctx context.Context, t *terminal, args []string) error {
	var in hub.ConsoleRequest
	c, _, err := t.consoleCommand("invite", args, func(f *flag.FlagSet) {
		f.StringVar(&in.Household, "household", "", "`name` or handle of the household; an unknown name makes a new one")
	})
	if err != nil {
		return err
	}
	return c.line(ctx, t, "/invite", in)
}

func makeToken(ctx context.Context, t *terminal, args []string) error {
	var in hub.ConsoleRequest
	c, _, err := t.consoleCommand("token", args, func(f *flag.FlagSet) {
		f.StringVar(&in.Member, "member", "", "`handle` of the member, such as m1")
	})
	if err != nil {
		return err
	}
	return c.line(ctx, t, "/token", in)
}

func key(ctx context.Context, t *terminal, args []string) error {
	c, words, err := t.consoleCommand("key", args, nil)
	switch {
	case err != nil:
		return err
	case len(words) == 0:
		return c.line(ctx, t, "/key", hub.ConsoleRequest{})
	case len(words) == 1 && words[0] == "rotate":
		if err := c.line(ctx, t, "/key/rotate", hub.ConsoleRequest{}); err != nil {
			return err
		}
		fmt.Fprintln(t.err, t.words.T("hub.key-rotated"))
		return nil
	case len(words) == 1 && words[0] == "retire":
		return c.line(ctx, t, "/key/retire", hub.ConsoleRequest{})
	}
	return usage("commonhub key [rotate | retire]", false)
}

func neighbours(ctx context.Context, t *terminal, args []string) error {
	asJSON := false
	c, words, err := t.consoleCommand("neighbours", args, func(f *flag.FlagSet) { f.BoolVar(&asJSON, "json", false, "print JSON") })
	if err != nil {
		return err
	}
	switch {
	case len(words) == 2 && (words[0] == "accept" || words[0] == "block"):
		return c.line(ctx, t, "/neighbours/"+words[0], hub.ConsoleRequest{ID: words[1]})
	case len(words) > 0:
		return fmt.Errorf("usage: commonhub neighbours [--json] | accept ID | block ID")
	}
	var list []mirror.Neighbour
	if err := c.call(ctx, http.MethodGet, "/neighbours", hub.ConsoleRequest{}, &list); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(t.out).Encode(list)
	}
	for _, n := range list {
		fmt.Fprintf(t.out, "%s  %-8s  %s  %s\n    safety number %s, %d of %d events, %s%s %s\n",
			n.ID, n.State, n.Name, n.URL, n.Words, n.Synced, n.Size, n.Status, linked(n), t.problem(n.Problem))
	}
	return nil
}

// linked says how a hub is reached, and what came of it today.
func linked(n mirror.Neighbour) (said string) {
	if n.Hops > 1 {
		said += fmt.Sprintf(", %d hops", n.Hops)
	}
	if n.Quality != mirror.Never {
		said += fmt.Sprintf(", link %s (%d %% answered, %d ms)", n.Quality, n.Answered, n.Trip)
	}
	if n.Today.Bytes > 0 {
		said += fmt.Sprintf(", today %d events, %d words and pictures, %d bytes", n.Today.Entries, n.Today.Bodies, n.Today.Bytes)
	}
	return said
}

func (t *terminal) problem(key string) string {
	if key == "" {
		return ""
	}
	return "- " + t.words.T(key)
}
