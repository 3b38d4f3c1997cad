package callout

import (
	"context"
	"strings"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

func TestWhatMayBeRaised(t *testing.T) {
	h := newHub(t)
	for key, change := range map[string]func(d *Draft){
		"callout.text-missing":      func(d *Draft) { d.Text = " \n " },
		"callout.text-long":         func(d *Draft) { d.Text = strings.Repeat("x", maxText+1) },
		"callout.text-broken":       func(d *Draft) { d.Text = "x\xff" },
		"callout.urgency-unknown":   func(d *Draft) { d.Urgency = "some day" },
		"callout.severity-unknown":  func(d *Draft) { d.Severity = "" },
		"callout.life-wrong":        func(d *Draft) { d.Life = longest + time.Minute },
		"callout.reach-unknown":     func(d *Draft) { d.Reach = body.Hub },
		"callout.not-sure":          func(d *Draft) { d.Sure = false },
		"callout.exercise-stewards": func(d *Draft) { d.Exercise = true },
	} {
		d := draft("fire")
		change(&d)
		_, err := h.s.Raise(context.Background(), by("m2"), d)
		refused(t, err, key)
	}
	_, err := h.s.Raise(context.Background(), by(""), draft("fire"))
	refused(t, err, "portal.sign-in-first")
	if n := h.r.Size(); n != 0 || len(h.messages()) != 0 {
		t.Errorf("%d events and %d messages came of what was refused", n, len(h.messages()))
	}
}

func TestLimitsOfMembersAndHub(t *testing.T) {
	h := newHub(t)
	try := func(member, want string, exercise bool) {
		t.Helper()
		h.clock.pass(time.Minute)
		d := draft("fire")
		d.Exercise = exercise
		_, err := h.s.Raise(context.Background(), by(member), d)
		if want == "" {
			h.must(err)
		} else {
			refused(t, err, want)
		}
	}
	for _, member := range []string{"m2", "m3", "m4"} {
		try(member, "", false)
		try(member, "", false)
		try(member, "callout.many-member", false)
	}
	try("m5", "callout.many-hub", false)
	try("m1", "", true)
	try("m1", "", true)
	try("m1", "callout.many-exercises", true)
	h.clock.pass(24 * time.Hour)
	try("m5", "", false)
	try("m1", "", true)
}

func TestLife(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	id := h.raise("m2", draft("fire"))
	h.want("raised", "fire/severe 0+0")
	refused(t, h.s.Update(ctx, by("m3"), id, draft("none of mine")), "callout.not-yours")
	more := draft("fire, second floor")
	more.Severity = "extreme"
	h.must(h.s.Update(ctx, by("m2"), id, more))
	h.must(h.s.Update(ctx, by("m1"), id, draft("a steward says: use the back door")))
	h.must(h.s.Seen(ctx, by("m3"), id))
	h.must(h.s.Seen(ctx, by("m3"), id))
	h.must(h.s.Coming(ctx, by("m3"), id))
	h.must(h.s.Coming(ctx, by("m4"), id))
	h.want("updated and answered", "a steward says: use the back door/severe 2+2")
	if n := h.r.Size(); n != 6 {
		t.Errorf("%d events, want 6: saying it twice is saying it once", n)
	}
	h.view(func(v record.View) {
		p, err := h.s.read(v, Reader{}, id)
		if err != nil || len(p.Told) != 2 || p.Told[0].Text != "fire, second floor" || p.Told[1].Text != "fire" || !p.Recorded {
			t.Errorf("what was said before is %+v, %v", p.Told, err)
		}
	})
	h.must(h.s.Resolve(ctx, by("m2"), id))
	h.want("resolved", "a steward says: use the back door/severeresolved 2+2")
	for _, err := range []error{h.s.Cancel(ctx, by("m2"), id), h.s.Coming(ctx, by("m5"), id), h.s.Update(ctx, by("m2"), id, draft("again"))} {
		refused(t, err, "callout.is-over")
	}
	h.clock.pass(visible - time.Minute)
	h.want("almost a day later", "a steward says: use the back door/severeresolved 2+2")
	h.clock.pass(2 * time.Minute)
	h.want("a day later", "")
}

func TestExpiryByItself(t *testing.T) {
	h := newHub(t)
	d := draft("water")
	d.Life = 30 * time.Minute
	id := h.raise("m2", d)
	h.clock.pass(31 * time.Minute)
	h.want("half an hour later", "water/severeexpired 0+0")
	refused(t, h.s.Update(context.Background(), by("m2"), id, draft("still")), "callout.is-over")
	h.must(h.s.Resolve(context.Background(), by("m2"), id))
	h.want("resolved late", "water/severeresolved 0+0")
}

func TestStewardsBlock(t *testing.T) {
	h := newHub(t)
	ctx := context.Background()
	id := h.raise("m2", draft("nonsense"))
	self := h.r.Self().ID()
	refused(t, h.s.Block(ctx, by("m3"), self, "m2"), "callout.stewards-only")
	refused(t, h.s.Block(ctx, by("m1"), self, ""), "callout.block-ourselves")
	h.must(h.s.Block(ctx, by("m1"), self, "m2"))
	h.want("blocked", "")
	if items := h.list(Reader{"m1", true}); len(items) != 1 || !items[0].Blocked {
		t.Errorf("stewards see %+v", items)
	}
	_, err := h.s.Raise(ctx, by("m2"), draft("more"))
	refused(t, err, "callout.member-blocked")
	h.must(h.s.Unblock(ctx, by("m1"), self, "m2"))
	h.want("heard again", "nonsense/severe 0+0")
	h.must(h.s.Cancel(ctx, by("m1"), id))
	h.want("cancelled by a steward", "nonsense/severecancelled 0+0")
}

// What breaks a rule stays in the record and is void, at whatever hub.
func TestVoidEvents(t *testing.T) {
	h := newHub(t)
	good := raisedData{"immediate", "severe", stamp(start().Add(time.Hour)), "en", false}
	far, past, odd := good, good, good
	far.Expires, past.Expires, odd.Severity = stamp(start().Add(longest+time.Hour)), stamp(start().Add(-time.Hour)), "apocalyptic"
	noWords := event(raised, "m2", good)
	noWords.Reach = body.Stewards
	later := event(raised, "m2", good)
	later.V = 2
	h.write(event(raised, "m2", far), event(raised, "m2", past), event(raised, "m2", odd), event(raised, "", good), event(raised, "M 2", good), noWords, later,
		event(raised, "m2", "words"), event(seen, "m2", aboutData{}), event(coming, "", aboutData{cite{h.r.Self(), record.Hex(record.Hash{})}}),
		event(blocked, "m1", blockedData{"nobody", ""}), event(updated, "m2", updatedData{Callout: record.Hex(record.Hash{})}))
	h.want("nothing but void events", "")
	for range memberDaily + 1 {
		h.write(event(raised, "m2", good))
	}
	if n := len(h.list(Reader{})); n != memberDaily {
		t.Errorf("%d call-outs of one member count, want %d", n, memberDaily)
	}
	for _, member := range []string{"m3", "m4", "m5"} {
		h.write(event(raised, member, good), event(raised, member, good))
	}
	if n := len(h.list(Reader{})); n != hubDaily {
		t.Errorf("%d call-outs of one hub count, want %d", n, hubDaily)
	}
	c := h.list(Reader{})[0]
	id := c.ID
	var leaf string
	h.view(func(v record.View) { c, _ := load(v, id); leaf = c.Leaf })
	up := updatedData{leaf, "immediate", "extreme", good.Expires, ""}
	farReach := event(updated, "m2", up)
	farReach.Reach = body.Far
	h.write(farReach, event(cancelled, "", overData{leaf}))
	for range maxTold + 2 {
		h.write(event(updated, "m2", up))
	}
	h.view(func(v record.View) {
		if c, _ := load(v, id); len(c.Told) != maxTold || c.Over != "" {
			t.Errorf("told %d times, over: %q", len(c.Told), c.Over)
		}
	})
	h.write(event(resolved, "m2", overData{leaf}), event(cancelled, "m2", overData{leaf}))
	h.view(func(v record.View) {
		if c, _ := load(v, id); c.Over != isResolved {
			t.Errorf("what is over became %q", c.Over)
		}
	})
}
