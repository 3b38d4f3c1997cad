package mirror

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// TestMendsWhatWentOnAlone: a machine with an old copy of the data, which has gone on where nobody could tell, meets a neighbour that keeps
// more: it takes that back, appends its own anew, tells people, and the neighbour reads on without ever seeing a fork.
func TestMendsWhatWentOnAlone(t *testing.T) {
	was, is := twins(t, 3)
	b := newBox(t, "B")
	was.post(5, body.Far)
	b.accept(was)
	eventually(t, "B keeps all", func() bool { return b.bodies(was)[body.Here] == 8 })
	was.off()
	is.post(2, body.Far)
	is.accept(b) // only now it can hear of it
	eventually(t, "the record is mended", func() bool { return is.mir.Self().Mended != nil })
	if m := is.mir.Self().Mended; m.Common != 3 || m.Kept != 8 || m.Again != 3 || m.Void != 6 {
		t.Errorf("mended as %+v", m)
	}
	if n := is.rec.Size(); n != 8+3+1 {
		t.Errorf("the record has %d events", n)
	}
	eventually(t, "the words are back", func() bool { return is.bodies(is)[body.Here] == 10 })
	if _, err := b.mir.Add(context.Background(), is.url); err != nil {
		t.Fatal(err)
	}
	eventually(t, "B reads on", func() bool { return b.size(is.rec.Self()) == is.rec.Size() && b.bodies(is)[body.Here] == 10 })
	if s := b.of(is).State; s != Accepted {
		t.Errorf("B says that it is %s", s)
	}
}

// TestSecondMachineIsRefused: a machine that runs beside another one with the same key learns of it from their neighbour and writes nothing
// more; the neighbour goes on reading the first, and says so.
func TestSecondMachineIsRefused(t *testing.T) {
	first, second := twins(t, 3)
	b := newBox(t, "B")
	first.post(1, body.Far)
	b.accept(first)
	eventually(t, "B reads the first", func() bool { return b.size(first.rec.Self()) == 4 })
	second.accept(b)
	eventually(t, "the second knows", func() bool { return second.mir.Self().Problem == "mirror.twin" })
	_, err := second.rec.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Append(record.Event{Kind: "notice.posted"})
		return d, nil
	}})
	if fault.Of(err).Key != "mirror.twin" {
		t.Errorf("a refused machine writes: %v", err)
	}
	if _, _, err := second.mir.AskOurs(t.Context(), answerTime); fault.Of(err).Key != "mirror.twin" {
		t.Errorf("asked again: %v", err)
	}
	if _, err := b.mir.Add(context.Background(), second.url); err != nil {
		t.Fatal(err)
	}
	if n := b.of(first); n.URL != first.url || n.Problem != "mirror.twin-seen" || n.State != Accepted {
		t.Errorf("B lists the first as %+v", n)
	}
	first.post(1, body.Far)
	b.mir.Hint(first.id(), first.url, first.rec.Size())
	eventually(t, "B reads on", func() bool { return b.size(first.rec.Self()) == 5 })
	if first.mir.Self().Problem != "" {
		t.Error("the first machine is disturbed")
	}
}

// TestTwoHistoriesAreForPeople: where one neighbour keeps what another history of ours would make void, nothing is mended.
func TestTwoHistoriesAreForPeople(t *testing.T) {
	was, is := twins(t, 3)
	b, c := newBox(t, "B"), newBox(t, "C")
	was.post(5, body.Far)
	is.post(2, body.Far)
	b.accept(was)
	c.accept(is)
	eventually(t, "each has its own", func() bool { return b.size(was.rec.Self()) == 8 && c.size(is.rec.Self()) == 5 })
	was.off()
	is.accept(c)
	is.accept(b)
	eventually(t, "people are told", func() bool { return is.mir.Self().Problem == "mirror.torn" })
	if is.mir.Self().Mended != nil || is.rec.Size() != 7 {
		t.Errorf("the record was changed: %+v, size %d", is.mir.Self(), is.rec.Size())
	}
}

// TestReadersSayWhatTheyHold: a neighbour that says that it holds another record of ours is put off until we have asked; nobody else is.
func TestReadersSayWhatTheyHold(t *testing.T) {
	a, b, stranger := newBox(t, "A"), newBox(t, "B"), newBox(t, "stranger")
	a.post(2, body.Far)
	a.accept(b)
	root := a.rec.Checkpoint().Root.String()[:holdsRoot]
	size := a.rec.Size()
	for name, try := range map[string]struct {
		who  *box
		held string
		want int
	}{
		"what is so":                     {b, fmt.Sprintf("%d %s", size, root), http.StatusOK},
		"more than there is":             {b, fmt.Sprintf("%d %s", size+1, root), http.StatusServiceUnavailable},
		"another root":                   {b, fmt.Sprintf("%d %s", size, strings.Repeat("A", holdsRoot)), http.StatusServiceUnavailable},
		"nothing that can be read":       {b, "all of it", http.StatusOK},
		"a stranger, more than there is": {stranger, fmt.Sprintf("%d %s", size+1, root), http.StatusOK},
	} {
		req, err := http.NewRequest(http.MethodGet, a.url+"/record/checkpoint", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(holdsHeader, try.who.id()+" "+try.held)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != try.want {
			t.Errorf("%s: %d, want %d", name, res.StatusCode, try.want)
		}
	}
}
