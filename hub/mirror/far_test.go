package mirror

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// again makes b read and compare with a neighbour now, as it would within a few minutes.
func (b *box) again(neighbour *box) {
	b.mir.mu.Lock()
	b.mir.hubs[neighbour.id()].compared = time.Time{}
	b.mir.mu.Unlock()
	b.mir.Hint(neighbour.id(), neighbour.url, 0)
}

// TestSeveralHops: in a row of six where each knows but the one before it, the words of the first reach the fifth, with proof, and no
// further; an erasure follows them; words for neighbours stay with the neighbours.
func TestSeveralHops(t *testing.T) {
	var row []*box
	for _, name := range []string{"A", "B", "C", "D", "E", "F"} {
		row = append(row, newBox(t, name))
	}
	a, last, beyond := row[0], row[4], row[5]
	a.post(3, body.Far)
	a.post(2, body.Neighbours)
	a.post(2, body.Hub)
	for i, b := range row[1:] {
		b.accept(row[i])
		if b != beyond {
			eventually(t, "the words of A one further", func() bool { return b.bodies(a)[body.Here] == 3 })
		}
	}
	if got := last.bodies(a); got[body.Here] != 3 || got[body.NotFetched] != 2 || got[body.Unknown] != 2 {
		t.Errorf("at the end of the row: %v", got)
	}
	if n := last.of(a); n.State != Seen || n.Via != row[3].id() || n.Hops != maxHops || n.Name != "A" {
		t.Errorf("E lists A as %+v", n)
	}
	var receipt []byte
	var entry record.Entry
	err := last.rec.Read(func(v record.View) (err error) {
		if entry, err = v.Entry(a.rec.Self(), 0); err == nil {
			receipt, err = Receipt(v, a.rec.Self(), 0)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := record.CheckReceipt(receipt, entry.Raw, note.VerifierList(a.rec.Verifier())); err != nil {
		t.Errorf("E's receipt of an event of A: %v", err)
	}
	a.rec.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Erase("m1", entry.Leaf)
		return d, nil
	}})
	for i, b := range row[1:5] {
		b.again(row[i])
		eventually(t, "the erasure one further", func() bool { return b.bodies(a)[body.Erased] == 1 })
	}
	beyond.again(last)
	eventually(t, "F reads E", func() bool { return beyond.size(last.rec.Self()) == last.rec.Size() })
	if n := beyond.size(a.rec.Self()); n != 0 {
		t.Errorf("%d events of A came further than %d hops", n, maxHops)
	}
}

// TestFarIsNotFetchedInCircles: two hubs that mirror each other ask for nothing of a third while it does not grow.
func TestFarIsNotFetchedInCircles(t *testing.T) {
	a, b, c := newBox(t, "A"), newBox(t, "B"), newBox(t, "C")
	a.post(3, body.Far)
	b.accept(a)
	eventually(t, "A at B", func() bool { return b.bodies(a)[body.Here] == 3 })
	c.accept(b)
	b.accept(c)
	eventually(t, "A at C", func() bool { return c.bodies(a)[body.Here] == 3 })
	var asked atomic.Int64
	count := func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		if strings.Contains(req.URL.Path, a.rec.Self().Hex()) {
			asked.Add(1)
		}
		next.ServeHTTP(w, req)
	}
	spoil := spoiler(count)
	c.spoil.Store(&spoil)
	b.again(c)
	c.post(1, body.Far)
	b.mir.Hint(c.id(), c.url, c.rec.Size())
	eventually(t, "B reads C", func() bool { return b.bodies(c)[body.Here] == 1 })
	if n := asked.Load(); n > 0 {
		t.Errorf("B asked C %d times for what is A's", n)
	}
}

// TestFarBelievesNobody: a neighbour that offers records of hubs it made up, or under a key that makes another id, plants nothing; and
// what people have blocked does not come in through the back door.
func TestFarBelievesNobody(t *testing.T) {
	a, b, c, other := newBox(t, "A"), newBox(t, "B"), newBox(t, "C"), newBox(t, "other")
	a.post(2, body.Far)
	b.accept(a)
	eventually(t, "A at B", func() bool { return b.bodies(a)[body.Here] == 2 })
	if err := c.mir.Block(context.Background(), "", a.id()); err != nil {
		t.Fatal(err)
	}
	lie := onPath("/.well-known/", func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		var d Description
		if err := json.Unmarshal(honest(req, next), &d); err != nil {
			t.Error(err)
		}
		forged := d.Mirrors[0]
		forged.ID, forged.VKey = other.id(), a.rec.VerifierKey()
		unsigned := d.Mirrors[0]
		unsigned.ID, unsigned.VKey = other.id(), other.rec.VerifierKey()
		d.Mirrors = append(d.Mirrors, forged, unsigned)
		json.NewEncoder(w).Encode(d)
	})
	b.spoil.Store(&lie)
	c.accept(b)
	b.post(1, body.Far)
	c.mir.Hint(b.id(), b.url, b.rec.Size())
	eventually(t, "C reads B", func() bool { return c.bodies(b)[body.Here] == 1 })
	if n, m := c.size(a.rec.Self()), c.size(other.rec.Self()); n+m != 0 {
		t.Errorf("%d events of a blocked hub and %d of one that never signed", n, m)
	}
}
