package people

import (
	"strconv"
	"strings"
	"time"
)

// Kinds of events. Their data is an `about`; names travel as the body of household.named and member.named.
const (
	HouseholdAdded   = "household.added"
	HouseholdNamed   = "household.named"
	MemberJoined     = "member.joined"
	MemberNamed      = "member.named"
	MemberReturned   = "member.returned" // a lost secret was replaced; public, so that a takeover cannot be silent
	MemberLeft       = "member.left"
	StewardAppointed = "steward.appointed"
	StewardEnded     = "steward.ended"
	ClaimMade        = "claim.made"
	ClaimUsed        = "claim.used"
	InvitationMade   = "invitation.made"
	TokenMade        = "token.made"
)

// Console is the author of what was done at the machine itself, by whoever holds its data folder.
const Console = "console"

// Ways in which a member returned.
const (
	ByInvitation = "invitation"
	ByRecovery   = "recovery"
)

// Most households and members of one record, whoever left included. They bound what a hostile neighbour's record can make
// us compute: each steward's event may look at all members. A block has a tenth of it.
const (
	mostHouseholds = 300
	mostMembers    = 1000
)

// about is the data of every event of this package: handles and numbers, never a name or a code.
type about struct {
	Member    string `json:"member,omitempty"`
	Household string `json:"household,omitempty"`
	Until     int64  `json:"until,omitempty"` // end of a steward's term in Unix seconds, 0 for no end
	Way       string `json:"way,omitempty"`
}

func (a about) term() time.Time {
	if a.Until <= 0 {
		return time.Time{}
	}
	return time.Unix(a.Until, 0).UTC()
}

func memberHandle(n uint64) string    { return "m" + strconv.FormatUint(n, 10) }
func householdHandle(n uint64) string { return "h" + strconv.FormatUint(n, 10) }

// number reads a handle in its only spelling: no sign, no leading zero.
func number(letter, handle string) (uint64, bool) {
	digits, ok := strings.CutPrefix(handle, letter)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return n, err == nil && n > 0 && strconv.FormatUint(n, 10) == digits
}
