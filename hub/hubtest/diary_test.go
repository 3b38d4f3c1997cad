package hubtest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strconv"

	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// diary is the service of the crash tests. Its view depends on every entry, on their order and on all words, so that any
// difference between live and replayed shows.
type diary struct{}

func (diary) Name() string                       { return "diary" }
func (diary) Prefixes() []string                 { return []string{"diary"} }
func (diary) Version() int                       { return 1 }
func (diary) Due(v record.View) *record.Decision { return v.Decide() }

func (diary) Apply(e record.Edit, entry record.Entry) error {
	chain := e.Own("chain")
	so := sha256.Sum256(append(chain.Get([]byte("so far")), entry.Leaf[:]...))
	if err := chain.Put([]byte("so far"), so[:]); err != nil {
		return err
	}
	return e.Own("by").Put([]byte(entry.By+" "+strconv.FormatUint(entry.Index, 10)), entry.Leaf[:])
}

func (diary) Words(e record.Edit, entry record.Entry, b body.Body) error {
	if b.State != body.Here {
		return e.Own("words").Delete(entry.Leaf[:])
	}
	return e.Own("words").Put(entry.Leaf[:], b.Bytes)
}

func openDiaries(dir string, o store.Options) (*record.Record, func(), error) {
	db, err := store.Open(dir, o)
	if err != nil {
		return nil, nil, err
	}
	r, err := record.Open(db, record.Options{Services: []record.Service{diary{}}})
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return r, func() { r.Close(); db.Close() }, nil
}

const diarists = 8

// keepDiaries writes from many sides at once until it is killed, and prints "index leaf" of each event whose Do returned.
func keepDiaries(dir string) error {
	r, done, err := openDiaries(dir, store.Options{Volatile: os.Getenv(volatileVar) != ""})
	if err != nil {
		return err
	}
	defer done()
	failed := make(chan error)
	for i := range diarists {
		go func() { failed <- keepDiary(r, fmt.Sprint("m", i)) }()
	}
	return <-failed
}

// keepDiary never ends but by an error. Every fifth page tears an earlier one out, so that erasing is killed too.
func keepDiary(r *record.Record, by string) error {
	var last record.Ref
	for n := 0; ; n++ {
		page, torn := body.Seal(pageOf(n, by), body.Neighbours), last.Leaf
		receipt, err := r.Do(context.Background(), record.Command{Actor: by, Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			if n%5 == 4 {
				d.Erase(by, torn)
			}
			d.Append(record.Event{Kind: "diary.written", By: by, Data: record.Data(n)}, page)
			return d, nil
		}})
		if err != nil {
			return err
		}
		for _, ref := range receipt.Events {
			last = ref
			fmt.Println(acknowledgement(ref)) // one write below PIPE_BUF: whole or not at all
		}
	}
}

// pageOf is mostly a line. Some pages are long, so that the store's journal is often full, and some too long for it: every way
// to be durable is killed.
func pageOf(n int, by string) []byte {
	page := fmt.Sprint("page ", n, " of ", by)
	switch {
	case n%23 == 22:
		return bytes.Repeat([]byte(page), 6000)
	case n%3 == 2:
		return bytes.Repeat([]byte(page), 600)
	}
	return []byte(page)
}

// errLost marks an inspection that missed an acknowledged event, which alone the control of the power cuts must show.
var errLost = errors.New("an acknowledged event is missing")

const codeLost = 3

func exitCode(err error) int {
	if errors.Is(err, errLost) {
		return codeLost
	}
	return 1
}

// inspect opens a data folder after a crash: the acknowledged events on stdin are there, the record verifies, bodies are what
// the record says, views equal a rebuild, and writing goes on.
func inspect(dir string) error {
	r, done, err := openDiaries(dir, store.Options{Volatile: true})
	if err != nil {
		return err
	}
	defer done()
	checks := []func(record.View) error{holdsAcknowledged, verifies, bodiesAgree}
	for _, check := range checks {
		if err := r.Read(check); err != nil {
			return err
		}
	}
	live, err := digest(r)
	if err != nil {
		return err
	}
	if err := r.Rebuild(); err != nil {
		return err
	}
	replayed, err := digest(r)
	if err != nil {
		return err
	}
	if replayed != live {
		return errors.New("the views were not what a rebuild makes")
	}
	return goesOn(r)
}

// holdsAcknowledged reads the record once from its beginning: each read of a sealed bundle unpacks all of it.
func holdsAcknowledged(v record.View) error {
	missing := map[string]bool{}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		missing[lines.Text()] = true
	}
	for e, err := range v.Entries(v.Self(), 0) {
		if err != nil {
			return err
		}
		delete(missing, acknowledgement(e.Ref))
	}
	for ack := range missing {
		return fmt.Errorf("%w: %s, of %d; size %d", errLost, ack, len(missing), v.Size(v.Self()))
	}
	return nil
}

// acknowledgement names an event that was told to be durable: "index leaf".
func acknowledgement(ref record.Ref) string {
	return fmt.Sprintf("%d %s", ref.Index, record.Hex(ref.Leaf))
}

func verifies(v record.View) error {
	_, err := v.Verify(v.Self())
	return err
}

// bodiesAgree: a body is on the shelf unless an erasure stands in the record.
func bodiesAgree(v record.View) error {
	want := map[record.Hash]body.State{}
	for e, err := range v.Entries(v.Self(), 0) {
		if err != nil {
			return err
		}
		if e.Event.Body != "" {
			want[e.Leaf] = body.Here
		}
		cited, ok := record.Decode[struct{ Leaf string }](e.Event)
		if leaf, err := record.ParseHash(cited.Leaf); ok && err == nil {
			want[leaf] = body.Erased
		}
	}
	for leaf, state := range want {
		if b := v.Body(v.Self(), leaf); b.State != state {
			return fmt.Errorf("body of %s is in state %d, want %d", record.Hex(leaf), b.State, state)
		}
	}
	return nil
}

// digest sums up all tables of the view.
func digest(r *record.Record) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	err = r.Read(func(v record.View) error {
		for _, name := range []string{"chain", "by", "words"} {
			for key, value := range v.Table("diary", name).From(nil) {
				fmt.Fprintf(h, "%s %x %x\n", name, key, value)
			}
		}
		return nil
	})
	return [sha256.Size]byte(h.Sum(nil)), err
}

func goesOn(r *record.Record) error {
	_, err := r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Append(record.Event{Kind: "diary.written", Data: record.Data("after the crash")})
		return d, nil
	}})
	if err != nil {
		return err
	}
	return r.Read(verifies)
}
