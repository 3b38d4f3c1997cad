package pages

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"commonhub/hub/body"
	"commonhub/hub/mirror"
	"commonhub/hub/record"
)

// TestForkIsShown: anybody sees that a hub signed two records, can take both, and a steward can decide.
func TestForkIsShown(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	id := b.seen.list[3].ID
	evidence := body.Seal(record.Data(mirror.Fork{First: "first note", Second: "second note"}), body.Far)
	_, err := b.record.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Append(record.Event{Kind: "neighbour.forked", Data: record.Data(map[string]any{"id": id, "roots": []string{"aa", "bb"}})}, evidence)
		return d, nil
	}})
	b.must(err)
	guest := b.phone("en")
	if guest.open("/neighbours"); !strings.Contains(guest.page, "Mint Yard") {
		t.Error("the list hides a hub that signed two records")
	}
	if !strings.Contains(guest.page, "2 hops") {
		t.Error("the list does not say over how many hops a hub is read")
	}
	path := "/neighbours/" + id
	shown := guest.open(path).page
	for _, which := range []string{"first", "second"} {
		if !strings.Contains(shown, path+"/fork/"+which) {
			t.Errorf("no link to the %s note", which)
		}
		if guest.open(path + "/fork/" + which); guest.page != which+" note" {
			t.Errorf("the %s note is %q", which, guest.page)
		}
	}
	if ana.open(path); !strings.Contains(ana.page, path+"/accept") || !strings.Contains(ana.page, path+"/release") || !strings.Contains(ana.page, path+"/block") {
		t.Error("a steward cannot decide")
	}
	for _, none := range []string{path + "/fork/third", "/neighbours/aaaaaaaaaaaaaaaa/fork/first"} {
		if got := guest.open(none).status; got != http.StatusNotFound {
			t.Errorf("%s answers %d", none, got)
		}
	}
}
