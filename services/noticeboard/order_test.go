package noticeboard

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"commonhub/hub/body"
	"commonhub/hub/hubtest"
	"commonhub/hub/photo"
	"commonhub/hub/record"
)

// town lets three hubs live through everything that the board knows, with entries and bodies going to and fro.
func town(t testing.TB) []*hub {
	ctx := context.Background()
	a, b, c := newHub(t, Options{}), newHub(t, Options{}), newHub(t, Options{})
	drill := a.post("m2", draft(Offer, "a drill"))
	withPhoto := draft(LostFound, "a found cat")
	withPhoto.Reach, withPhoto.Pictures = body.Neighbours, []*photo.Picture{develop(t, shot(64, 48))}
	cat := b.post("m3", withPhoto)
	secret := draft(News, "for c alone")
	secret.Reach = body.Hub
	c.post("m4", secret)
	ladder := c.post("m5", draft(Need, "a ladder"))
	meet(a, b, c)

	for _, h := range []*hub{b, c} { // two claims on one drill, neither knowing of the other
		h.clock.pass(day / 24)
		h.must(h.s.Claim(ctx, by("m6"), drill))
		_, err := h.s.Comment(ctx, by("m6"), drill, "May I have it on Sunday?")
		h.must(err)
	}
	a.must(a.s.Edit(ctx, by("m2"), drill, "", draft(Offer, "a strong drill"), nil))
	meet(a, b, c)
	settledAll(t, a)
	meet(a, b, c)

	first := a.detail(Reader{}, drill)
	for _, claim := range first.Claims {
		if id, _ := ParseID(claim.ID); claim.State == Won && id.Origin() == b.r.Self() {
			b.must(b.s.Release(ctx, by("m6"), drill, id))
		}
	}
	c.must(c.s.Hide(ctx, by("m1"), cat, "private", "The owner asked us."))
	c.must(c.s.Extend(ctx, by("m5"), ladder, ""))
	a.must(a.s.Flag(ctx, by("m7"), ladder, "twice"))
	meet(a, b, c)
	c.must(c.s.Finish(ctx, by("m5"), ladder, "Thanks to all"))
	b.must(b.s.Withdraw(ctx, by("m3"), cat))
	a.must(a.s.Hide(ctx, by("m1"), drill, "unsafe", ""))
	a.must(a.s.Show(ctx, by("m1"), drill))
	b.must(b.s.Restore(ctx, by("m3"), cat))
	meet(a, b, c)
	return []*hub{a, b, c}
}

// meet lets every hub have what the others have.
func meet(hubs ...*hub) {
	for _, h := range hubs {
		for _, other := range hubs {
			if h != other {
				h.sync(other)
			}
		}
	}
}

// settledAll waits until a hub owes no answer.
func settledAll(t testing.TB, h *hub) {
	hubtest.Until(t, "claims are answered", func() bool {
		left := 0
		h.view(func(v record.View) {
			for range v.Table(service, "open").From(nil) {
				left++
			}
		})
		return left == 0
	})
	h.mark()
}

// TestOrderIsIndifferent gives the records of three hubs to newcomers in random pieces and random order, with bodies coming at any
// time, and expects equal tables.
func TestOrderIsIndifferent(t *testing.T) {
	hubs := town(t)
	want := ""
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 0))
		h := newHub(t, Options{})
		next := make([]int, len(hubs))
		for left := true; left; {
			left = false
			for _, i := range random.Perm(len(hubs)) {
				if next[i] < len(hubs[i].marks) {
					left = true
					next[i] += 1 + random.IntN(3)
					h.extend(hubs[i], hubs[i].marks[min(next[i], len(hubs[i].marks))-1])
				}
				for _, e := range h.wanted(hubs[i]) {
					if random.IntN(3) == 0 {
						h.fetch(hubs[i], e)
					}
				}
				if random.IntN(2) == 0 {
					break
				}
			}
		}
		for _, from := range hubs {
			h.sync(from)
		}
		if got := h.tables(); want == "" {
			want = got
		} else if got != want {
			t.Fatalf("seed %d: other tables\n%s", seed, difference(got, want))
		}
		if err := h.r.Rebuild(); err != nil {
			t.Fatal(err)
		}
		if got := h.tables(); got != want {
			t.Fatalf("seed %d: a rebuild gives other tables\n%s", seed, difference(got, want))
		}
	}
	if len(want) < 2000 {
		t.Fatalf("hardly anything happened: %s", want)
	}
}

func TestReplayEqualsLive(t *testing.T) {
	for i, h := range town(t) {
		live := h.tables()
		if err := h.r.Rebuild(); err != nil {
			t.Fatal(err)
		}
		if got := h.tables(); got != live {
			t.Errorf("hub %d: replay and live differ\n%s", i, difference(got, live))
		}
	}
}

