package pages

import (
	"strings"
	"testing"

	"commonhub/hub/mirror"
	"commonhub/web"
)

// TestWitnessesInWords: every standing of a receipt has words of its own.
func TestWitnessesInWords(t *testing.T) {
	words, err := web.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	f := &web.Frame{Lang: words.Match("en")}
	for want, c := range map[string]struct {
		mirror.Witnesses
		theirs bool
	}{
		"seen and signed by 3 neighbouring hubs": {mirror.Witnesses{Standing: mirror.Final, Cosignatures: 3, Upto: 9}, false},
		"seen and signed by this hub":            {mirror.Witnesses{Standing: mirror.Final, Cosignatures: 1, Upto: 9}, true},
		"pending: no neighbouring hub":           {mirror.Witnesses{Standing: mirror.Pending}, false},
		"/events/8":                              {mirror.Witnesses{Standing: mirror.Pending, Cosignatures: 1, Upto: 9}, false},
		"kept here only":                         {mirror.Witnesses{Standing: mirror.Here}, false},
	} {
		var page strings.Builder
		if err := witnesses(f, c.Witnesses, c.theirs).Render(t.Context(), &page); err != nil || !strings.Contains(page.String(), want) {
			t.Errorf("%+v reads %q (%v), want %q in it", c, page.String(), err, want)
		}
	}
}
