package pages

import (
	"strconv"
	"strings"

	"commonhub/hub/fault"
	"commonhub/hub/mirror"
	"commonhub/hub/portal"
)

// megabyte is the unit in which people type bytes.
const megabyte = 1_000_000

// bound is one figure of a quota, in the unit in which people type it.
type bound struct {
	name, key  string
	used, most uint64
}

func bounds(n mirror.Neighbour) []bound {
	return []bound{
		{"entries", "pages.quota-entries", n.Today.Entries, n.Quota.Entries},
		{"megabytes", "pages.quota-megabytes", n.Today.Bytes / megabyte, n.Quota.Bytes / megabyte},
		{"bodies", "pages.quota-bodies", n.Today.Bodies, n.Quota.Bodies},
	}
}

// kept is how much of the hub we keep; a hub that was never asked about is kept whole once it is accepted.
func (n NeighbourPage) kept() mirror.Tier {
	if n.Tier == mirror.Witness {
		return mirror.Witness
	}
	return mirror.Whole
}

// typed is what somebody wrote into a field that came back, or else what holds.
func (n NeighbourPage) typed(name, holds string) string {
	if was, ok := n.form[name]; ok {
		return was
	}
	return holds
}

func (s Pages) setQuota(r *portal.Request) (portal.Outcome, error) {
	var q mirror.Quota
	for name, into := range map[string]*uint64{"entries": &q.Entries, "megabytes": &q.Bytes, "bodies": &q.Bodies} {
		n, err := figure(r.Form(name))
		if err != nil {
			return portal.Outcome{}, fault.New(fault.Invalid, "pages.quota-number").On(name).Because(err)
		}
		*into = n
	}
	q.Bytes *= megabyte
	err := s.Neighbours.SetQuota(r.Context(), r.Visitor.Member, r.Param("id"), q)
	return portal.Outcome{See: "/neighbours/" + r.Param("id"), Flash: "pages.quota-changed"}, err
}

// figure reads a number that somebody typed, in any digits of Arabic script too; nothing is no bound.
func figure(typed string) (uint64, error) {
	latin := strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		}
		return r
	}, strings.TrimSpace(typed))
	if latin == "" {
		return 0, nil
	}
	return strconv.ParseUint(latin, 10, 40) // a trillion megabytes would not fit
}

func (s Pages) setTier(r *portal.Request) (portal.Outcome, error) {
	err := s.Neighbours.SetTier(r.Context(), r.Visitor.Member, r.Param("id"), mirror.Tier(r.Form("tier")))
	return portal.Outcome{See: "/neighbours/" + r.Param("id"), Flash: "pages.tier-changed"}, err
}

func (s Pages) setQuorum(r *portal.Request) (portal.Outcome, error) {
	k, err := figure(r.Form("k"))
	if err != nil {
		return portal.Outcome{}, fault.New(fault.Invalid, "mirror.no-quorum", mirror.MaxCosignatures).On("k").Because(err)
	}
	err = s.Neighbours.SetQuorum(r.Context(), r.Visitor.Member, int(min(k, 1<<20)))
	return portal.Outcome{See: "/record", Flash: "pages.quorum-changed"}, err
}
