package noticeboard

import (
	"cmp"
	"encoding/json"
	"slices"

	"commonhub/hub/record"
)

// ClaimState is what became of a claim.
type ClaimState string

// States of a claim.
const (
	Waiting   ClaimState = "waiting"   // the author's hub has not answered yet
	Won       ClaimState = "won"       // it is theirs
	Lost      ClaimState = "lost"      // somebody was first, or it was over
	GivenBack ClaimState = "givenback" // by the claimer or the author
)

// claimOn is a claim and what became of it.
type claimOn struct {
	rival
	State ClaimState
}

// maxReplies bounds how many comments or claims of one notice are read.
const maxReplies = 200

// claimsOf lists the claims on a notice in the order of law 3.
func claimsOf(v record.View, id ID) []claimOn {
	var list []claimOn
	for _, r := range replies(v, "claim", id) {
		list = append(list, claimOn{r, stateOf(v, key(id[:], r.id[:]))})
	}
	slices.SortFunc(list, func(a, b claimOn) int { return inOrder(a.rival, b.rival, horizon(v.Now())) })
	return list
}

func stateOf(v record.View, k []byte) ClaimState {
	if v.Table(service, "released").Get(k) != nil {
		return GivenBack
	}
	switch string(v.Table(service, "answer").Get(k)) {
	case won:
		return Won
	case lost:
		return Lost
	}
	return Waiting
}

// replies reads what other events say about a notice, at most maxReplies, in the order of the table's keys: comments by time,
// claims and flags by ID.
func replies(v record.View, table string, about ID) []rival {
	var list []rival
	for k, value := range v.Table(service, table).Prefix(about[:]) {
		r, ok := decode[reply](value)
		if !ok || len(list) == maxReplies {
			break
		}
		list = append(list, rival{ID(k[len(k)-len(ID{}):]), r})
	}
	return list
}

func decode[T any](raw []byte) (v T, ok bool) {
	return v, json.Unmarshal(raw, &v) == nil
}

// inOrder is law 3, oldest first.
func inOrder(a, b rival, horizon int64) int {
	late := func(r rival) int {
		if r.At >= horizon {
			return 1
		}
		return 0
	}
	switch {
	case late(a) != late(b):
		return late(a) - late(b)
	case a.At != b.At:
		return cmp.Compare(a.At, b.At)
	}
	return slices.Compare(a.id[:], b.id[:])
}
