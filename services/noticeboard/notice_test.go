package noticeboard

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/photo"
	"commonhub/hub/record"
)

func TestPostRefuses(t *testing.T) {
	h := newHub(t, Options{Daily: 3})
	with := func(change func(d *Draft)) Draft {
		d := draft(Offer, "a drill")
		change(&d)
		return d
	}
	for _, c := range []struct {
		name  string
		by    string
		draft Draft
		key   string
		field string
	}{
		{"guest", "", draft(Offer, "x"), "portal.sign-in-first", ""},
		{"stranger", "x9", draft(Offer, "x"), "people.not-a-member", ""},
		{"kind", "m2", draft("gossip", "x"), "notice.kind-unknown", "kind"},
		{"title missing", "m2", draft(Offer, " \n "), "notice.title-missing", "title"},
		{"title long", "m2", draft(Offer, strings.Repeat("é", maxTitle+1)), "notice.title-long", "title"},
		{"text long", "m2", with(func(d *Draft) { d.Text = strings.Repeat("x", maxText+1) }), "notice.text-long", "text"},
		{"text broken", "m2", with(func(d *Draft) { d.Text = "\xff" }), "notice.text-broken", "text"},
		{"reach of stewards", "m2", with(func(d *Draft) { d.Reach = body.Stewards }), "notice.reach-unknown", "reach"},
		{"expired", "m2", with(func(d *Draft) { d.Expires = "2026-02-28" }), "notice.expires-past", "expires"},
		{"for ever", "m2", with(func(d *Draft) { d.Expires = "2036-02-28" }), "notice.expires-far", "expires"},
		{"no date", "m2", with(func(d *Draft) { d.Expires = "soon" }), "notice.expires-form", "expires"},
		{"no start", "m2", with(func(d *Draft) { d.Kind, d.Starts = Happening, "noon" }), "notice.starts-form", "starts"},
		{"photos", "m2", with(func(d *Draft) { d.Pictures = make([]*photo.Picture, 5) }), "notice.photos-many", "photo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := h.s.Post(context.Background(), by(c.by), c.draft)
			refused(t, err, c.key)
			if f := fault.Of(err).Field; f != c.field {
				t.Fatalf("field %q, want %q", f, c.field)
			}
		})
	}
	if h.r.Size() != 0 {
		t.Fatalf("refusals left %d events", h.r.Size())
	}
	for i := range 3 {
		h.post("m2", draft(Offer, fmt.Sprint("offer ", i)))
	}
	_, err := h.s.Post(context.Background(), by("m2"), draft(Offer, "one too many"))
	refused(t, err, "notice.daily")
	h.post("m3", draft(Offer, "another household"))
	h.clock.pass(25 * time.Hour)
	h.post("m2", draft(Offer, "the next day"))
}

func TestExpiry(t *testing.T) {
	h := newHub(t, Options{})
	for _, c := range []struct {
		kind            Kind
		starts, expires string
		want            time.Time
	}{
		{Need, "", "", start().AddDate(0, 0, 14)},
		{Offer, "", "", start().AddDate(0, 0, 90)},
		{News, "", "", start().AddDate(0, 0, 30)},
		{LostFound, "", "", start().AddDate(0, 0, 30)},
		{Happening, "2026-03-09T18:30", "", time.Date(2026, 3, 9, 23, 59, 59, 0, time.UTC)},
		{Happening, "2026-03-09T18:30", "2026-03-10", time.Date(2026, 3, 10, 23, 59, 59, 0, time.UTC)},
		{Need, "", "2026-03-05T12:00:00+02:00", time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)},
	} {
		d := draft(c.kind, "t")
		d.Starts, d.Expires = c.starts, c.expires
		got := h.detail(Reader{}, h.post("m2", d)).Expires
		if got.Sub(c.want).Abs() > time.Second {
			t.Errorf("%s %s %s: expires %v, want %v", c.kind, c.starts, c.expires, got, c.want)
		}
	}
}

