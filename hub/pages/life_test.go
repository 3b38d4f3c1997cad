package pages

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/mirror"
	"commonhub/hub/record"
)

func TestABlockComesTogether(t *testing.T) {
	b := open(t)
	b.phone("en").open("/").at("/").says("pages.home-unclaimed")
	ana := b.claimed()
	ben := b.joined(ana, "Ben")
	ben.open("/me").at("/me").says("pages.card-none")
	if strings.Contains(ben.page, "Ben and more") {
		t.Error("the page shows the secret")
	}
	ben.send("/me/name", "display", "Benno", "reach", "hub").at("/me").says("pages.saved")
	if guest := b.phone("en").open("/people").at("/people"); strings.Contains(guest.page, "Benno") || !strings.Contains(guest.page, "Ana above") {
		t.Error("a guest sees a name for members, or not one for everybody")
	}
	if ana.open("/people"); !strings.Contains(ana.page, "Benno") {
		t.Error("a member does not see a member's name")
	}
	ben.open("/me").send("/sign-out").at("/").says("pages.signed-out")
	if ben.open("/me"); ben.status != http.StatusUnauthorized {
		t.Errorf("signed out, and /me says %d", ben.status)
	}
	ben.open("/sign-in?back=/people").send("/sign-in", "name", "ben", "secret", "Ben and more").at("/people")
	ben.open("/people")
	if strings.Contains(ben.page, "/people/invitations") {
		t.Error("a member who is no steward is shown a steward's tools")
	}
}

func TestLostSecret(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	ben := b.joined(ana, "ben")
	ben.open("/me").send("/me/card").at("/me/card/")
	codes := strings.Fields(text(find(ben.tree, isCodes)))
	if again := ben.open(ben.path); strings.Join(strings.Fields(text(find(again.tree, isCodes))), " ") != strings.Join(codes, " ") {
		t.Error("opened again, the card is another one")
	}
	other := b.phone("en").open("/recover").send("/recover", "name", "ben", "code", codes[0][:11], "secret", "brand new one").at("/me").says("pages.recovered")
	if ben.open("/me"); ben.status != http.StatusUnauthorized {
		t.Error("the old sign-in lives on")
	}
	code := ana.invitation("member", "m2")
	other.open("/join/" + code).at("/join/").says("pages.back-title")
	other.send("/join/"+code, "name", "ben", "secret", "the third one").at("/").says("pages.joined")
	if other.open("/join/" + code); other.status != http.StatusGone {
		t.Errorf("a used invitation answers %d", other.status)
	}
}

func TestFormsComeBackFilledIn(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	code := ana.invitation("household", "Two")
	guest := b.phone("en").open("/join/" + code)
	before, secret := strings.Index(guest.page, "Public for ever"), strings.Index(guest.page, `name="secret"`)
	if before < 0 || secret < before {
		t.Error("what is public for ever is not said before the secret is asked for")
	}
	guest.send("/join/"+code, "name", "Cem <3", "secret", "short")
	if guest.status != http.StatusUnprocessableEntity || !strings.Contains(guest.page, "Cem &lt;3") || strings.Contains(guest.page, `value="short"`) {
		t.Errorf("refused with %d:\n%s", guest.status, guest.page)
	}
	guest.says("people.secret-short", 8)
	guest.send("/join/"+code, "name", "ANA", "secret", "long enough")
	if guest.status != http.StatusConflict {
		t.Errorf("a taken name answers %d", guest.status)
	}
	guest.open("/join").send("/join", "code", "nonsense").says("people.invitation-void")
	guest.open("/sign-in").send("/sign-in", "name", "ana", "secret", "wrong one").says("people.sign-in-wrong")
}

func TestLeaving(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	ben := b.joined(ana, "ben")
	if ben.open("/me/leave").at("/me/leave").send("/me/leave"); ben.status != http.StatusUnprocessableEntity {
		t.Errorf("left without being sure: %d", ben.status)
	}
	ben.send("/me/leave", "sure", "yes", "erase", "yes").at("/").says("pages.left")
	ana.open("/people").at("/people").says("pages.has-left")
	var home struct{ Households, Members int }
	if b.script("GET", "/", "", nil, &home); home.Members != 1 || home.Households != 2 {
		t.Errorf("home counts %+v", home)
	}
	ana.open("/me/leave").send("/me/leave", "sure", "yes").says("people.last-steward-leaves")
	ana.open("/me/erase").send("/me/erase", "sure", "yes").at("/me").says("pages.erased")
	if ana.open("/people"); strings.Contains(ana.page, "Ana above") {
		t.Error("the erased name is still shown")
	}
}

func TestTerms(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	b.joined(ana, "ben")
	ana.open("/people").send("/people/stewards", "member", "m2", "until", "not a day").says("pages.date-odd")
	ana.open("/people").send("/people/stewards", "member", "m2", "until", "2020-01-01").says("people.term-past")
	ana.open("/people").send("/people/stewards", "member", "m2", "until", "2999-12-31").at("/people").says("pages.saved").says("pages.term-until")
	if !strings.Contains(ana.page, "2999-12-31") {
		t.Error("the last day of the term is not the day that was asked for")
	}
	ana.open("/people").send("/people/stewards/m1/end").at("/people")
	if ana.open("/people"); strings.Contains(ana.page, "/people/stewards") {
		t.Error("whose term has ended is still offered a steward's tools")
	}
}

