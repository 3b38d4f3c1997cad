package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/mirror"
	"commonhub/hub/record"
	"commonhub/hub/store"
	"commonhub/services/ledger/audit"
)

// auditCommand lets anyone check a hub's past on their own machine. It fails, with status 1, if anything is not in order.
func auditCommand(ctx context.Context, t *terminal, args []string) error {
	var vkey, file string
	f := flag.NewFlagSet("commonhub audit", flag.ContinueOnError)
	f.SetOutput(t.err)
	f.StringVar(&vkey, "key", "", "verification key of the hub (`commonhub key` prints it)")
	f.StringVar(&file, "visit", "", "`file` that remembers this visit; if it is there, nothing that it saw may have changed")
	words, err := parseMixed(f, args)
	if err != nil || len(words) != 1 {
		return errors.Join(err, usage("commonhub audit URL|DIR [--key VKEY] [--visit FILE]", len(words) == 1))
	}
	earlier, err := readVisit(file)
	if err != nil {
		return err
	}
	debug.SetGCPercent(1000) // an audit lives for a second, on a laptop: memory is cheaper than collecting it
	r, err := t.audit(ctx, words[0], vkey, earlier)
	if err != nil {
		return err
	}
	t.tell(r, earlier)
	if n := len(r.Findings) + r.More; n > 0 {
		return fmt.Errorf("%d findings", n)
	}
	return writeVisit(file, r.Visit)
}

// audit reads a record wherever it is.
func (t *terminal) audit(ctx context.Context, where, vkey string, earlier audit.Visit) (r audit.Report, err error) {
	if _, err := os.Stat(filepath.Join(where, store.FileName)); err != nil {
		p, err := t.find(ctx, where, vkey)
		if err != nil {
			return r, err
		}
		return t.auditPlace(ctx, p, earlier)
	}
	err = t.withData(where, func(rec *record.Record) error {
		return rec.Read(func(v record.View) error {
			r, err = t.auditData(v, earlier)
			return err
		})
	})
	return r, err
}

// auditPlace reads a record behind an address, or in a folder of its files. Receipts are asked for behind an address only, and originals not
// at all: a hub gives them to its stewards alone.
func (t *terminal) auditPlace(ctx context.Context, p place, earlier audit.Visit) (audit.Report, error) {
	a := audit.New(earlier)
	progress, end := t.progressBar("auditing")
	put, done := beside(a.Take)
	c, err := mirror.Audit(ctx, p.source, p.vkey, mirror.Reader{Entry: put, Progress: progress})
	err = errors.Join(err, done())
	end()
	if err == nil {
		err = sameOrigin(c.Origin, earlier)
	}
	if err != nil {
		return audit.Report{}, err
	}
	var failed error
	r := a.Finish(c.Origin, time.Now(), func(ref record.Ref, original bool) body.Body {
		if p.address == "" || original {
			return body.Body{}
		}
		b, err := mirror.BodyAt(ctx, p.address, ref)
		failed = errors.Join(failed, err)
		return b
	})
	return r, failed
}

// auditData reads a stopped hub's own record in its data folder, where the originals are, too.
func (t *terminal) auditData(v record.View, earlier audit.Visit) (audit.Report, error) {
	if err := sameOrigin(v.Self(), earlier); err != nil {
		return audit.Report{}, err
	}
	a := audit.New(earlier)
	if err := t.takeAll(v, a); err != nil {
		return audit.Report{}, err
	}
	return a.Finish(v.Self(), time.Now(), func(ref record.Ref, _ bool) body.Body {
		b := v.Body(ref.Origin, ref.Leaf)
		b.Bytes = bytes.Clone(b.Bytes)
		return b
	}), nil
}

// takeAll hands every entry of our own record over, and compares the whole with its checkpoint.
func (t *terminal) takeAll(v record.View, a *audit.Auditor) error {
	c, err := v.Checkpoint(v.Self())
	if err != nil {
		return err
	}
	progress, end := t.progressBar("auditing")
	defer end()
	put, done := beside(a.Take)
	for n, err := range v.Entries(v.Self(), 0) {
		if err == nil {
			err = put(n)
		}
		if err != nil {
			return errors.Join(err, done())
		}
		progress(n.Index+1, c.Size)
	}
	if err := done(); err != nil {
		return err
	}
	if a.Root() != c.Root {
		return fmt.Errorf("the entries lead to the root %s, the hub signed %s", a.Root(), c.Root)
	}
	return nil
}

// beside runs take in a goroutine of its own, up to a thousand entries behind whoever puts: to unpack and hash entries is as much work as to
// keep their books. Only one goroutine may put; done waits until all is taken, and tells the first error.
func beside(take func(record.Entry) error) (put func(record.Entry) error, done func() error) {
	const batch, most = 256, 4
	batches, failed := make(chan []record.Entry, most), make(chan error, 1)
	taken := make(chan []record.Entry, most+2) // to be filled anew: one waits on either side
	go func() {
		defer close(failed)
		for entries := range batches {
			for _, n := range entries {
				if err := take(n); err != nil {
					failed <- err
					for range batches { // whoever puts must not wait for ever
					}
					return
				}
			}
			taken <- entries[:0]
		}
	}()
	var waiting []record.Entry
	put = func(n record.Entry) error {
		if waiting = append(waiting, n); len(waiting) == batch {
			batches <- waiting
			select {
			case waiting = <-taken:
			default:
				waiting = make([]record.Entry, 0, batch)
			}
		}
		return nil
	}
	return put, func() error {
		batches <- waiting
		close(batches)
		return <-failed
	}
}

func sameOrigin(o record.Origin, earlier audit.Visit) error {
	if earlier.Origin != "" && earlier.Origin != string(o) {
		return fmt.Errorf("the earlier visit was to %s, this is %s", earlier.Origin, o)
	}
	return nil
}