func TestTwoClaimsAreSettledByTheAuthorsHub(t *testing.T) {
	hubs := town(t)
	a, b, c := hubs[0], hubs[1], hubs[2]
	var drill ID
	a.view(func(v record.View) {
		items, _, _ := a.s.List(v, Reader{}, Query{Hub: a.r.Self()})
		drill, _ = ParseID(items[0].ID)
	})
	for _, h := range []*hub{a, b, c} {
		d := h.detail(Reader{}, drill)
		states := map[ClaimState]int{}
		for _, c := range d.Claims {
			states[c.State]++
		}
		if len(d.Claims) != 2 || states[GivenBack] != 1 || states[Lost] != 1 || d.Taken {
			t.Errorf("claims %+v, taken %v", d.Claims, d.Taken)
		}
	}
	// Free again: the next claim wins at once, and only one of a pair can.
	a.must(a.s.Claim(context.Background(), by("m8"), drill))
	refused(t, a.s.Claim(context.Background(), by("m9"), drill), "notice.claim-taken")
	meet(a, b)
	if d := b.detail(Reader{Member: "m6"}, drill); !d.Taken {
		t.Error("the neighbour does not see that it is taken")
	}
}

func TestClaimRules(t *testing.T) {
	h, ctx := newHub(t, Options{}), context.Background()
	news := h.post("m2", draft(News, "news"))
	offer := h.post("m2", draft(Offer, "offer"))
	refused(t, h.s.Claim(ctx, by("m3"), news), "notice.claim-kind")
	refused(t, h.s.Claim(ctx, by("m2"), offer), "notice.claim-own")
	h.must(h.s.Claim(ctx, by("m3"), offer))
	claim, _ := ParseID(h.detail(Reader{}, offer).Claims[0].ID)
	refused(t, h.s.Release(ctx, by("m4"), offer, claim), "notice.not-yours")
	h.must(h.s.Release(ctx, by("m2"), offer, claim))
	h.must(h.s.Claim(ctx, by("m3"), offer))
	h.clock.pass(91 * day)
	refused(t, h.s.Claim(ctx, by("m4"), offer), "notice.claim-over")
}

// TestForgedEventsAreVoid writes events that no command would, as a hostile hub can.
func TestForgedEventsAreVoid(t *testing.T) {
	honest, forger := newHub(t, Options{}), newHub(t, Options{})
	id := honest.post("m2", draft(Offer, "mine"))
	forger.sync(honest)
	n := honest.detail(Reader{}, id)
	var leaf string
	honest.view(func(v record.View) { notice, _ := load(v, id); leaf = notice.Leaf })
	about := cite{honest.r.Self(), leaf}
	for _, e := range []record.Event{
		{Kind: withdrawn, By: "m2", Data: record.Data(ownData{leaf})},
		{Kind: done, By: "m2", Data: record.Data(ownData{leaf})},
		{Kind: extended, By: "m2", Data: record.Data(extendedData{leaf, "2026-03-02"})},
		{Kind: hidden, By: "m1", Data: record.Data(hiddenData{about, "spam"})},
		{Kind: settled, Data: record.Data(settledData{leaf, about, true})},
		{Kind: released, By: "m2", Data: record.Data(releasedData{about, about})},
		{Kind: shown, By: "m2", Data: record.Data(shownData{about, withdrawn})},
		{Kind: claimed, Data: record.Data(aboutData{about})},
		{Kind: commented, Data: record.Data(aboutData{cite{"nobody", leaf}})},
		{Kind: posted, By: "m2", Data: []byte(`{"kind":"offer","expires":"never"}`)},
		{Kind: posted, By: "m2", Data: []byte(`{"kind":"rant","expires":"2026-04-01"}`)},
		{Kind: posted, By: "m2", Data: []byte(`[]`)},
		{Kind: "notice.exploded", By: "m2"},
	} {
		_, err := forger.r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			d.Append(e)
			return d, nil
		}})
		forger.must(err)
	}
	before := honest.tables()
	honest.sync(forger)
	if got := honest.tables(); got != before {
		t.Errorf("tables changed\n%s", difference(got, before))
	}
	if got := honest.detail(Reader{}, id); fmt.Sprint(got) != fmt.Sprint(n) {
		t.Errorf("%+v, was %+v", got, n)
	}
}

func TestForeignNotices(t *testing.T) {
	a, b := newHub(t, Options{}), newHub(t, Options{})
	shut := draft(Offer, "for a alone")
	shut.Reach = body.Hub
	locked := a.post("m2", shut)
	open := a.post("m2", draft(Offer, "for all"))
	b.pull(a)
	if d := b.detail(Reader{Member: "m2"}, locked); d.State != WordsTheirs || d.Mine || d.May.Comment {
		t.Errorf("%+v", d)
	}
	if d := b.detail(Reader{}, open); d.State != WordsNotFetched || d.HubName == "" {
		t.Errorf("%+v", d)
	}
	_, err := b.s.Comment(context.Background(), by("m2"), locked, "hello")
	refused(t, err, "notice.theirs-alone")
	b.sync(a)
	same(t, b.titles(Reader{}, Query{}), "for all")
	same(t, b.titles(Reader{}, Query{Text: "ALL"}), "for all")
	same(t, b.titles(Reader{}, Query{Hub: a.r.Self()}), "for all", "")
	a.must(a.s.Withdraw(context.Background(), by("m2"), open))
	a.must(a.s.EraseAll(context.Background(), by("m2"), open))
	b.sync(a)
	same(t, b.titles(Reader{}, Query{Text: "all"}))
	if d := b.detail(Reader{}, open); d.State != WordsWithdrawn {
		t.Errorf("%+v", d)
	}
}
