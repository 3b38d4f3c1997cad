package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"commonhub/hub"
	"commonhub/hub/body"
	"commonhub/hub/record"
	"commonhub/hub/store"
	"commonhub/web"
)

// line is an event as somebody writes it who holds the hub's key, and asks no rule.
type line struct {
	kind, by, household, data string
	words                     string // of its body, "" for none
	reach                     body.Reach
	erase                     int // how many events back the body lies that it takes away
}

// settled are the people and the fund that every record of this test begins with: m1 of h1 is a steward, the pot p1 has 100 EUR.
func settled() []line {
	story := []line{}
	for n := 1; n <= 3; n++ {
		h, m := fmt.Sprint("h", n), fmt.Sprint("m", n)
		story = append(story, line{kind: "household.added", by: "console", household: h, data: `{"household":"` + h + `"}`},
			line{kind: "member.joined", by: m, household: h, data: `{"member":"` + m + `","household":"` + h + `"}`})
	}
	return append(story, line{kind: "steward.appointed", by: "console", household: "h1", data: `{"member":"m1"}`},
		line{kind: "ledger.opened", by: "m1", household: "h1", data: `{"account":"p1","unit":"EUR"}`, words: `{"text":"Pot"}`, reach: body.Far},
		line{kind: "ledger.contributed", by: "m1", household: "h3", data: `{"pot":"p1","amount":10000}`})
}

// lived is what happened then, in order, from event 9 on: an expense with its receipts, help, a closed period, and more help.
func lived() []line {
	return []line{
		0:        {kind: "ledger.asked", by: "m2", household: "h2", data: `{"pot":"p1","purpose":"s0","amount":2500}`, words: `{"text":"A drill"}`, reach: body.Far},
		original: {kind: "ledger.receipt", by: "m2", household: "h2", data: `{"expense":9,"w":4,"h":4,"original":true}`, words: "the whole picture", reach: body.Stewards},
		public:   {kind: "ledger.receipt", by: "m2", household: "h2", data: `{"expense":9,"w":4,"h":4,"of":10}`, words: "the picture for all", reach: body.Far},
		approved: {kind: "ledger.approved", by: "m3", household: "h3", data: `{"expense":9}`},
		paid:     {kind: "ledger.paid", by: "m1", household: "h1", data: `{"expense":9}`},
		helped:   {kind: "ledger.given", by: "m2", household: "h2", data: `{"from":"h2","to":"h3","unit":"hour","amount":30}`},
		closed:   {kind: "ledger.closed", by: "m1", household: "h1", data: `{"period":"spring"}`},
		after:    {kind: "ledger.given", by: "m3", household: "h3", data: `{"from":"h3","to":"h1","unit":"hour","amount":45}`},
	}
}

// Places in lived.
const (
	original = iota + 1
	public
	approved
	paid
	helped
	closed
	after
)

// with is a story with other data, author or household in one place: "" leaves what was.
func with(at int, by, household, data string) []line {
	story := lived()
	l := &story[at]
	for to, from := range map[*string]string{&l.by: by, &l.household: household, &l.data: data} {
		if from != "" {
			*to = from
		}
	}
	return story
}

func and(more ...line) []line { return append(lived(), more...) }

func without(at ...int) []line {
	var story []line
	for i, l := range lived() {
		keep := true
		for _, gone := range at {
			keep = keep && i != gone
		}
		if keep {
			story = append(story, l)
		}
	}
	return story
}

// fraud is a way to cheat, and the sentence by which an audit finds it.
type fraud struct {
	name  string
	story []line
	spoil func(t *testing.T, dir string) // what is done to the file behind the hub's back
	found string
}

// frauds are what we know how to try, by somebody who has the hub's key and its database.
func frauds() []fraud {
	given := func(by, household, data string) line {
		return line{kind: "ledger.given", by: by, household: household, data: data}
	}
	return []fraud{
		{"an amount is edited in the database", lived(), swap(`"unit":"hour","amount":45`, `"unit":"hour","amount":95`), "another root"},
		{"an amount is edited, and the record signed anew", with(after, "", "", `{"from":"h3","to":"h1","unit":"hour","amount":95}`), nil, "the past was rewritten"},
		{"an entry is put into a closed period", with(helped, "", "", `{"from":"h2","to":"h3","unit":"hour","amount":31}`), nil, "The closed period spring"},
		{"the last entry is taken away", without(after), nil, "some were taken away"},
		{"a receipt is removed", and(line{kind: "body.erased", by: "m1", erase: len(lived()) - public}), nil, "is not there any more"},
		{"a receipt shows something else", lived(), swap("the picture for all", "another picture!!!!"), "another picture than"},
		{"money is paid without a receipt", without(original, public), nil, "there is no receipt at all"},
		{"who asked approves", with(approved, "m2", "h2", ""), nil, "event 12 (ledger.approved)"},
		{"who asked approves in another's name", with(approved, "m2", "h3", ""), nil, "m2 acted for household h3"},
		{"a household goes below its floor", and(given("m2", "h2", `{"from":"h2","to":"h3","unit":"hour","amount":1171}`)), nil, "event 17 (ledger.given): H2"},
		{"a pot is overdrawn", with(0, "", "", `{"pot":"p1","purpose":"s0","amount":10001}`), nil, "event 13 (ledger.paid)"},
		{"credit is taken from another household", and(given("m2", "h3", `{"from":"h3","to":"h2","unit":"hour","amount":5}`)), nil, "m2 acted for household h3"},
		{"no steward raises a limit", and(line{kind: "ledger.limited", by: "m2", household: "h2", data: `{"account":"h2","unit":"hour","down":-1,"up":-1}`}), nil, "m2 held no keys"},
		{"no steward takes the money in", and(line{kind: "ledger.contributed", by: "m3", household: "h3", data: `{"pot":"p1","amount":5}`}), nil, "m3 held no keys"},
		{"a household that nobody knows is paid", and(given("m2", "h2", `{"from":"h2","to":"h9","unit":"hour","amount":5}`)), nil, "no household h9"},
		{"an expense is paid twice", and(line{kind: "ledger.paid", by: "m1", household: "h1", data: `{"expense":9}`}), nil, "event 17 (ledger.paid)"},
		{"a levy does not add up", and(line{kind: "ledger.levied", by: "m1", household: "h1", data: `{"month":"2026-03","unit":"hour","to":"n1","shares":{"h1":60,"h2":-60}}`}), nil, "event 17 (ledger.levied)"},
	}
}