func TestLifeOfANotice(t *testing.T) {
	h, ctx := newHub(t, Options{}), context.Background()
	id := h.post("m2", draft(Need, "a ladder"))
	guest := Reader{}
	same(t, h.titles(guest, Query{}), "a ladder")

	refused(t, h.s.Edit(ctx, by("m3"), id, "", draft(Need, "mine"), nil), "notice.not-yours")
	version := h.detail(guest, id).Version
	h.must(h.s.Edit(ctx, by("m2"), id, version, draft(Offer, "a long ladder"), nil))
	refused(t, h.s.Edit(ctx, by("m2"), id, version, draft(Need, "late"), nil), "notice.edited-meanwhile")
	d := h.detail(guest, id)
	if d.Kind != Need || d.Edited == nil || d.Title != "a long ladder" {
		t.Fatalf("after the edit: %+v", d)
	}
	h.view(func(v record.View) {
		if b := v.Body(v.Self(), leafOf(version)); b.State != body.Erased {
			t.Errorf("old words are %v", b.State)
		}
	})
	same(t, h.titles(guest, Query{Text: "long"}), "a long ladder")

	h.clock.pass(12 * day)
	if !h.detail(guest, id).Warn(h.clock.Now()) {
		t.Error("no warning two days before")
	}
	h.clock.pass(3 * day)
	same(t, h.titles(guest, Query{}))
	same(t, h.titles(guest, Query{Past: true}), "a long ladder")
	h.must(h.s.Extend(ctx, by("m2"), id, ""))
	same(t, h.titles(guest, Query{}), "a long ladder")

	h.must(h.s.Withdraw(ctx, by("m2"), id))
	same(t, h.titles(guest, Query{}))
	same(t, h.titles(guest, Query{Text: "long"}))
	if d := h.detail(guest, id); d.State != WordsWithdrawn || d.Title != "" {
		t.Errorf("a guest still sees %+v", d)
	}
	refused(t, h.s.Extend(ctx, by("m2"), id, ""), "notice.is-withdrawn")
	h.must(h.s.Restore(ctx, by("m2"), id))
	same(t, h.titles(guest, Query{}), "a long ladder")

	refused(t, h.s.EraseAll(ctx, by("m2"), id), "notice.withdraw-first")
	h.must(h.s.Finish(ctx, by("m2"), id, "Thank you, Noor!"))
	same(t, h.titles(guest, Query{}))
	same(t, h.titles(guest, Query{Past: true}), "a long ladder")
	if got := h.detail(guest, id).Thanks; got != "Thank you, Noor!" {
		t.Errorf("thanks %q", got)
	}
	h.must(h.s.Withdraw(ctx, by("m2"), id))
	h.must(h.s.EraseAll(ctx, by("m2"), id))
	h.view(func(v record.View) {
		if n := total(v, "all"); n != 0 {
			t.Errorf("%d bytes still counted", n)
		}
	})
}

func TestRepeatedFormPostsOnce(t *testing.T) {
	h := newHub(t, Options{})
	o := Order{Member: "m2", Key: "k", Content: []byte("same")}
	first, err := h.s.Post(context.Background(), o, draft(Offer, "a drill"))
	h.must(err)
	again, err := h.s.Post(context.Background(), o, draft(Offer, "a drill"))
	h.must(err)
	if first != again {
		t.Errorf("two results: %v and %v", first, again)
	}
	same(t, h.titles(Reader{}, Query{}), "a drill")
}

func TestReachIsForReaders(t *testing.T) {
	h := newHub(t, Options{})
	d := draft(Offer, "for us alone")
	d.Reach = body.Hub
	d.Pictures = []*photo.Picture{develop(t, shot(40, 30))}
	id := h.post("m2", d)
	member := Reader{Member: "m3"}

	if got := h.detail(Reader{}, id); got.State != WordsMembers || got.Title != "" || len(got.Pictures) != 0 {
		t.Errorf("a guest sees %+v", got.Item)
	}
	same(t, h.titles(Reader{}, Query{}))
	same(t, h.titles(Reader{}, Query{Text: "alone"}))
	same(t, h.titles(member, Query{Text: "alone"}), "for us alone")
	shown := h.detail(member, id).Pictures
	if len(shown) != 1 {
		t.Fatalf("a member sees %d pictures", len(shown))
	}
	h.view(func(v record.View) {
		c := cite{v.Self(), shown[0].Leaf}
		if _, err := h.s.picture(v, Reader{}, c); err == nil {
			t.Error("a guest got the picture")
		}
		if _, err := h.s.picture(v, member, c); err != nil {
			t.Error(err)
		}
		if _, err := h.s.picture(v, member, cite{v.Self(), h.detail(member, id).Version}); err == nil {
			t.Error("words were served as a picture")
		}
		if f := h.s.Feed(v, func(p string) string { return p }, ""); len(f.Entries) != 0 {
			t.Error("the feed has words for members")
		}
	})
}

