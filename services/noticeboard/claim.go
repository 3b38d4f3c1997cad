package noticeboard

import (
	"context"
	"slices"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Claim says that the member takes what is offered, does what is needed, or that what was found is theirs. The author's hub
// answers it; at that hub itself the answer is in the same decision unless other claims wait.
func (s *Service) Claim(ctx context.Context, o Order, id ID) error {
	_, err := s.do(ctx, o, "notice.claim "+id.String(), func(a act, d *record.Decision) error {
		n, err := a.read(id)
		if err != nil {
			return err
		}
		if err := a.mayClaim(id, n); err != nil {
			return err
		}
		leaf := a.Append(d, claimed, aboutData{cite{id.Origin(), n.Leaf}})
		if id.Origin() == a.Self() && !waiting(a.View, id) {
			settle(d, n, cite{a.Self(), record.Hex(leaf)}, true)
		}
		return nil
	})
	return err
}

func (a act) mayClaim(id ID, n notice) error {
	switch {
	case !n.Kind.claimable():
		return fault.New(fault.Invalid, "notice.claim-kind")
	case id.Origin() == a.Self() && n.By == a.Member:
		return fault.New(fault.Invalid, "notice.claim-own")
	case !n.live(a.Now()):
		return fault.New(fault.Gone, "notice.claim-over")
	case n.Taken != "":
		return fault.New(fault.Conflict, "notice.claim-taken")
	}
	for _, c := range claimsOf(a.View, id) {
		if c.id.Origin() == a.Self() && c.For == a.Household && c.State == Waiting {
			return fault.New(fault.Conflict, "notice.claim-twice")
		}
	}
	return nil
}

// Release gives a claim back: whoever made it may, and the notice's author, each at their own hub.
func (s *Service) Release(ctx context.Context, o Order, id, claim ID) error {
	_, err := s.do(ctx, o, "notice.release "+claim.String(), func(a act, d *record.Decision) error {
		n, err := find(a.View, id)
		if err != nil {
			return err
		}
		c, ok := record.Load[reply](a.Table(service, "claim"), key(id[:], claim[:]))
		if !ok {
			return missing()
		}
		claimer := claim.Origin() == a.Self() && c.By == a.Member
		author := id.Origin() == a.Self() && n.By == a.Member
		if !claimer && !author {
			return fault.New(fault.Denied, "notice.not-yours")
		}
		a.Append(d, released, releasedData{cite{id.Origin(), n.Leaf}, cite{claim.Origin(), c.Leaf}})
		return nil
	})
	return err
}

// settle answers a claim on a notice of ours. The hub answers, not its author: nobody needs to be awake.
func settle(d *record.Decision, n notice, claim cite, wins bool) {
	d.Append(record.Event{Kind: settled, Data: record.Data(settledData{n.Leaf, claim, wins})})
}

func waiting(v record.View, id ID) bool {
	for range v.Table(service, "open").Prefix(id[:]) {
		return true
	}
	return false
}

const (
	maxAnswers = 32  // in one decision; the record asks again
	maxOpen    = 256 // claims looked at for it
)

// Due answers the claims on our notices: the first in the order of law 3 wins, the others are refused. A claim on what is taken,
// over, withdrawn or hidden is refused.
func (s *Service) Due(v record.View) *record.Decision {
	d := v.Decide()
	answered := 0
	for _, group := range openClaims(v) {
		n, held := load(v, group.about)
		if !held {
			continue
		}
		_, _, veiled := hidingOf(v, group.about)
		free := n.Taken == "" && n.live(v.Now()) && !veiled && n.Kind.claimable()
		for _, c := range group.claims {
			if answered++; answered > maxAnswers {
				return d
			}
			settle(d, n, cite{c.id.Origin(), c.Leaf}, free)
			free = false
		}
	}
	return d
}

// rival is a claim with its name.
type rival struct {
	id ID
	reply
}

type contest struct {
	about  ID
	claims []rival
}

// openClaims groups the claims that wait by notice, each group in the order of law 3.
func openClaims(v record.View) []contest {
	var list []contest
	horizon, seen := horizon(v.Now()), 0
	for k := range v.Table(service, "open").From(nil) {
		if seen++; seen > maxOpen {
			break
		}
		about, claim := ID(k[:len(ID{})]), ID(k[len(ID{}):])
		if len(list) == 0 || list[len(list)-1].about != about {
			list = append(list, contest{about: about})
		}
		r, _ := record.Load[reply](v.Table(service, "claim"), k)
		last := &list[len(list)-1]
		last.claims = append(last.claims, rival{claim, r})
	}
	for _, c := range list {
		slices.SortFunc(c.claims, func(a, b rival) int { return inOrder(a, b, horizon) })
	}
	return list
}