func TestAuditFindsFrauds(t *testing.T) {
	base := t.TempDir()
	write(t, base, settled())
	visit := filepath.Join(t.TempDir(), "visit.json")
	clean := grown(t, base, lived())
	for range 2 { // the second compares with the first
		if status, said := audited(t, clean, visit); status != 0 || !strings.Contains(said, "2 compared") {
			t.Fatalf("the clean record ends with status %d:\n%s", status, said)
		}
	}
	write(t, clean, []line{{kind: "ledger.given", by: "m1", household: "h1", data: `{"from":"h1","to":"h2","unit":"hour","amount":5}`}})
	kept, err := os.ReadFile(visit)
	if err != nil {
		t.Fatal(err)
	}
	if status, said := audited(t, clean, visit); status != 0 {
		t.Errorf("the clean record, grown by an entry, ends with status %d:\n%s", status, said)
	}
	for _, f := range frauds() {
		dir := grown(t, base, f.story)
		if f.spoil != nil {
			f.spoil(t, dir)
		}
		if err := os.WriteFile(visit, kept, 0o600); err != nil {
			t.Fatal(err)
		}
		if status, said := audited(t, dir, visit); status != 1 || !strings.Contains(said, f.found) {
			t.Errorf("%s: status %d, %q is not in\n%s", f.name, status, f.found, said)
		}
		if now, err := os.ReadFile(visit); err != nil || !bytes.Equal(now, kept) {
			t.Errorf("%s: the file of the earlier visit was replaced (%v)", f.name, err)
		}
	}
}

// audited runs the command and gives its status and all that it said.
func audited(t *testing.T, dir, visit string) (status int, said string) {
	t.Helper()
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	status = (&terminal{strings.NewReader(""), &out, &out, words.Match("en")}).dispatch(t.Context(), []string{"audit", dir, "--visit", visit})
	return status, out.String()
}

// grown is a copy of a folder, with the same key, in which more has happened.
func grown(t *testing.T, base string, story []line) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
		t.Fatal(err)
	}
	write(t, dir, story)
	return dir
}

// write appends events as whoever holds the key can.
func write(t *testing.T, dir string, story []line) {
	t.Helper()
	h, err := hub.Open(hub.Options{Data: dir, Services: services, Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range story {
		_, err := h.Record().Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) { return l.decide(v) }})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

func (l line) decide(v record.View) (*record.Decision, error) {
	d := v.Decide()
	if l.erase > 0 {
		n, err := v.Entry(v.Self(), v.Size(v.Self())-uint64(l.erase))
		d.Erase(l.by, n.Leaf)
		return d, err
	}
	var words *body.Sealed
	if l.words != "" {
		words = body.Seal([]byte(l.words), l.reach)
	}
	d.Append(record.Event{Kind: l.kind, By: l.by, For: l.household, Data: []byte(l.data)}, words)
	return d, nil
}

// swap replaces bytes in every value of the database, as whoever gets at the file can.
func swap(from, to string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		db, err := bbolt.Open(filepath.Join(dir, store.FileName), 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		swapped := 0
		err = db.Update(func(tx *bbolt.Tx) error {
			return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return swapIn(b, []byte(from), []byte(to), &swapped) })
		})
		if err := errors.Join(err, db.Close()); err != nil || swapped == 0 {
			t.Fatalf("%d values were changed: %v", swapped, err)
		}
	}
}

func swapIn(b *bbolt.Bucket, from, to []byte, swapped *int) error {
	changed := map[string][]byte{}
	err := b.ForEach(func(k, v []byte) error {
		switch {
		case v == nil && b.Bucket(k) != nil:
			return swapIn(b.Bucket(k), from, to, swapped)
		case bytes.Contains(v, from):
			changed[string(k)] = bytes.ReplaceAll(v, from, to)
		}
		return nil
	})
	for k, v := range changed {
		*swapped++
		err = errors.Join(err, b.Put([]byte(k), v))
	}
	return err
}
