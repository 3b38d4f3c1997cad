package pages

import (
	"strings"
	"testing"
	"time"

	"commonhub/hub/mirror"
)

// TestOwnTroubleIsShown: anybody sees on /neighbours that this hub's record was mended, or that another machine runs with its key.
func TestOwnTroubleIsShown(t *testing.T) {
	b := open(t)
	b.claimed()
	guest := b.phone("en")
	if guest.open("/neighbours"); strings.Contains(guest.page, "mended") || strings.Contains(guest.page, "Another machine") {
		t.Error("trouble is shown where there is none")
	}
	b.seen.self = mirror.Self{Problem: "mirror.twin", Mended: &mirror.Mending{Mended: mirror.Mended{Again: 3}, Event: 7, At: time.Now()}}
	guest.open("/neighbours")
	for _, words := range []string{"Another machine is running with this hub", "3 events that only it had were added again", `href="/events/7"`} {
		if !strings.Contains(guest.page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
}
