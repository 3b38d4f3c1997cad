package record

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// tally is the smallest honest service: it counts events per origin and kind and remembers words.
type tally struct{ version int }

func (tally) Name() string       { return "tally" }
func (tally) Prefixes() []string { return []string{"tally"} }
func (t tally) Version() int     { return max(1, t.version) }

func (tally) Apply(e Edit, entry Entry) error {
	if entry.Kind == "tally.panic" && entry.Origin == e.Self() {
		panic("a rule that we forgot")
	}
	key := []byte(string(entry.Origin) + " " + entry.Kind)
	return e.Own("count").Put(key, Num(ParseNum(e.Own("count").Get(key))+1))
}

func (tally) Words(e Edit, entry Entry, b body.Body) error {
	if b.State != body.Here {
		return e.Own("words").Delete(entry.Leaf[:])
	}
	return e.Own("words").Put(entry.Leaf[:], b.Bytes)
}

// Due answers each of our "tally.asked" events with one "tally.answered".
func (t tally) Due(v View) *Decision {
	d := v.Decide()
	self := string(v.Self())
	asked := ParseNum(v.Table("tally", "count").Get([]byte(self + " tally.asked")))
	answered := ParseNum(v.Table("tally", "count").Get([]byte(self + " tally.answered")))
	for range asked - answered {
		d.Append(Event{Kind: "tally.answered"})
	}
	return d
}

