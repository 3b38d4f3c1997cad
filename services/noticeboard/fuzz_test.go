package noticeboard

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// FuzzEvent writes whatever data and words a hostile hub can into a record that we apply: nothing may fail, then or when it
// is shown.
func FuzzEvent(f *testing.F) {
	f.Add(posted, `{"kind":"need","expires":"2026-04-01"}`, `{"title":"t","text":"x"}`)
	f.Add(posted, `{"kind":"event","expires":"9999-12-31T23:59:59Z","starts":"0001-01-01"}`, `[]`)
	f.Add(edited, `{"notice":"NOTICE"}`, `{"title":"\u0000\ud800"}`)
	f.Add(extended, `{"notice":"NOTICE","expires":"1900-01-01"}`, ``)
	f.Add(pictured, `{"notice":"NOTICE","w":1,"h":-1}`, "\xff\xd8\xff")
	f.Add(claimed, `{"about":{"origin":"ORIGIN","leaf":"NOTICE"}}`, ``)
	f.Add(settled, `{"notice":"NOTICE","claim":{"origin":"ORIGIN","leaf":"NOTICE"},"won":true}`, ``)
	f.Add(commented, `{"about":{"origin":"ORIGIN","leaf":"NOTICE"}}`, `{"by":"m2"}`)
	f.Add(hidden, `{"about":{"origin":"ORIGIN","leaf":"NOTICE"},"reason":"spam"}`, `why`)
	h := newHub(f, Options{})
	id := h.post("m2", draft(Offer, "an offer"))
	leaf := h.detail(Reader{}, id).Version
	fill := strings.NewReplacer("ORIGIN", string(h.r.Self()), "NOTICE", leaf)
	f.Fuzz(func(t *testing.T, kind, data, words string) {
		data = fill.Replace(data)
		if !json.Valid([]byte(data)) || len(data) > 4000 || len(words) > body.MaxSize || !strings.HasPrefix(kind, "notice.") || !utf8.ValidString(kind) || len(kind) > 40 {
			t.Skip("no entry could hold it")
		}
		_, err := h.r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			d.Append(record.Event{Kind: kind, By: "m2", For: "h2", Data: []byte(data)}, body.Seal([]byte(words), body.Far))
			return d, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		h.t = t
		h.view(func(v record.View) {
			h.s.List(v, Reader{Member: "m2", Steward: true}, Query{})
			h.s.Feed(v, func(p string) string { return p }, "")
			if _, err := h.s.Read(v, Reader{Member: "m2", Steward: true}, id); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func FuzzSearch(f *testing.F) {
	for _, s := range []string{"drill", "المثقاب", "מקדחה", "ｆｕｌｌ", "\x00", "ــــ", "ﷺ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range wordsOf(text) {
			if strings.ContainsAny(w, "\x00 ") || utf8.RuneCountInString(w) > maxWordRunes || w == "" {
				t.Fatalf("the index cannot hold %q", w)
			}
		}
		// What was written is found by what was written.
		have := wordsOf(text)
		if len(have) == maxWords {
			return
		}
		for _, w := range queryOf(text) {
			found := false
			for _, h := range have {
				found = found || matches(h, w)
			}
			if !found && utf8.RuneCountInString(text) < 100 {
				t.Fatalf("%q is not found in %q", w, text)
			}
		}
	})
}

func FuzzID(f *testing.F) {
	f.Add("abcdefghijklmnopqrstuvwxyz234567")
	f.Add("abcdefghijklmnop\nrstuvwxyz234567")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err == nil && id.String() != s {
			t.Fatalf("%q reads as %q", s, id)
		}
		if err == nil && id.Origin().ID() == "" {
			t.Fatalf("%q names no hub", s)
		}
	})
}
