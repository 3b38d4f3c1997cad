package noticeboard

import (
	"context"
	"fmt"
	"testing"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// crowd is a hub with n notices, nine in ten of which have expired. Many go into one commit: this measures reading.
func crowd(b *testing.B, n int) *hub {
	b.Helper()
	h := newHub(b, Options{Daily: 1 << 30})
	const batch = 500
	for from := 0; from < n; from += batch {
		_, err := h.r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			for i := from; i < min(from+batch, n); i++ {
				kind, life := Kinds()[i%5], day/2
				if i%10 == 0 {
					life = 80 * day
				}
				data := postedData{Kind: kind, Lang: "en", Expires: stamp(v.Now().Add(life))}
				words := Words{Title: fmt.Sprintf("notice number%d", i), Text: fmt.Sprintf("words of every notice and rare%d", i%1000)}
				d.Append(record.Event{Kind: posted, By: "m2", For: "h2", Data: record.Data(data)}, body.Seal(bytesOf(words), body.Far))
			}
			return d, nil
		}})
		if err != nil {
			b.Fatal(err)
		}
		h.clock.pass(30 * day * batch / 100_000)
	}
	h.clock.pass(day)
	return h
}

// BenchmarkList reads a page of 50: the board, one kind, what is past, a common word, a rare one. Run with
//
//	go test ./services/noticeboard -run - -bench List
//
// The time of a page must not grow with the number of notices.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		h := crowd(b, n)
		for _, c := range []struct {
			name string
			q    Query
		}{{"board", Query{}}, {"kind", Query{Kind: Offer}}, {"past", Query{Past: true}}, {"common", Query{Text: "every"}}, {"rare", Query{Text: "rare7 words"}}} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				for b.Loop() {
					h.view(func(v record.View) { h.s.List(v, Reader{}, c.q) })
				}
			})
		}
	}
}
