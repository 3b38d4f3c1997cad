package people

import (
	"context"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// invitationLife is how long a code opens the door; a paper on a stairwell is forgotten sooner than a week.
const invitationLife = 7 * 24 * time.Hour

// maxInvitations bounds the open ones: each is a chance for a guess.
const maxInvitations = 200

// invitation is a row of the private table; its key is the digest of the code.
type invitation struct {
	Household string    `json:"household"`
	Member    string    `json:"member,omitempty"` // whose secret is to be replaced, "" for a new member
	By        string    `json:"by"`
	Expires   time.Time `json:"expires"`
}

// Inviting says whom to invite: into a household, into a new one with a Name, or a Member back to their own handle.
type Inviting struct {
	Household string // handle
	Name      string // of a new household
	Member    string // handle
}

// Invitation is an open invitation.
type Invitation struct {
	Code          string    `json:"code,omitempty"` // as spoken; "" where only digests are known
	Household     string    `json:"household"`
	HouseholdName string    `json:"householdName,omitempty"`
	Member        string    `json:"member,omitempty"`
	MemberName    string    `json:"memberName,omitempty"`
	Expires       time.Time `json:"expires"`
	Key           string    `json:"key,omitempty"` // of the order that made it, for ShownInvitation
}

// Invite makes an invitation; for a new household it adds that first. Whoever is invited back keeps their handle; their
// old secret, sessions and tokens end when the invitation is used, not before.
//
// Errors: fault Denied, Invalid, NotFound, Gone (the member has left), TooMany; Conflict when the order was carried out before a
// restart, so that its code cannot be shown again.
func (p *People) Invite(ctx context.Context, o Order, in Inviting) (Invitation, record.Receipt, error) {
	o = o.keyed()
	name, err := sealName(in.Name, body.Neighbours, "household")
	if err != nil {
		return Invitation{}, record.Receipt{}, err
	}
	code := newCode(p.derive(o, "invite"), invitationSigns)
	r, err := p.do(ctx, o, "invite", func(v record.View, d *record.Decision) error {
		if err := p.steward(v, o); err != nil {
			return err
		}
		home, err := invited(v, d, o.Actor, in, name)
		if err != nil {
			return err
		}
		if err := prune(v, d, in.Member); err != nil {
			return err
		}
		d.Append(record.Event{Kind: InvitationMade, By: o.Actor, For: home, Data: record.Data(about{Household: home, Member: in.Member})})
		keep(d, "invitation", codeDigest("invitation", code), invitation{home, in.Member, o.Actor, v.Now().Add(invitationLife)})
		return nil
	})
	if err != nil {
		return Invitation{}, record.Receipt{}, err
	}
	shown, err := p.shownNow(o)
	return shown, r, err
}

func (p *People) shownNow(o Order) (shown Invitation, err error) {
	err = p.record.Read(func(v record.View) error {
		shown, err = p.ShownInvitation(v, o)
		return err
	})
	return shown, err
}

// invited finds the household that an invitation is for.
func invited(v record.View, d *record.Decision, by string, in Inviting, name *body.Sealed) (home string, err error) {
	switch {
	case in.Member != "":
		m, ok := loadMember(v, v.Self(), in.Member)
		if !ok {
			return "", fault.New(fault.NotFound, "people.no-such-member")
		}
		if !m.Left.IsZero() {
			return "", fault.New(fault.Gone, "people.has-left")
		}
		return m.Household, nil
	case in.Household != "":
		if _, ok := loadHousehold(v, v.Self(), in.Household); !ok {
			return "", fault.New(fault.NotFound, "people.no-such-household")
		}
		return in.Household, nil
	case name == nil:
		return "", fault.New(fault.Invalid, "people.household-missing").On("household")
	}
	return addHousehold(v, d, by, name)
}

// addHousehold appends a named household.
func addHousehold(v record.View, d *record.Decision, by string, name *body.Sealed) (home string, err error) {
	if err := roomy(v, "household", mostHouseholds); err != nil {
		return "", err
	}
	home = householdHandle(next(v.Table("people", "household"), v.Self()))
	data := record.Data(about{Household: home})
	d.Append(record.Event{Kind: HouseholdAdded, By: by, For: home, Data: data})
	d.Append(record.Event{Kind: HouseholdNamed, By: by, For: home, Data: data}, name)
	return home, nil
}

// prune forgets invitations that are over, and the earlier ones back to the same handle.
func prune(v record.View, d *record.Decision, back string) error {
	open := 0
	t := private(v, "invitation")
	for k := range t.From(nil) {
		i, ok := record.Load[invitation](t, k)
		if ok && v.Now().Before(i.Expires) && (back == "" || i.Member != back) {
			open++
			continue
		}
		forget(d, "invitation", append([]byte(nil), k...))
	}
	if open >= maxInvitations {
		return fault.New(fault.TooMany, "people.too-many-invitations", maxInvitations)
	}
	return nil
}

// ShownInvitation gives the invitation that an order made, with its code, as long as it is open and this process lives.
//
// Errors: fault Gone.
func (p *People) ShownInvitation(v record.View, o Order) (Invitation, error) {
	code := newCode(p.derive(o, "invite"), invitationSigns)
	i, _, err := openInvitation(v, code)
	if err != nil {
		return Invitation{}, fault.New(fault.Gone, "people.shown-before")
	}
	shown := p.described(v, i, true)
	shown.Code, shown.Key = Spoken(code), o.Key
	return shown, nil
}

// Invitations lists what is open, without codes.
func (p *People) Invitations(v record.View) []Invitation {
	open := []Invitation{}
	t := private(v, "invitation")
	for k := range t.From(nil) {
		if i, ok := record.Load[invitation](t, k); ok && v.Now().Before(i.Expires) {
			open = append(open, p.described(v, i, true))
		}
	}
	return open
}

func (p *People) described(v record.View, i invitation, known bool) Invitation {
	return Invitation{
		Household: i.Household, HouseholdName: p.NameOf(v, v.Self(), i.Household, known),
		Member: i.Member, MemberName: p.NameOf(v, v.Self(), i.Member, known), Expires: i.Expires,
	}
}

func openInvitation(v record.View, code string) (i invitation, key []byte, err error) {
	key = codeDigest("invitation", code)
	i, ok := record.Load[invitation](private(v, "invitation"), key)
	if !ok || !v.Now().Before(i.Expires) {
		return i, nil, fault.New(fault.Gone, "people.invitation-void").On("code")
	}
	return i, key, nil
}
