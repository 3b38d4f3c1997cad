package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// vocabulary is what seeded notices are about. Words repeat as they do on a real board, which is what the index of words must bear.
var vocabulary = strings.Fields(`drill ladder cot bicycle tomatoes seedlings soup piano lessons garden stairs lamp paint wood chairs table
	evening sunday courtyard kitchen repair lend borrow found lost keys scarf cat dog walk child school books music choir meeting water
	power heating washing machine bread flour oven grill umbrella parcel neighbour fourth floor roof cellar bench meadow market`)

// postedData is the data of notice.posted, as package noticeboard documents it.
type postedData struct {
	Kind    string `json:"kind"`
	Lang    string `json:"lang"`
	Expires string `json:"expires"`
}

// lives are the kinds of notice and how long one usually stays, in days.
var lives = []struct {
	kind string
	days int
}{{"offer", 90}, {"need", 14}, {"event", 30}, {"news", 30}, {"lostfound", 30}}

// notice appends notice n and names it.
func notice(d *record.Decision, n int, now time.Time) (leaf record.Hash, by string) {
	life := lives[n%len(lives)]
	data := postedData{life.kind, "en", now.AddDate(0, 0, life.days).Format(time.RFC3339)}
	by = fmt.Sprint("m", 1+n%households)
	e := record.Event{Kind: "notice.posted", By: by, For: "h" + by[1:], Data: record.Data(data)}
	return d.Append(e, body.Seal(encoded(map[string]string{"title": some(3), "text": some(12)}), body.Far)), by
}

// comment appends a comment on a notice. Who says it stands in its words alone.
func comment(d *record.Decision, o record.Origin, leaf record.Hash, n int) {
	by := fmt.Sprint(1 + n%households)
	cited := map[string]any{"about": map[string]string{"origin": string(o), "leaf": record.Hex(leaf)}}
	said := encoded(map[string]string{"by": "m" + by, "for": "h" + by, "text": some(8)})
	d.Append(record.Event{Kind: "notice.commented", Data: record.Data(cited)}, body.Seal(said, body.Far))
}

// some gives n words.
func some(n int) string {
	chosen := make([]string, n)
	for i := range chosen {
		chosen[i] = vocabulary[rand.IntN(len(vocabulary))]
	}
	return strings.Join(chosen, " ")
}

// encoded spells a body; strings always can be.
func encoded(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}
