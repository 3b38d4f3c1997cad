package callout

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// story is a call-out of a, with an update, its end, and an answer from c; b accepts a.
func story(t *testing.T) (a, b, c *hub, id ID) {
	t.Helper()
	a, b, c = newHub(t), newHub(t), newHub(t)
	b.accept(a)
	c.accept(a)
	id = a.raise("m2", draft("fire"))
	a.clock.pass(time.Minute)
	more := draft("fire, second floor")
	more.Severity = "extreme"
	a.must(a.s.Update(context.Background(), by("m2"), id, more))
	for _, h := range []*hub{b, c} {
		h.clock.pass(2 * time.Minute)
	}
	for _, m := range a.messages() {
		c.s.Heard(m)
	}
	c.must(c.s.Coming(context.Background(), by("m3"), id))
	a.clock.pass(time.Minute)
	a.must(a.s.Resolve(context.Background(), by("m2"), id))
	return a, b, c, id
}

func TestMessageComesBeforeItsEntry(t *testing.T) {
	a, b, _, id := story(t)
	messages := a.messages()
	b.s.Heard(messages[0])
	b.want("after the first message", "fire/severe 0+0")
	if i := b.list(Reader{})[0]; i.ID != id || i.Recorded || i.Words != WordsHere || i.HubName == "" {
		t.Errorf("before its entry it is %+v", i)
	}
	b.s.Heard(messages[1])
	b.want("after the second", "fire, second floor/extreme 0+0")
	if got := b.messages(); len(got) != 2 || !bytes.Equal(got[0], messages[0]) {
		t.Errorf("b told on %d messages, want both as they came", len(got))
	}
	b.entries(a, 0)
	b.want("entries without words", "fire, second floor/extremeresolved 0+0")
	if i := b.list(Reader{})[0]; !i.Recorded || i.Words != WordsHere {
		t.Errorf("with its entry it is %+v", i)
	}
	b.s.Heard(messages[2])
	if len(b.messages()) != 2 {
		t.Error("b tells on what the record had told it")
	}
}

// Whatever comes first, twice, or late: all hubs show the same in the end.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	a, _, c, _ := story(t)
	steps := map[string]func(b *hub){
		"entries of a": func(b *hub) { b.entries(a, 0); b.bodies(a) },
		"entries of c": func(b *hub) { b.entries(c, 0) },
	}
	names := []string{"entries of a", "entries of c"}
	for i, m := range a.messages() {
		name := fmt.Sprint("message ", i)
		steps[name] = func(b *hub) { b.s.Heard(m); b.s.Heard(m) }
		names = append(names, name)
	}
	const want = "fire, second floor/extremeresolved 1+1"
	tables := ""
	permute(names, 0, func(order []string) {
		b := newHub(t)
		b.accept(a)
		b.clock.pass(3 * time.Minute)
		for _, name := range order {
			steps[name](b)
		}
		b.want(strings.Join(order, ", "), want)
		if items := b.list(Reader{}); len(items) != 1 || !items[0].Recorded {
			t.Errorf("%v: %+v", order, items)
		}
		if got := b.tables(); tables == "" {
			tables = got
		} else if got != tables {
			t.Errorf("%v gives other tables:\n%s\nthan\n%s", order, got, tables)
		}
	})
}

func permute(list []string, from int, fn func([]string)) {
	if from == len(list) {
		fn(list)
		return
	}
	for i := from; i < len(list); i++ {
		list[from], list[i] = list[i], list[from]
		permute(list, from+1, fn)
		list[from], list[i] = list[i], list[from]
	}
}