func open(t *testing.T, dir string) *Record {
	t.Helper()
	db, err := store.Open(dir, store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(db, Options{Services: []Service{tally{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); db.Close() })
	return r
}

func post(kind, words string) Command {
	var sealed []*body.Sealed
	if words != "" {
		sealed = append(sealed, body.Seal([]byte(words), body.Neighbours))
	}
	return Command{Actor: "m1", Judge: func(v View) (*Decision, error) {
		d := v.Decide()
		d.Append(Event{Kind: kind, By: "m1", Data: Data(map[string]int{"n": 1})}, sealed...)
		return d, nil
	}}
}

func must(t *testing.T, r *Record, c Command) Receipt {
	t.Helper()
	receipt, err := r.Do(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// dump spells all views of a record, so that two of them can be compared.
func dump(t *testing.T, r *Record) string {
	t.Helper()
	var b strings.Builder
	err := r.Read(func(v View) error {
		for _, name := range []string{"count", "words"} {
			for k, val := range v.Table("tally", name).From(nil) {
				fmt.Fprintf(&b, "%s %x %x\n", name, k, val)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func verify(t *testing.T, r *Record, o Origin) Checkpoint {
	t.Helper()
	var c Checkpoint
	err := r.Read(func(v View) (err error) { c, err = v.Verify(o); return err })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAppendProveReopen(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir)
	for i := range 700 {
		must(t, r, post("tally.did", fmt.Sprint("words ", i)))
	}
	c := verify(t, r, r.Self())
	if c.Size != 700 {
		t.Fatalf("size %d", c.Size)
	}
	for _, index := range []uint64{0, 255, 256, 511, 512, 699} {
		checkReceipt(t, r, index)
	}
	before := dump(t, r)
	r.Close()
	r.db.Close()
	again := open(t, dir)
	if got := again.Checkpoint(); got.Root != c.Root || again.Self() != r.Self() {
		t.Errorf("reopened at %+v", got)
	}
	if err := again.Rebuild(); err != nil {
		t.Fatal(err)
	}
	if after := dump(t, again); after != before {
		t.Error("replay and live differ")
	}
	must(t, again, post("tally.did", ""))
}

func checkReceipt(t *testing.T, r *Record, index uint64) {
	t.Helper()
	err := r.Read(func(v View) error {
		e, err := v.Entry(r.Self(), index)
		if err != nil {
			return err
		}
		receipt, err := v.Receipt(r.Self(), index)
		if err != nil {
			return err
		}
		_, got, err := CheckReceipt(receipt, e.Raw, note.VerifierList(r.Verifier()))
		if err == nil && got != index {
			err = fmt.Errorf("index %d", got)
		}
		if _, _, other := CheckReceipt(receipt, append(e.Raw, ' '), note.VerifierList(r.Verifier())); other == nil {
			err = errors.New("proves changed bytes too")
		}
		return err
	})
	if err != nil {
		t.Errorf("receipt %d: %v", index, err)
	}
}

func TestBadNeighboursInABatch(t *testing.T) {
	r := open(t, t.TempDir())
	refuse := Command{Judge: func(v View) (*Decision, error) { return v.Decide(), fault.New(fault.Denied, "test.no") }}
	panics := Command{Judge: func(v View) (*Decision, error) { panic("judge") }}
	kinds := []Command{post("tally.did", "a"), refuse, post("tally.panic", ""), panics}
	var wg sync.WaitGroup
	errs := make([]error, 400)
	for i := range errs {
		wg.Go(func() { _, errs[i] = r.Do(context.Background(), kinds[i%len(kinds)]) })
	}
	wg.Wait()
	for i, err := range errs {
		if good := i%len(kinds) == 0; good != (err == nil) {
			t.Fatalf("command %d: %v", i, err)
		}
	}
	if c := verify(t, r, r.Self()); c.Size != 100 {
		t.Errorf("size %d, want the 100 good ones", c.Size)
	}
}

func TestIdempotency(t *testing.T) {
	r := open(t, t.TempDir())
	c := post("tally.did", "")
	c.Route, c.Key, c.Content = "/x", "k1", []byte("a")
	first, again := must(t, r, c), must(t, r, c)
	if !again.Repeat || again.First() != first.First() || r.Size() != 1 {
		t.Errorf("first %v, again %v, size %d", first, again, r.Size())
	}
	c.Content = []byte("b")
	if _, err := r.Do(context.Background(), c); !fault.Is(err, fault.Conflict) {
		t.Errorf("other content under the same key: %v", err)
	}
}

func TestDueAnswersOnce(t *testing.T) {
	r := open(t, t.TempDir())
	must(t, r, post("tally.asked", ""))
	must(t, r, post("tally.did", ""))
	deadline := time.Now().Add(10 * time.Second)
	for r.Size() < 3 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	must(t, r, post("tally.did", ""))
	if r.Size() != 4 {
		t.Errorf("size %d, want asked, answered and two others", r.Size())
	}
}

func TestErase(t *testing.T) {
	r := open(t, t.TempDir())
	ref := must(t, r, post("tally.did", "to be forgotten")).First()
	must(t, r, Command{Judge: func(v View) (*Decision, error) {
		d := v.Decide()
		d.Erase("m1", ref.Leaf)
		return d, nil
	}})
	r.Read(func(v View) error {
		if b := v.Body(r.Self(), ref.Leaf); b.State != body.Erased || b.Bytes != nil {
			t.Errorf("body %+v", b)
		}
		return nil
	})
	if strings.Contains(dump(t, r), fmt.Sprintf("%x", "to be forgotten")) {
		t.Error("a view still has the words")
	}
	verify(t, r, r.Self())
	if !r.db.CompactionWanted() {
		t.Error("nobody asked for a compaction")
	}
}

func TestStartRefusesWhatDisagrees(t *testing.T) {
	tampers := map[string]func(b *bbolt.Bucket) error{
		"tail entry": func(b *bbolt.Bucket) error {
			return b.Bucket(hotBucket).Put(tailKey(299), []byte(`{"v":1,"kind":"tally.forged"}`))
		},
		"checkpoint": func(b *bbolt.Bucket) error { return b.Bucket(hotBucket).Put(checkpointKey, []byte("x\n0\n\n")) },
		"state": func(b *bbolt.Bucket) error {
			return b.Bucket(hotBucket).Put(stateKey, make([]byte, 16))
		},
		"bundle": func(b *bbolt.Bucket) error {
			p, _ := squeeze(packBundle([][]byte{[]byte("a")}))
			return b.Bucket(bundleBucket).Put(Num(0), p)
		},
		"tile": func(b *bbolt.Bucket) error { return b.Bucket(upperBucket).Put(upperKey(1, 0), make([]byte, 32)) },
	}
	for name, tamper := range tampers {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := open(t, dir)
			for range 300 {
				must(t, r, post("tally.did", ""))
			}
			r.Close()
			if err := r.db.Update(func(tx *bbolt.Tx) error { return tamper(tx.Bucket(logBucket).Bucket(r.self.key())) }); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(r.db, Options{}); fault.Of(errOr(err)).Key != "record.broken" {
				t.Errorf("opened with a changed %s: %v", name, err)
			}
		})
	}
}

func errOr(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

func TestExtend(t *testing.T) {
	a, b := open(t, t.TempDir()), open(t, t.TempDir())
	for i := range 600 {
		must(t, a, post("tally.did", fmt.Sprint(i)))
	}
	known := note.VerifierList(a.Verifier())
	offer := func(start, n uint64) (x Extension) {
		a.Read(func(v View) error {
			x = Extension{Origin: a.Self(), Verifier: known, Note: a.Checkpoint().Note, Start: start}
			for e := range v.Entries(a.Self(), start) {
				if uint64(len(x.Entries)) == n {
					break
				}
				x.Entries = append(x.Entries, append([]byte(nil), e.Raw...))
			}
			x.Proof, _ = v.Consistency(a.Self(), start+n, a.Size())
			return nil
		})
		return x
	}
	bad := offer(0, 256)
	bad.Entries[3] = append([]byte(nil), `{"v":1,"kind":"tally.forged","at":"2026-01-01T00:00:00Z"}`...)
	if _, err := b.Extend(context.Background(), bad); fault.Of(errOr(err)).Key != "record.other-root" {
		t.Fatalf("a changed entry: %v", err)
	}
	if dump(t, b) != "" {
		t.Fatal("a refused extension left something in a view")
	}
	for start := uint64(0); start < 600; start += 256 {
		if _, err := b.Extend(context.Background(), offer(start, min(256, 600-start))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Extend(context.Background(), offer(0, 256)); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same entries twice: %v", err)
	}
	if got := verify(t, b, a.Self()); string(got.Note) != string(a.Checkpoint().Note) {
		t.Error("mirror serves another checkpoint")
	}
	shelveAll(t, a, b)
	if dump(t, a) != dump(t, b) {
		t.Error("the mirror's view differs from the author's")
	}
	live := dump(t, b)
	if err := b.Rebuild(); err != nil || dump(t, b) != live {
		t.Errorf("replay and live differ at the mirror: %v", err)
	}
}

func shelveAll(t *testing.T, from, to *Record) {
	t.Helper()
	var wanted []Entry
	to.Read(func(v View) (err error) { wanted, err = v.Wanted(from.Self(), Hash{}, 1000); return err })
	if len(wanted) == 0 {
		t.Fatal("no body is wanted")
	}
	for _, e := range wanted {
		var b body.Body
		from.Read(func(v View) error {
			b = v.Body(e.Origin, e.Leaf)
			b.Bytes = append([]byte(nil), b.Bytes...)
			return nil
		})
		if err := to.Shelve(context.Background(), e, b.Salt, append(b.Bytes, '!')); fault.Of(errOr(err)).Key != "record.other-body" {
			t.Fatalf("other words: %v", err)
		}
		if err := to.Shelve(context.Background(), e, b.Salt, b.Bytes); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEraseWithinOneExtension: an entry and its erasure may well come in one pull.
func TestEraseWithinOneExtension(t *testing.T) {
	a, b := open(t, t.TempDir()), open(t, t.TempDir())
	must(t, a, Command{Judge: func(v View) (*Decision, error) {
		d := v.Decide()
		d.Erase("m1", d.Append(Event{Kind: "tally.did"}, body.Seal([]byte("a slip"), body.Far)))
		return d, nil
	}})
	x := Extension{Origin: a.Self(), Verifier: note.VerifierList(a.Verifier()), Note: a.Checkpoint().Note}
	a.Read(func(v View) error {
		for e := range v.Entries(a.Self(), 0) {
			x.Entries = append(x.Entries, append([]byte(nil), e.Raw...))
		}
		return nil
	})
	if _, err := b.Extend(context.Background(), x); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*Record{a, b} {
		r.Read(func(v View) error {
			e, err := v.Entry(a.Self(), 0)
			if state := v.Body(a.Self(), e.Leaf).State; err != nil || state != body.Erased {
				t.Errorf("state %v, %v", state, err)
			}
			return nil
		})
	}
}