func TestScripts(t *testing.T) {
	b := open(t)
	var claimed, joined, signed struct {
		arrived
		Key string `json:"key"`
	}
	fields := map[string]string{"household": "One", "name": "ana", "secret": "a long secret", "language": "en"}
	if got := b.script("POST", b.claim, "", fields, &claimed); got != 201 || claimed.Member != "m1" || claimed.Token == "" || claimed.ID != "m1" || len(claimed.Leaf) != 64 {
		t.Fatalf("claim: %d %+v", got, claimed)
	}
	var made invited
	if got := b.script("POST", "/people/invitations", claimed.Token, map[string]string{"household": "Two"}, &made); got != 201 || !strings.HasPrefix(made.URL, b.server.URL+"/join/") {
		t.Fatalf("invite: %d %+v", got, made)
	}
	fields = map[string]string{"name": "ben", "secret": "another secret"}
	if got := b.script("POST", "/join/"+made.Code, "", fields, &joined); got != 201 || joined.Member != "m2" || joined.Index != 9 {
		t.Fatalf("join: %d %+v", got, joined)
	}
	if got := b.script("POST", "/sign-in", "", fields, &signed); got != 201 || signed.Member != "m2" || signed.Index != joined.Index || signed.Leaf != joined.Leaf {
		t.Fatalf("sign in: %d %+v", got, signed)
	}
	fields["secret"] = "not this one"
	if got := b.script("POST", "/sign-in", "", fields, &signed); got != 401 || signed.Key != "people.sign-in-wrong" {
		t.Fatalf("wrong secret: %d %+v", got, signed)
	}
	var token madeToken
	if got := b.script("POST", "/me/tokens", joined.Token, map[string]string{"label": "backup"}, &token); got != 201 || token.Token == "" {
		t.Fatalf("token: %d %+v", got, token)
	}
	var refused struct{ Key string }
	if got := b.script("POST", "/sign-out", token.Token, nil, &refused); got != 404 || refused.Key != "people.no-such-session" {
		t.Fatalf("sign out: %d %+v", got, refused)
	}
	var me Me
	if got := b.script("GET", "/me", token.Token, nil, &me); got != 200 || me.Handle != "m2" || len(me.Tokens) != 1 {
		t.Fatalf("me: %d %+v", got, me)
	}
}

func TestDownload(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	ana.open("/me/data.json").at("/me/data.json")
	var all struct {
		Entries []struct{ Kind string }
	}
	if err := json.Unmarshal([]byte(ana.page), &all); err != nil || len(all.Entries) == 0 {
		t.Errorf("%v in %s", err, ana.page)
	}
	if guest := b.phone("en").open("/me/data.json"); guest.status != http.StatusUnauthorized {
		t.Errorf("a guest may download: %d", guest.status)
	}
}

func TestNeighbourDecisions(t *testing.T) {
	b := open(t)
	ana := b.claimed()
	ana.open("/neighbours").at("/neighbours").says("mirror.forked").says("pages.behind", 5)
	if strings.Contains(ana.page, "<b>") {
		t.Error("a hub's name is taken for markup")
	}
	seen := "/neighbours/bbbbbbbbbbbbbbbb"
	if ana.open(seen).at(seen); strings.Contains(ana.page, "javascript:") && strings.Contains(ana.page, `href="javascript:`) {
		t.Error("a hub's address runs as a script")
	}
	ana.send(seen + "/accept").says("pages.compare-first")
	ana.open(seen).send(seen+"/accept", "compared", "yes").at(seen).says("pages.accepted")
	ana.open(seen).send(seen + "/block").at(seen)
	blocked := "/neighbours/cccccccccccccccc"
	ana.open(blocked).send(blocked + "/release").at(blocked)
	ana.open("/neighbours").send("/neighbours", "url", "not an address").says("mirror.no-address")
	ana.open("/neighbours").send("/neighbours", "url", "10.0.0.5:8080").at(seen)
	want := "m1 accepts bbbbbbbbbbbbbbbb, m1 blocks bbbbbbbbbbbbbbbb, m1 releases cccccccccccccccc"
	if got := strings.Join(b.seen.decided, ", "); got != want {
		t.Errorf("decided %s", got)
	}
	if ana.open("/neighbours/zzzz"); ana.status != http.StatusNotFound {
		t.Errorf("an unknown hub answers %d", ana.status)
	}
	ben := b.joined(ana, "ben")
	if ben.open(seen); strings.Contains(ben.page, seen+"/accept") {
		t.Error("a member is offered a steward's decision")
	}
}

func TestReceipts(t *testing.T) {
	b := open(t)
	b.claimed()
	var event Event
	if got := b.script("GET", "/events/3", "", nil, &event); got != 200 || event.Kind != "member.joined" {
		t.Fatalf("event: %d %+v", got, event)
	}
	if event.Witnesses != (mirror.Witnesses{Standing: mirror.Here}) {
		t.Errorf("without neighbours: %+v", event.Witnesses)
	}
	res, err := http.Get(b.server.URL + "/events/3/receipt")
	b.must(err)
	defer res.Body.Close()
	receipt, err := io.ReadAll(res.Body)
	b.must(err)
	v, err := note.NewVerifier(b.record.VerifierKey())
	b.must(err)
	_, index, err := record.CheckReceipt(receipt, []byte(event.Raw), note.VerifierList(v))
	if err != nil || index != 3 {
		t.Errorf("receipt for %d: %v\n%s", index, err, receipt)
	}
	for path, want := range map[string]int{
		"/events/99": 404, "/events/-1": 404, "/events/99/receipt": 404, "/events/x/receipt": 404,
		"/neighbours/aaaaaaaaaaaaaaaa/events/0": 404, "/neighbours/none/events/0": 404,
	} {
		if got := b.phone("en").open(path).status; got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
}