// An update may prolong a call-out whose first end has passed, also where only its message came.
func TestProlonged(t *testing.T) {
	a, b := newHub(t), newHub(t)
	b.accept(a)
	d := draft("water")
	d.Life = 30 * time.Minute
	id := a.raise("m2", d)
	b.entries(a, 0)
	b.bodies(a)
	for _, h := range []*hub{a, b} {
		h.clock.pass(20 * time.Minute)
	}
	d.Text, d.Life = "more water", 20*time.Hour
	a.must(a.s.Update(context.Background(), by("m2"), id, d))
	a.clock.pass(40 * time.Minute)
	a.want("prolonged", "more water/severe 0+0")
	b.clock.pass(40 * time.Minute)
	b.want("not yet heard of", "water/severeexpired 0+0")
	b.s.Heard(a.messages()[1])
	b.want("heard late", "more water/severe 0+0")
	b.entries(a, 0)
	b.clock.pass(18 * time.Hour)
	b.want("and read", "more water/severe 0+0")
}

// An end that comes before its beginning waits for it.
func TestEndBeforeBeginning(t *testing.T) {
	a, b, _, _ := story(t)
	messages := a.messages()
	b.s.Heard(messages[2])
	b.want("the end alone", "")
	b.s.Heard(messages[0])
	b.want("and the beginning", "fire/severeresolved 0+0")
}

func TestForgeriesAreDropped(t *testing.T) {
	a, b, _, _ := story(t)
	good := a.messages()[0]
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		b.s.Heard(bad)
	}
	for n := range good {
		b.s.Heard(good[:n])
	}
	b.s.Heard(append(bytes.Clone(good), make([]byte, messageSize)...))
	m, _ := parse(good)
	sum := sha256.Sum256([]byte("another key"))
	b.s.Heard(sign(ed25519.NewKeyFromSeed(sum[:]), m.Entry, m.salt, m.text)) // a's name, another's key
	stranger := newHub(t)
	stranger.raise("m2", draft("a stranger calls"))
	b.s.Heard(stranger.messages()[0])
	bare := bytes.Clone(good)
	copy(bare[signatureAt:], ed25519.Sign(a.r.Key(), append(bytes.Clone(bare[:signatureAt]), bare[payloadAt:]...)))
	b.s.Heard(bare) // signed without our domain
	b.want("after many forgeries", "")
	if len(b.messages()) > 0 {
		t.Errorf("b told on %d of them", len(b.messages()))
	}
	a.s.Heard(good)
	if len(a.s.relay.held) > 0 {
		t.Error("a believes a message about itself")
	}
	b.s.Heard(good)
	b.want("the real one", "fire/severe 0+0")
}

func TestReplaysAndWrongClocksAreDropped(t *testing.T) {
	a, b, _, _ := story(t)
	good := a.messages()[0]
	b.clock.pass(-ahead - 10*time.Minute)
	b.s.Heard(good)
	b.want("more than a day before it was sent", "")
	b.clock.pass(ahead + 10*time.Minute + usual)
	b.s.Heard(good)
	b.want("after its expiry", "")
	b.clock.pass(longest)
	for _, m := range a.messages() {
		b.s.Heard(m)
	}
	b.want("the next day", "")
	if len(b.messages()) > 0 || len(b.s.relay.held) > 0 {
		t.Error("b keeps or tells on what is over")
	}
}

// A hub that does not hold its own members to the limits is held to them by others, before and after its entries come.
func TestMessagesAreLimited(t *testing.T) {
	a, b := newHub(t), newHub(t)
	b.accept(a)
	for n := range 3 * hubDaily {
		d := raisedData{"immediate", "severe", stamp(start().Add(time.Hour)), "", false}
		e := record.Entry{Ref: record.Ref{Origin: a.r.Self()}, Event: record.Event{
			V: 1, Kind: raised, At: start().Add(time.Duration(n) * time.Millisecond), By: fmt.Sprint("m", n), Data: record.Data(d), Reach: body.Neighbours,
		}}
		b.s.Heard(sign(a.r.Key(), e, [body.SaltSize]byte{}, "noise"))
	}
	if n := len(b.list(Reader{})); n != hubDaily {
		t.Errorf("b shows %d call-outs of a shouting hub, want %d", n, hubDaily)
	}
	for n := range 2 * relayHub {
		e := record.Entry{Ref: record.Ref{Origin: a.r.Self()}, Event: record.Event{
			V: 1, Kind: cancelled, At: start().Add(time.Duration(n) * time.Millisecond), By: "m2", Data: record.Data(overData{record.Hex(record.Hash{byte(n)})}),
		}}
		b.s.Heard(sign(a.r.Key(), e, [body.SaltSize]byte{}, ""))
	}
	if n := len(b.s.relay.held); n != relayHub {
		t.Errorf("b keeps %d messages of one hub, want %d", n, relayHub)
	}
}

