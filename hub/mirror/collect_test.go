package mirror

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// standing is what a box says of one of its own events.
func (b *box) standing(index uint64) (w Witnesses) {
	b.rec.Read(func(v record.View) error { w = WitnessesOf(v, v.Self(), index); return nil })
	return w
}

// TestCosignaturesComeHome: a hub alone keeps for itself, a neighbour that has not accepted us signs nothing, two that have do.
func TestCosignaturesComeHome(t *testing.T) {
	a, b, c := newBox(t, "A"), newBox(t, "B"), newBox(t, "C")
	a.post(1, body.Far)
	if w := a.standing(0); w != (Witnesses{Standing: Here}) {
		t.Errorf("alone: %+v", w)
	}
	a.accept(b)
	a.accept(c)
	if w := a.standing(0); w.Standing != Pending {
		t.Errorf("with neighbours that do not know it: %+v", w)
	}
	b.accept(a)
	a.mir.Hint(b.id(), b.url, b.rec.Size()) // as the mesh tells
	eventually(t, "B's cosignature", func() bool { return a.standing(0) == Witnesses{Final, 1, a.rec.Size()} })
	c.accept(a)
	a.mir.Hint(c.id(), c.url, 99)
	a.post(1, body.Far)
	last := a.rec.Size() - 1
	eventually(t, "both cosignatures", func() bool { return a.standing(last) == Witnesses{Final, 2, last + 1} })
	known := note.VerifierList(a.rec.Verifier(), b.witnessKey(), c.witnessKey())
	n, err := note.Open(a.get("/record/checkpoint"), known)
	if err != nil || len(n.Sigs) != 3 || len(n.UnverifiedSigs) != 0 {
		t.Errorf("served checkpoint: %v, %+v", err, n)
	}
	var receipt []byte
	var entry record.Entry
	a.rec.Read(func(v record.View) (err error) {
		entry, _ = v.Entry(v.Self(), 0)
		receipt, err = Receipt(v, v.Self(), 0)
		return err
	})
	if cp, index, err := record.CheckReceipt(receipt, entry.Raw, known); err != nil || index != 0 || cp.Size != last+1 {
		t.Errorf("receipt: %v\n%s", err, receipt)
	}
}

// TestMirrorsServeOnlyWhatIsVerified: lines that a hub put on its own checkpoint, which we cannot check, are not passed on.
func TestMirrorsServeOnlyWhatIsVerified(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	a.post(3, body.Far)
	spoil := onPath("/record/checkpoint", func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		w.Write(append(honest(req, next), "— somebody/witness AAAAAAAA\n"...))
	})
	a.spoil.Store(&spoil)
	b.accept(a)
	path := "/mirror/" + a.rec.Self().Hex() + "/checkpoint"
	eventually(t, "the mirror", func() bool { return b.get(path) != nil })
	if served := b.get(path); !bytes.Equal(served, a.rec.Checkpoint().Note) {
		t.Errorf("the mirror serves\n%s", served)
	}
}

// TestBadCosignatures: whatever a neighbour answers instead of its cosignature, nothing of it is served.
func TestBadCosignatures(t *testing.T) {
	for name, lie := range map[string]func(b *box, said []byte) []byte{
		"a changed signature": func(b *box, said []byte) []byte {
			said[len(said)-10] ^= 1
			return said
		},
		"another key": func(b *box, _ []byte) []byte {
			other := newBox(b.t, "other").mir.witness
			other.name, other.at = b.mir.witness.name, 1_800_000_000
			line, err := other.line([]byte("hello\n"))
			if err != nil {
				b.t.Fatal(err)
			}
			return line
		},
		"time zero":   func(b *box, _ []byte) []byte { return b.signs(0) },
		"nothing":     func(*box, []byte) []byte { return nil },
		"a long text": func(*box, []byte) []byte { return bytes.Repeat([]byte("— x AAAAAAAA\n"), 4000) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := newBox(t, "A"), newBox(t, "B")
			asked := make(chan bool, 100)
			b.accept(a)
			spoil := onPath("/witness/", func(w http.ResponseWriter, req *http.Request, next http.Handler) {
				w.Write(lie(b, honest(req, next)))
				asked <- true
			})
			b.spoil.Store(&spoil)
			a.accept(b)
			<-asked
			a.mir.Close() // whatever was to be kept is kept now
			if served := a.get("/record/checkpoint"); !bytes.Equal(served, a.rec.Checkpoint().Note) {
				t.Errorf("served\n%s", served)
			}
			if w := a.standing(0); w.Standing != Pending || w.Upto != 0 {
				t.Errorf("%+v", w)
			}
		})
	}
}

// signs makes a line of the box's witness key for anything at a time.
func (b *box) signs(at uint64) []byte {
	c := b.mir.witness
	c.at = at
	line, err := c.line([]byte("hello\n"))
	if err != nil {
		b.t.Fatal(err)
	}
	return line
}

// TestExtraLinesAreDropped: a good cosignature among others comes home alone.
func TestExtraLinesAreDropped(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	b.accept(a)
	spoil := onPath("/witness/", func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		rec := honest(req, next)
		if !strings.HasPrefix(string(rec), "— ") {
			w.WriteHeader(http.StatusConflict)
			w.Write(rec)
			return
		}
		w.Write(append(rec, "— "+a.rec.Verifier().Name()+" AAAAAAAA\n"...))
	})
	b.spoil.Store(&spoil)
	a.accept(b)
	eventually(t, "the cosignature", func() bool { return a.standing(0).Standing == Final })
	n, err := note.Open(a.get("/record/checkpoint"), note.VerifierList(a.rec.Verifier(), b.witnessKey()))
	if err != nil || len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
		t.Errorf("%v %+v", err, n)
	}
}

// TestWitnessKeyIsBound: a witness key counts only if the key of the record signed for it.
func TestWitnessKeyIsBound(t *testing.T) {
	a, b := newBox(t, "A"), newBox(t, "B")
	d := a.mir.Describe()
	pub, other := a.rec.Verifier(), b.rec.Self()
	key, err := keyOf(d.ID, d.VKey)
	if err != nil || pub.Name() == a.witnessKey().name {
		t.Fatal(err, pub.Name())
	}
	swapped := *d.Witness
	swapped.VKey = b.mir.Describe().Witness.VKey
	self := a.mir.witness
	self.key = a.rec.Key()
	for name, got := range map[string]string{
		"another's key":        swapped.provedBy(a.rec.Self(), key),
		"another hub":          d.Witness.provedBy(other, key),
		"the record's own key": describeWitness(self, a.rec.Self(), a.rec.Key()).provedBy(a.rec.Self(), key),
		"none":                 (*WitnessDesc)(nil).provedBy(a.rec.Self(), key),
	} {
		if got != "" {
			t.Errorf("%s is believed", name)
		}
	}
	if b.mir.Accept(context.Background(), "", a.id()) == nil {
		t.Error("a hub that was never seen is accepted")
	}
}
