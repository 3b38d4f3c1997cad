package noticeboard

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/photo"
	"commonhub/hub/record"
	"commonhub/hub/store"
)

// hub is a whole record with a noticeboard on it, and people m1 to m9 of the households h1 to h9, of whom m1 is a steward.
type hub struct {
	t     testing.TB
	r     *record.Record
	s     *Service
	clock *clock
	marks []record.Checkpoint // our checkpoints, in order
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// block stands in for people.People, whose rules are tested there.
type block struct{}

func (block) Acting(v record.View, member string) (string, bool, error) {
	if !strings.HasPrefix(member, "m") || len(member) != 2 {
		return "", false, fault.New(fault.Denied, "people.not-a-member")
	}
	return "h" + member[1:], member == "m1", nil
}

func (block) NameOf(v record.View, o record.Origin, member string, known bool) string {
	if !known {
		return ""
	}
	return "Name of " + member
}

func (block) HubName(v record.View, o record.Origin) string { return "Hub " + o.ID() }

func start() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }

func newHub(t testing.TB, o Options) *hub {
	t.Helper()
	h := &hub{t: t, clock: &clock{now: start()}}
	o.Members, o.Hubs, o.Zone = block{}, block{}, time.UTC
	h.s = New(o)
	db, err := store.Open(t.TempDir(), store.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	h.r, err = record.Open(db, record.Options{Services: []record.Service{h.s}, Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	h.s.Open(h.r)
	t.Cleanup(func() { h.r.Close(); db.Close() })
	return h
}

// by is an order of a member.
func by(member string) Order { return Order{Member: member} }

func (h *hub) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	h.mark()
}

func (h *hub) mark() {
	if c := h.r.Checkpoint(); len(h.marks) == 0 || h.marks[len(h.marks)-1].Size < c.Size {
		h.marks = append(h.marks, c)
	}
}

// refused checks that err is a fault with this key.
func refused(t testing.TB, err error, key string) {
	t.Helper()
	if err == nil || fault.Of(err).Key != key {
		t.Fatalf("got %v, want a fault %s", err, key)
	}
}

func draft(k Kind, title string) Draft {
	return Draft{Words: Words{Title: title, Text: "about " + title}, Kind: k, Lang: "en", Reach: body.Far}
}

// post puts a notice up as a member and gives its ID.
func (h *hub) post(member string, d Draft) ID {
	h.t.Helper()
	ref, err := h.s.Post(context.Background(), by(member), d)
	h.must(err)
	id, _ := idOf(ref.Origin, ref.Leaf)
	return id
}

// view runs fn on the hub's view.
func (h *hub) view(fn func(v record.View)) {
	h.t.Helper()
	if err := h.r.Read(func(v record.View) error { fn(v); return nil }); err != nil {
		h.t.Fatal(err)
	}
}

// detail reads a notice as somebody.
func (h *hub) detail(r Reader, id ID) (d Detail) {
	h.t.Helper()
	h.view(func(v record.View) {
		var err error
		if d, err = h.s.Read(v, r, id); err != nil {
			h.t.Fatal(err)
		}
	})
	return d
}

// titles lists what a query finds.
func (h *hub) titles(r Reader, q Query) (list []string) {
	h.view(func(v record.View) {
		items, _, _ := h.s.List(v, r, q)
		for _, i := range items {
			list = append(list, i.Title)
		}
	})
	return list
}

func same(t testing.TB, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// pull brings what h lacks of another hub's record, entries only.
func (h *hub) pull(from *hub) {
	h.t.Helper()
	from.mark()
	h.extend(from, from.marks[len(from.marks)-1])
}

// extend brings another hub's record up to one of its checkpoints.
func (h *hub) extend(from *hub, to record.Checkpoint) {
	h.t.Helper()
	var size uint64
	h.view(func(v record.View) { size = v.Size(from.r.Self()) })
	if size >= to.Size {
		return
	}
	var raws [][]byte
	from.view(func(v record.View) {
		for e, err := range v.Entries(from.r.Self(), size) {
			if err != nil {
				h.t.Fatal(err)
			}
			if e.Index < to.Size {
				raws = append(raws, bytes.Clone(e.Raw))
			}
		}
	})
	_, err := h.r.Extend(context.Background(), record.Extension{
		Origin: from.r.Self(), Verifier: note.VerifierList(from.r.Verifier()), Note: to.Note, Start: size, Entries: raws,
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// wanted lists the bodies of another hub that could be fetched now.
func (h *hub) wanted(from *hub) (list []record.Entry) {
	h.view(func(v record.View) {
		var err error
		if list, err = v.Wanted(from.r.Self(), record.Hash{}, 1000); err != nil {
			h.t.Fatal(err)
		}
	})
	return list
}

// fetch brings one body over; an erased one is left.
func (h *hub) fetch(from *hub, e record.Entry) {
	h.t.Helper()
	var b body.Body
	from.view(func(v record.View) {
		b = v.Body(e.Origin, e.Leaf)
		b.Bytes = bytes.Clone(b.Bytes)
	})
	if b.State != body.Here {
		return
	}
	if err := h.r.Shelve(context.Background(), e, b.Salt, b.Bytes); err != nil {
		h.t.Fatal(err)
	}
}

// sync brings entries and bodies over.
func (h *hub) sync(from *hub) {
	h.t.Helper()
	h.pull(from)
	for _, e := range h.wanted(from) {
		h.fetch(from, e)
	}
	h.mark()
}

// tables writes all of the board's tables out, to compare them.
func (h *hub) tables() string {
	var b strings.Builder
	h.view(func(v record.View) {
		for _, name := range []string{
			"notice", "index", "daily", "hidden", "gone", "comment", "claim", "answer", "released", "open", "flag", "flagged",
			"said", "word", "spoken", "size", "total", "mine", "talk", "picture", "album", "lodger", "fresh", "latest",
		} {
			for k, value := range v.Table(service, name).From(nil) {
				fmt.Fprintf(&b, "%s %x %x\n", name, k, value)
			}
		}
	})
	return b.String()
}

// difference lists the lines that only one of two texts has.
func difference(got, want string) string {
	var b strings.Builder
	for _, side := range [][3]string{{"+ ", got, want}, {"- ", want, got}} {
		for line := range strings.Lines(side[1]) {
			if !strings.Contains(side[2], line) {
				b.WriteString(side[0] + line)
			}
		}
	}
	return b.String()
}

// shot is a JPEG of one colour with a red corner at the top left.
func shot(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0, 0, 255, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{255, 0, 0, 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func develop(t testing.TB, raw []byte) *photo.Picture {
	t.Helper()
	p, err := photo.NewDarkroom(0).Develop(context.Background(), io.Reader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