func TestBlockedHubsAreNotHeard(t *testing.T) {
	a, b, _, _ := story(t)
	b.must(b.s.Block(context.Background(), by("m1"), a.r.Self().ID(), ""))
	b.s.Heard(a.messages()[0])
	b.entries(a, 0)
	b.want("blocked", "")
	if len(b.messages()) > 0 {
		t.Error("b tells on what it does not want to hear")
	}
	b.must(b.s.Unblock(context.Background(), by("m1"), a.r.Self().ID(), ""))
	b.bodies(a)
	b.want("heard again", "fire, second floor/extremeresolved 0+0")
}

// What was erased is not shown from the message that brought it.
func TestErasedWordsAreGone(t *testing.T) {
	a, b, _, id := story(t)
	b.s.Heard(a.messages()[0])
	b.s.Heard(a.messages()[1])
	a.view(func(v record.View) {
		c, _ := load(v, id)
		for _, told := range c.Told {
			a.must(func() error {
				_, err := a.r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
					d := v.Decide()
					d.Erase("m2", leafOf(told.Leaf))
					return d, nil
				}})
				return err
			}())
		}
	})
	b.entries(a, 0)
	if i := b.list(Reader{})[0]; i.Words != WordsErased || i.Text != "" {
		t.Errorf("erased words are %s: %q", i.Words, i.Text)
	}
}

func TestAfterAStartWhatIsLiveIsToldAgain(t *testing.T) {
	a := newHub(t)
	id := a.raise("m2", draft("fire"))
	a.must(a.s.Update(context.Background(), by("m2"), id, draft("fire above")))
	over := a.raise("m3", draft("mistake"))
	a.must(a.s.Cancel(context.Background(), by("m3"), over))
	before := len(a.messages())
	a.must(a.s.Again())
	again := a.messages()[before:]
	if len(again) != 2 || !bytes.Equal(again[0], a.messages()[0]) || !bytes.Equal(again[1], a.messages()[1]) {
		t.Errorf("%d messages are told again, want the two of %s", len(again), id)
	}
}

// The dearest message fits a packet, and has the leaf of its entry.
func TestLargestMessage(t *testing.T) {
	a := newHub(t)
	d := draft(strings.Repeat("ن", maxText/2))
	d.Lang, d.Exercise, d.Reach = "zh-Hant-TW", true, body.Far
	id := a.raise("m1", d)
	a.must(a.s.Update(context.Background(), by("m1"), id, d))
	for i, raw := range a.messages() {
		m, ok := parse(raw)
		if !ok || !m.verify(a.r.Key().Public().(ed25519.PublicKey)) || len(raw) > messageSize-2*maxHandle {
			t.Fatalf("message %d of %d bytes: %v", i, len(raw), ok)
		}
		a.view(func(v record.View) {
			e, err := v.Entry(a.r.Self(), uint64(i))
			if err != nil || e.Leaf != m.Leaf {
				t.Errorf("message %d has leaf %s, its entry %s (%v)", i, record.Hex(m.Leaf), record.Hex(e.Leaf), err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	a := newHub(f)
	id := a.raise("m2", draft("fire"))
	a.must(a.s.Update(context.Background(), by("m2"), id, draft("more")))
	a.must(a.s.Resolve(context.Background(), by("m2"), id))
	for _, m := range a.messages() {
		f.Add(m)
	}
	key := a.r.Key()
	f.Fuzz(func(t *testing.T, b []byte) {
		m, ok := parse(b)
		if !ok {
			return
		}
		again := sign(key, m.Entry, m.salt, m.text)
		if !bytes.Equal(signedPart(again), signedPart(b)) {
			t.Fatalf("%x was read as %x", b, again)
		}
		begin(m.Entry)
	})
}
