package pages

import (
	"context"
	"strings"
	"testing"

	"commonhub/hub/record"
)

// A steward says which lost hub this one carries on from; people see what a neighbour says of itself, and who vouches for it.
func TestHeirs(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	ana.open("/neighbours").send("/neighbours/succeed", "old", "nobody").says("mirror.no-id")
	if !strings.Contains(ana.page, `value="nobody"`) {
		t.Error("what was typed is gone")
	}
	ana.open("/neighbours").send("/neighbours/succeed", "old", " Cccccccccccccccc ").at("/neighbours").says("pages.succeeded")
	heir := b.heir()
	guest := b.phone("ar").open(heir).says("pages.carries-on").says("pages.vouched-by-none")
	guest.open("/neighbours/aaaaaaaaaaaaaaaa").says("pages.carried-on-by")
	if strings.Contains(guest.page, "/vouch") {
		t.Error("a guest can vouch")
	}
	ana.open(heir).send(heir + "/vouch").says("pages.vouched")
	want := "m1 carries on from cccccccccccccccc, m1 vouches for " + strings.TrimPrefix(heir, "/neighbours/")
	if got := strings.Join(b.seen.decided, ", "); got != want {
		t.Errorf("decided %s", got)
	}
}

// heir lets another block say in its record that it carries on from Olive Court, reads that, and gives the path of its hub.
func (b *block) heir() string {
	other := open(b.t)
	_, err := other.record.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Append(record.Event{Kind: "neighbour.succeeds", Data: record.Data(map[string]string{"old": "aaaaaaaaaaaaaaaa"})})
		return d, nil
	}})
	b.must(err)
	path := b.mirror(other)
	n := b.seen.list[1]
	n.ID = strings.TrimPrefix(path, "/neighbours/")
	b.seen.list = append(b.seen.list, n)
	return path
}
