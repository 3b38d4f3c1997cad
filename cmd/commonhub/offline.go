package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"commonhub/hub"
	"commonhub/hub/mirror"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

func backup(ctx context.Context, t *terminal, args []string) error {
	c, words, err := t.consoleCommand("backup", args, nil)
	if err != nil || len(words) != 1 {
		return errors.Join(err, usage("commonhub backup FILE", len(words) == 1))
	}
	phrase, err := t.passphrase(true)
	if err != nil {
		return err
	}
	partial := words[0] + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(partial)
	err = c.call(ctx, http.MethodPost, "/backup", hub.ConsoleRequest{Passphrase: phrase}, f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(partial, words[0])
}

func usage(text string, fine bool) error {
	if fine {
		return nil
	}
	return errors.New("usage: " + text)
}

func restore(_ context.Context, t *terminal, args []string) error {
	c, words, err := t.consoleCommand("restore", args, nil)
	if err != nil || len(words) != 1 {
		return errors.Join(err, usage("commonhub restore FILE [--data DIR]", len(words) == 1))
	}
	f, err := os.Open(words[0])
	if err != nil {
		return err
	}
	defer f.Close()
	phrase, err := t.passphrase(false)
	if err != nil {
		return err
	}
	if err := hub.Restore(c.data, f, phrase); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "restored into %s; start it with: commonhub serve --data %s\n", c.data, c.data)
	return nil
}

// passphrase comes from COMMONHUB_PASSPHRASE, or is asked for: without echo on a terminal, else as one line of input.
func (t *terminal) passphrase(twice bool) (string, error) {
	if p := os.Getenv("COMMONHUB_PASSPHRASE"); p != "" {
		return p, nil
	}
	first, err := t.ask("passphrase: ")
	if err != nil || first == "" {
		return "", errors.Join(err, usage("a passphrase is needed", first != ""))
	}
	if f, ok := t.in.(*os.File); !twice || !ok || !term.IsTerminal(int(f.Fd())) {
		return first, nil
	}
	second, err := t.ask("the same once more: ")
	if err == nil && first != second {
		err = errors.New("the two passphrases differ")
	}
	return first, err
}

func (t *terminal) ask(prompt string) (string, error) {
	fmt.Fprint(t.err, prompt)
	if f, ok := t.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(t.err)
		return string(b), err
	}
	line, err := bufio.NewReader(t.in).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line != "" {
		err = nil
	}
	return line, err
}

func recordCommand(ctx context.Context, t *terminal, args []string) error {
	vkey := ""
	c, words, err := t.consoleCommand("record", args, func(f *flag.FlagSet) {
		f.StringVar(&vkey, "key", "", "verification key of the hub (`commonhub key` prints it)")
	})
	switch {
	case err != nil:
		return err
	case len(words) == 2 && words[0] == "verify":
		return t.verify(ctx, words[1], vkey)
	case len(words) == 1 && words[0] == "rebuild":
		return t.rebuild(c.data)
	}
	return usage("commonhub record verify URL|DIR [--key VKEY] | record rebuild [--data DIR]", false)
}

// verify proves a record behind an address, in a folder of tiles, or in a hub's data folder.
func (t *terminal) verify(ctx context.Context, where, vkey string) error {
	if _, err := os.Stat(filepath.Join(where, store.FileName)); err == nil {
		return t.verifyData(where)
	}
	p, err := t.find(ctx, where, vkey)
	if err != nil {
		return err
	}
	along := mirror.Reader{Entry: func(record.Entry) error { return nil }, Progress: t.progress("verifying")}
	cp, err := mirror.Audit(ctx, p.source, p.vkey, along)
	if err != nil {
		return err
	}
	t.verified(cp)
	return nil
}

// place is where a record can be read, and the key that it is proved by.
type place struct {
	source  mirror.Source
	vkey    string
	address string // of the hub, "" for a folder
}

// find makes out what an address or a folder is. Without a key it takes the hub's word for its own.
func (t *terminal) find(ctx context.Context, where, vkey string) (place, error) {
	p := place{source: mirror.FromFolder(where), vkey: vkey}
	if !strings.HasPrefix(where, "http://") && !strings.HasPrefix(where, "https://") {
		return p, nil
	}
	p.address = strings.TrimSuffix(strings.TrimSuffix(where, "/"), "/record")
	p.source = mirror.FromURL(p.address + "/record/")
	if address, _, mirrored := strings.Cut(where, "/mirror/"); mirrored {
		p.source, p.address = mirror.FromURL(where), address
	}
	if vkey != "" {
		return p, nil
	}
	var err error
	if p.vkey, err = mirror.KeyAt(ctx, p.address); err == nil {
		fmt.Fprintln(t.err, "no --key given: taking the key that the hub itself shows, "+p.vkey)
	}
	return p, err
}

func (t *terminal) verified(c record.Checkpoint) {
	fmt.Fprintf(t.out, "verified: %s, %d events, root %s\n", c.Origin, c.Size, c.Root)
}

// verifyData opens a data folder that no hub uses and proves every record in it.
func (t *terminal) verifyData(dir string) error {
	return t.withData(dir, func(r *record.Record) error {
		return r.Read(func(v record.View) error {
			for _, o := range v.Origins() {
				c, err := v.Verify(o)
				if err != nil {
					return err
				}
				t.verified(c)
			}
			return nil
		})
	})
}

func (t *terminal) rebuild(dir string) error {
	return t.withData(dir, func(r *record.Record) error {
		if err := r.Rebuild(); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "replayed %d events\n", r.Size())
		return nil
	})
}

func (t *terminal) withData(dir string, f func(r *record.Record) error) error {
	if _, err := os.Stat(filepath.Join(dir, store.FileName)); err != nil {
		return err
	}
	h, err := hub.Open(hub.Options{Data: dir, Services: services, Progress: t.progress("replaying the record")})
	if err != nil {
		return err
	}
	return errors.Join(f(h.Record()), h.Close())
}
