package mirror

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"commonhub/hub/body"
)

// befriend has two boxes accept each other.
func befriend(one, two *box) {
	one.accept(two)
	two.accept(one)
}

// counting counts requests to a box whose paths have a word.
func (b *box) counting(word string) *atomic.Int64 {
	n := &atomic.Int64{}
	count := spoiler(func(w http.ResponseWriter, req *http.Request, next http.Handler) {
		if strings.Contains(req.URL.Path, word) {
			n.Add(1)
		}
		next.ServeHTTP(w, req)
	})
	b.spoil.Store(&count)
	return n
}

// TestGrowthTravelsByItself: in a row where each knows but its next ones, words of the first come to the last long before anybody polls, and
// so does their end. Nobody asks more often than there is something new.
func TestGrowthTravelsByItself(t *testing.T) {
	a, b, c, d := newBox(t, "A"), newBox(t, "B"), newBox(t, "C"), newBox(t, "D")
	befriend(b, c)
	befriend(c, d)
	befriend(a, b) // last: until now nobody had anything of A
	a.post(1, body.Far)
	b.mir.Hint(a.id(), a.url, a.rec.Size())
	eventually(t, "the words of A at D", func() bool { return d.bodies(a)[body.Here] == 1 })
	if n := d.of(a); n.Via != c.id() || n.Hops != 3 {
		t.Errorf("D lists A as %+v", n)
	}
	offers, asked := d.counting(offerPath), c.counting("/mirror/"+a.rec.Self().Hex()+"/checkpoint")
	for n := range 5 {
		a.post(1, body.Far)
		b.mir.Hint(a.id(), a.url, a.rec.Size())
		eventually(t, "one more at D", func() bool { return d.bodies(a)[body.Here] == n+2 })
	}
	if n := offers.Load(); n > 10 {
		t.Errorf("D got %d offers for five notices", n)
	}
	if n := asked.Load(); n > 7 {
		t.Errorf("C was asked %d times for A's checkpoint", n)
	}
}

// TestOffersDieOutInCircles: where everybody knows everybody, one notice of somebody whom only one of them reads makes a few offers, and then
// there is silence.
func TestOffersDieOutInCircles(t *testing.T) {
	a, b, c, d := newBox(t, "A"), newBox(t, "B"), newBox(t, "C"), newBox(t, "D")
	befriend(b, c)
	befriend(c, d)
	befriend(d, b)
	a.post(1, body.Far)
	b.accept(a)
	for _, other := range []*box{c, d} {
		eventually(t, "A is read", func() bool { return other.bodies(a)[body.Here] == 1 })
	}
	var offers []*atomic.Int64
	for _, other := range []*box{a, b, c, d} {
		offers = append(offers, other.counting(offerPath))
	}
	a.post(1, body.Far)
	b.mir.Hint(a.id(), a.url, a.rec.Size())
	for _, other := range []*box{c, d} {
		eventually(t, "A is read", func() bool { return other.bodies(a)[body.Here] == 2 })
	}
	b.post(1, body.Far) // what is read after this came after all that the first one set off
	for _, other := range []*box{c, d} {
		other.mir.Hint(b.id(), b.url, b.rec.Size())
		eventually(t, "B is read", func() bool { return other.bodies(b)[body.Here] == 1 })
	}
	total := int64(0)
	for _, n := range offers {
		total += n.Load()
	}
	if total > 14 {
		t.Errorf("two notices in a circle of three made %d offers", total)
	}
}

// TestOffersOfStrangers: an offer counts from a hub that we accepted, under its key, and nobody else makes us ask.
func TestOffersOfStrangers(t *testing.T) {
	a, b, stranger := newBox(t, "A"), newBox(t, "B"), newBox(t, "stranger")
	b.accept(a)
	text := []byte(`[{"id":"aaaaaaaaaaaaaaaa","size":9}]`)
	offer := func(from *box, key ed25519.PrivateKey, text string) int {
		req, err := http.NewRequest(http.MethodPost, b.url+offerPath, strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(hubHeader, from.id())
		req.Header.Set(signatureHeader, base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, offerText([]byte(text)))))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	for name, try := range map[string]struct {
		status int
		got    int
	}{
		"of a neighbour":         {http.StatusNoContent, offer(a, a.rec.Key(), string(text))},
		"of a stranger":          {http.StatusNotFound, offer(stranger, stranger.rec.Key(), string(text))},
		"in a neighbour's name":  {http.StatusForbidden, offer(a, stranger.rec.Key(), string(text))},
		"that is none":           {http.StatusBadRequest, offer(a, a.rec.Key(), "{")},
		"longer than any may be": {http.StatusForbidden, offer(a, a.rec.Key(), strings.Repeat(" ", offerBytes+1))},
	} {
		if try.got != try.status {
			t.Errorf("an offer %s: %d, want %d", name, try.got, try.status)
		}
	}
}
