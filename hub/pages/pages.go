package pages

import (
	"context"
	"crypto/rand"
	"log/slog"

	"commonhub/hub/mirror"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// Pages are the house's pages. All fields are required.
type Pages struct {
	People     *people.People
	Record     *record.Record
	Neighbours Neighbours
	Log        *slog.Logger
}

// Neighbours is what the pages need of the mirror. by is the handle of the steward who decides; the mirror writes the
// event and refuses with a fault.
type Neighbours interface {
	List() []mirror.Neighbour
	OurWords() string  // our own safety number
	Self() mirror.Self // what others have found out about our own hub
	Accept(ctx context.Context, by, id string) error
	Block(ctx context.Context, by, id string) error
	Release(ctx context.Context, by, id string) error  // neither accepted nor blocked any more
	Succeed(ctx context.Context, by, old string) error // says that our hub carries on from a lost one
	Vouch(ctx context.Context, by, id string) error    // says that the people of a lost hub run this one
	SetQuota(ctx context.Context, by, id string, q mirror.Quota) error
	SetTier(ctx context.Context, by, id string, t mirror.Tier) error
	SetQuorum(ctx context.Context, by string, k int) error
	Add(ctx context.Context, address string) (mirror.Neighbour, error) // looks at an address that a steward typed in
}

// Mount registers every page.
func (s Pages) Mount(p *portal.Portal) {
	p.Nav(web.NavItem{Path: "/", Key: "pages.nav-home", Icon: "house", Order: 0})
	p.Nav(web.NavItem{Path: "/people", Key: "pages.nav-people", Icon: "people", Order: 70})
	p.Nav(web.NavItem{Path: "/neighbours", Key: "pages.nav-neighbours", Icon: "globe", Order: 80})
	p.Nav(web.NavItem{Path: "/record", Key: "pages.nav-record", Icon: "list", Order: 90})
	s.mountHome(p)
	s.mountClaim(p)
	s.mountJoin(p)
	s.mountSignIn(p)
	s.mountMe(p)
	s.mountWays(p)
	s.mountGoing(p)
	s.mountPeople(p)
	s.mountNeighbours(p)
	s.mountRecord(p)
}

// order is the request as people's commands want it.
func order(r *portal.Request) people.Order {
	return people.Order{Actor: r.Visitor.Member, Key: r.Key(), Content: r.Content()}
}

// keyedOrder is an order whose result will be shown under its key, so it needs one even where a script sent none.
func keyedOrder(r *portal.Request) people.Order {
	o := order(r)
	if o.Key == "" {
		o.Key = rand.Text()
	}
	return o
}

func from(r *portal.Request) people.From {
	return people.From{Address: r.Remote().String(), Device: r.Agent()}
}

// created names an event of ours for a script.
func created(r *portal.Request, id, path string, ref record.Ref) portal.Created {
	return portal.Created{ID: id, URL: r.URL(path), Index: ref.Index, Leaf: record.Hex(ref.Leaf)}
}

// arrived is what a script gets when it has claimed, joined or signed in. Token works as a bearer.
type arrived struct {
	portal.Created
	Member string `json:"member"`
	Token  string `json:"token"`
}

// arrive keeps the new session and leads on.
func arrive(r *portal.Request, w people.Welcome, see, flash string) portal.Outcome {
	return portal.Outcome{
		See: see, Session: w.Token, Language: w.Language, Flash: flash,
		Created: arrived{created(r, w.Member, "/me", w.Ref), w.Member, w.Token},
	}
}
