package record

import (
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// TestMend: a hub whose old copy was restored while nobody could tell, and which went on, takes back what a neighbour kept and appends anew
// what only it had: same bytes, same words, and a record that continues the one that it had published.
func TestMend(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	for i := range 300 {
		must(t, a, post("tally.did", fmt.Sprint(i)))
	}
	gone := must(t, a, post("tally.did", "erased on the way on")).First()
	old := t.TempDir()
	a.Close()
	if err := copyFile(a.db, old+"/"+store.FileName); err != nil {
		t.Fatal(err)
	}
	a.db.Close()
	a = open(t, dir)
	must(t, a, a.erasing(gone.Leaf))
	for i := range 290 {
		must(t, a, post("tally.did", fmt.Sprint("kept ", i)))
	}
	kept := a.Checkpoint()

	b := open(t, old)
	form := post("tally.did", "only here")
	form.Route, form.Key = "/tally", "once"
	only := must(t, b, form).First()
	torn := must(t, b, post("tally.did", "torn")).First()
	must(t, b, b.erasing(torn.Leaf))
	for i := range 30 {
		must(t, b, post("tally.did", fmt.Sprint("also ", i)))
	}
	m := Mending{Common: 301, Note: kept.Note}
	a.Read(func(v View) error {
		for e, err := range v.Entries(a.Self(), m.Common) {
			if err != nil {
				t.Error(err)
			}
			m.Entries = append(m.Entries, append([]byte(nil), e.Raw...))
		}
		return nil
	})
	spoilt := m
	spoilt.Entries = append([][]byte{[]byte(`{"v":1}`)}, m.Entries[1:]...)
	before := b.Checkpoint()
	if _, err := b.Mend(t.Context(), spoilt); !fault.Is(err, fault.Conflict) || b.Checkpoint().Root != before.Root {
		t.Errorf("entries that were never signed: %v", err)
	}
	again, err := b.Mend(t.Context(), m)
	if err != nil || again != 33 || b.Size() != kept.Size+33 {
		t.Fatalf("%d appended anew, size %d, %v", again, b.Size(), err)
	}
	b.Read(func(v View) error {
		proof, err := v.Consistency(b.Self(), kept.Size, b.Size())
		if err == nil {
			err = tlog.CheckTree(proof, int64(b.Size()), b.Checkpoint().Root, int64(kept.Size), kept.Root)
		}
		if err != nil {
			t.Errorf("the mended record does not continue the kept one: %v", err)
		}
		for leaf, want := range map[Hash]body.State{only.Leaf: body.Here, torn.Leaf: body.Erased, gone.Leaf: body.Erased} {
			if got := v.Body(b.Self(), leaf); got.State != want || want == body.Here && string(got.Bytes) != "only here" {
				t.Errorf("a body is %+v, want state %d", got, want)
			}
		}
		if w, err := v.Wanted(b.Self(), Hash{}, 1000); err != nil || len(w) != 290 {
			t.Errorf("%d bodies are to be fetched, %v", len(w), err)
		}
		return nil
	})
	verify(t, b, b.Self())
	repeated := must(t, b, form)
	if e := repeated.First(); !repeated.Repeat || e.Leaf != only.Leaf || e.Index != kept.Size {
		t.Errorf("the form sent again leads to %+v", e)
	}
	must(t, b, post("tally.did", "and on"))
	live := dump(t, b)
	if err := b.Rebuild(); err != nil {
		t.Fatal(err)
	}
	if replayed := dump(t, b); replayed != live {
		t.Errorf("views replayed after mending differ:\n%s\n%s", live, replayed)
	}
	b.Close()
	b.db.Close()
	verify(t, open(t, old), b.Self())
}

// erasing makes a command that takes a body away.
func (r *Record) erasing(leaf Hash) Command {
	return Command{Judge: func(v View) (*Decision, error) {
		d := v.Decide()
		d.Erase("m1", leaf)
		return d, nil
	}}
}
