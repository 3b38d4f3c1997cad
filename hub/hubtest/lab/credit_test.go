package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"commonhub/hub/hubtest"
)

// ledgerCut is how long the two blocks below do not hear of each other.
const ledgerCut = 20 * time.Second

// account is what a block's page says of its credit with another block.
type account struct {
	Lines []struct {
		Unit                      string
		Most, Reach, Balance, Way int64
		Raise                     *struct{ Most int64 }
		There                     struct{ Balance int64 }
	}
	Statement []struct {
		Payment struct{ Origin, Leaf string }
		Amount  int64
		There   bool
	}
	Way, Back []struct{ Why string }
}

// account reads the page of the block at i about the other one, as anybody may.
func (b *blocks) account(i int) (a account) {
	b.t.Helper()
	if err := json.Unmarshal(b.hubs[i].JSON("/ledger/lines/"+b.id[1-i]), &a); err != nil {
		b.t.Fatal(err)
	}
	return a
}

// said spells the lines of a statement in an order of their own; the other block's have the opposite sign.
func (a account) said(sign int64) string {
	var all []string
	for _, line := range a.Statement {
		all = append(all, fmt.Sprintf("%s %s %d %v", line.Payment.Origin, line.Payment.Leaf, sign*line.Amount, line.There))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// trust has block i let the other one owe it ten hours, with the yes of that one's steward.
func (b *blocks) trust(i int) {
	b.t.Helper()
	other := 1 - i
	b.people[i].Act("/ledger/lines/"+b.id[other]+"/trust", map[string]string{"unit": "hour", "most": "10:00"})
	within(b.t, time.Minute, "the other block is asked", func() bool {
		a := b.account(other)
		return len(a.Lines) == 1 && a.Lines[0].Raise != nil
	})
	b.people[other].Act("/ledger/lines/"+b.id[i]+"/agree", map[string]string{"unit": "hour", "most": "600"})
	within(b.t, time.Minute, "the line is open", func() bool { return b.account(i).Lines[0].Most == 600 })
}

// pay sends hours from the first household of block i to a household of the other, and returns the payment's page.
func (b *blocks) pay(i int, household, hours string) string {
	b.t.Helper()
	var made hubtest.Posted
	form := map[string]string{"to": household, "unit": "hour", "amount": hours, "memo": "for the roof"}
	b.people[i].Do("/ledger/lines/"+b.id[1-i]+"/pay", form, &made)
	return "/ledger/payments/" + made.ID
}

// TestCreditOverACutLink has two blocks pay each other while they cannot hear each other. When they can, everything settles by itself:
// what arrives is in both books, line by line, and what is refused comes back.
func TestCreditOverACutLink(t *testing.T) {
	t.Parallel()
	b := settle(t, Line(t, 2, Link{Delay: 20 * time.Millisecond}))
	b.befriend(0, 1)
	b.trust(0)
	b.trust(1)

	b.lab.Cut(1, 2)
	arrive := b.pay(0, "h1", "1:30")
	refused := b.pay(0, "h99", "2:00")
	b.pay(0, "h1", "0:10")
	b.pay(1, "h1", "0:45")
	<-time.After(ledgerCut) // the weather, not a wait for anything
	if a := b.account(0); len(a.Statement) != 0 || len(a.Way) != 3 || a.Lines[0].Way != 220 {
		t.Fatalf("without a link there is %+v", a)
	}
	b.lab.Heal(1, 2)
	settled := within(t, lossPatience, "both statements say the same, and nothing is on its way", func() bool {
		first, second := b.account(0), b.account(1)
		return len(first.Statement) == 3 && first.said(1) == second.said(-1) && len(first.Way)+len(second.Way) == 0
	})
	hubtest.Report(t, "cut for %v: four payments over the line were settled %v after healing", ledgerCut, settled)

	a := b.account(0)
	if l := a.Lines[0]; l.Balance != 90+10-45 || l.There.Balance != -l.Balance || l.Way != 0 {
		t.Errorf("the line is %+v", l)
	}
	if len(a.Back) != 1 || a.Back[0].Why != "no-such-account" {
		t.Errorf("what came back is %+v", a.Back)
	}
	for path, words := range map[string]string{arrive: "Arrived.", refused: "It came back"} {
		if !b.hubs[0].Shows(path, words) {
			t.Errorf("%s does not say %q", path, words)
		}
	}
	b.holdsNothing()
	b.audited(0)
	b.audited(1)
}

// audited has the other block audit a block's record over the link, as any laptop could, and hledger read its journal.
func (b *blocks) audited(i int) {
	b.t.Helper()
	hubtest.Need(b.t, "hledger")
	audit := exec.Command("ip", "netns", "exec", b.lab.Space(2-i), b.program, "audit", b.hubs[i].URL)
	if said, err := audit.CombinedOutput(); err != nil {
		b.t.Errorf("audit of block %d: %v\n%s", i+1, err, said)
	}
	_, journal := b.hubs[i].Get("/ledger/journal.hledger")
	check := exec.Command("hledger", "check", "-s", "ordereddates", "-f", "-")
	check.Stdin = bytes.NewReader(journal)
	if said, err := check.CombinedOutput(); err != nil {
		b.t.Errorf("journal of block %d: %v\n%s\n%s", i+1, err, said, journal)
	}
}

// holdsNothing checks that the payer can spend what came back.
func (b *blocks) holdsNothing() {
	b.t.Helper()
	var p struct {
		Mine []struct{ Balance, Held int64 }
	}
	if err := json.Unmarshal(b.people[0].JSON("/ledger"), &p); err != nil {
		b.t.Fatal(err)
	}
	if len(p.Mine) != 1 || p.Mine[0].Held != 0 || p.Mine[0].Balance != -55 {
		b.t.Errorf("the payer has %+v", p.Mine)
	}
}