func TestStewardHides(t *testing.T) {
	h, ctx := newHub(t, Options{}), context.Background()
	id := h.post("m2", draft(News, "a rumour"))
	refused(t, h.s.Hide(ctx, by("m3"), id, "untrue", ""), "notice.stewards-only")
	refused(t, h.s.Hide(ctx, by("m1"), id, "dislike", ""), "notice.reason-unknown")
	refused(t, h.s.Hide(ctx, by("m1"), id, "other", ""), "notice.reason-missing")
	h.must(h.s.Flag(ctx, by("m3"), id, "this is not so"))
	refused(t, h.s.Flag(ctx, by("m3"), id, "again"), "notice.flagged-already")
	if d := h.detail(Reader{Member: "m1", Steward: true}, id); len(d.Flags) != 1 || d.Flags[0].By != "m3" || d.Flags[0].Text != "this is not so" {
		t.Errorf("the steward reads %+v", d.Flags)
	}
	if d := h.detail(Reader{Member: "m2"}, id); len(d.Flags) != 0 {
		t.Errorf("the author reads %+v", d.Flags)
	}
	h.must(h.s.Hide(ctx, by("m1"), id, "untrue", "We asked the school."))
	d := h.detail(Reader{}, id)
	if d.State != WordsHidden || d.Title != "" || d.Hidden == nil || d.Hidden.Reason != "untrue" || d.Hidden.Words != "We asked the school." {
		t.Errorf("a guest sees %+v", d)
	}
	same(t, h.titles(Reader{}, Query{}))
	refused(t, h.s.Flag(ctx, by("m4"), id, ""), "notice.is-hidden")
	h.must(h.s.Show(ctx, by("m1"), id))
	same(t, h.titles(Reader{}, Query{}), "a rumour")
}

func TestComments(t *testing.T) {
	h, ctx := newHub(t, Options{}), context.Background()
	id := h.post("m2", draft(Offer, "a drill"))
	_, err := h.s.Comment(ctx, by("m3"), id, "  ")
	refused(t, err, "notice.comment-missing")
	ref, err := h.s.Comment(ctx, by("m3"), id, "Is it loud?")
	h.must(err)
	comment, _ := idOf(ref.Origin, ref.Leaf)
	d := h.detail(Reader{}, id)
	if len(d.Replies) != 1 || d.Replies[0].Text != "Is it loud?" || d.Replies[0].By != "m3" || d.Comments != 1 {
		t.Fatalf("replies %+v", d.Replies)
	}
	h.view(func(v record.View) {
		e, err := v.Entry(ref.Origin, ref.Index)
		if err != nil || strings.Contains(string(e.Raw), `"m3"`) || strings.Contains(string(e.Raw), `"h3"`) {
			t.Errorf("the record says who: %s %v", e.Raw, err)
		}
		mine := 0
		for i := range h.s.Mine(v, "m3") {
			mine++
			if i != ref.Index {
				t.Errorf("index %d is said to be m3's", i)
			}
		}
		if mine != 1 {
			t.Errorf("%d entries are m3's", mine)
		}
	})
	refused(t, h.s.EraseComment(ctx, by("m4"), id, comment), "notice.not-yours")
	h.must(h.s.Hide(ctx, by("m1"), comment, "abuse", ""))
	if c := h.detail(Reader{Member: "m5"}, id).Replies[0]; c.State != WordsHidden || c.Text != "" || c.By != "" {
		t.Errorf("hidden comment shows %+v", c)
	}
	h.must(h.s.EraseComment(ctx, by("m3"), id, comment))
	if c := h.detail(Reader{Member: "m1", Steward: true}, id).Replies[0]; c.State != WordsErased {
		t.Errorf("erased comment is %s", c.State)
	}
}

func TestRoom(t *testing.T) {
	pictures := []*photo.Picture{develop(t, shot(300, 200))}
	size := int64(len(pictures[0].JPEG))
	h := newHub(t, Options{Room: func() int64 { return householdShare * (2*size + size/2) }})
	d := draft(Need, "old")
	d.Pictures = pictures
	old := h.post("m2", d)
	h.clock.pass(15 * day)
	d.Title = "new"
	h.post("m2", d)
	d.Title = "newest"
	h.post("m2", d)
	if got := h.detail(Reader{}, old); len(got.Pictures) != 0 || got.Title != "old" {
		t.Errorf("the expired notice has %d pictures and title %q", len(got.Pictures), got.Title)
	}
	_, err := h.s.Post(context.Background(), by("m2"), d)
	refused(t, err, "notice.room-household")
	h.post("m3", d)
}
