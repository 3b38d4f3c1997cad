package people

import (
	"context"

	"commonhub/hub/record"
)

// Opened tells a form what an invitation is for, without using it up.
//
// Errors: fault Gone, TooMany.
func (p *People) Opened(code string, f From) (shown Invitation, err error) {
	if err := p.addresses.take(f.Address); err != nil {
		return Invitation{}, err
	}
	err = p.record.Read(func(v record.View) error {
		i, _, err := openInvitation(v, code)
		shown = p.described(v, i, true) // a code is a key to the door: its holder may know whose door
		return err
	})
	if err != nil {
		return Invitation{}, err
	}
	return shown, nil
}

// Join uses an invitation up: a new member, or a member back at their own handle with a new secret.
//
// Errors: fault Invalid, Gone, Conflict (the name is taken), TooMany, Unavailable.
func (p *People) Join(ctx context.Context, o Order, n Newcomer, f From) (Welcome, error) {
	if err := p.addresses.take(f.Address); err != nil {
		return Welcome{}, err
	}
	n.Household = "" // the invitation knows
	open := func(v record.View, signIn string) error {
		i, _, err := openInvitation(v, n.Code)
		if err != nil {
			return err
		}
		return free(v, signIn, i.Member)
	}
	a, err := p.arrive(ctx, n, f, open)
	if err != nil {
		return Welcome{}, err
	}
	o.Actor, o.Content = "", n.content()
	r, err := p.do(ctx, o, "join", func(v record.View, d *record.Decision) error {
		if a.refused != nil {
			return a.refused
		}
		if err := open(v, a.SignIn); err != nil {
			return err
		}
		i, key, err := openInvitation(v, n.Code)
		if err != nil {
			return err
		}
		forget(d, "invitation", key)
		return p.enter(v, d, i, a)
	})
	if err != nil {
		return Welcome{}, err
	}
	return p.welcome(ctx, r, n, a, f)
}

// enter lets an arrival in by an invitation.
func (p *People) enter(v record.View, d *record.Decision, i invitation, a arrival) error {
	if i.Member == "" {
		_, err := a.join(v, d, i.Household)
		return err
	}
	home, _, err := p.Acting(v, i.Member)
	if err != nil {
		return err
	}
	evict(v, d, i.Member)
	d.Append(record.Event{Kind: MemberReturned, By: i.Member, For: home, Data: record.Data(about{Member: i.Member, Way: ByInvitation})})
	a.name(v, d, i.Member, home)
	a.admit(v, d, i.Member)
	return nil
}

// evict ends every way in that a member has: sign-in name, secret, sessions, tokens, recovery card.
func evict(v record.View, d *record.Decision, handle string) {
	if c, ok := record.Load[credential](private(v, "credential"), []byte(handle)); ok {
		forget(d, "sign-in", []byte(c.SignIn))
	}
	forget(d, "credential", []byte(handle))
	endSessions(v, d, handle, "")
	for _, key := range tokensOf(v, handle) {
		forget(d, "token", key)
	}
	forgetCard(v, d, handle)
}

// endSessions ends all sessions of a member but the one with the given id.
func endSessions(v record.View, d *record.Decision, handle, but string) {
	for _, s := range sessionsOf(v, handle) {
		if digestID(s.key) != but {
			forget(d, "session", s.key)
		}
	}
}
