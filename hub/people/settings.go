package people

import (
	"context"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Settings are what a member alone may see of themselves.
type Settings struct {
	SignIn   string `json:"signIn"`             // as folded
	Language string `json:"language,omitempty"` // "" for whatever the browser asks for
}

// Settings reads a member's private settings.
//
// Errors: fault NotFound.
func (p *People) Settings(v record.View, handle string) (Settings, error) {
	c, ok := record.Load[credential](private(v, "credential"), []byte(handle))
	if !ok {
		return Settings{}, fault.New(fault.NotFound, "people.no-such-member")
	}
	return Settings{c.SignIn, c.Language}, nil
}

// SetName changes the displayed name and its reach, and erases the former one. An empty name leaves the handle alone.
//
// Errors: fault Invalid, Denied.
func (p *People) SetName(ctx context.Context, o Order, name string, reach body.Reach) (record.Receipt, error) {
	sealed, err := sealName(name, reach, "display")
	if err != nil {
		return record.Receipt{}, err
	}
	return p.do(ctx, o, "name", func(v record.View, d *record.Decision) error {
		home, _, err := p.Acting(v, o.Actor)
		if err == nil {
			rename(v, d, o.Actor, home, sealed)
		}
		return err
	})
}

// rename appends a member's new name (nil for none) and erases the old.
func rename(v record.View, d *record.Decision, handle, home string, name *body.Sealed) {
	m, _ := loadMember(v, v.Self(), handle)
	if name != nil {
		d.Append(record.Event{Kind: MemberNamed, By: handle, For: home, Data: record.Data(about{Member: handle})}, name)
	}
	eraseName(v, d, handle, m.Name)
}

// eraseName erases the body of a name, if there is one.
func eraseName(v record.View, d *record.Decision, by, leaf string) {
	h, err := record.ParseHash(leaf)
	if err == nil && v.Body(v.Self(), h).State == body.Here {
		d.Erase(by, h)
	}
}

// NameHousehold changes a household's displayed name: a member's of it, or a steward's choice.
//
// Errors: fault Invalid, Denied, NotFound.
func (p *People) NameHousehold(ctx context.Context, o Order, handle, name string, reach body.Reach) (record.Receipt, error) {
	sealed, err := sealName(name, reach, "household")
	if err != nil {
		return record.Receipt{}, err
	}
	if sealed == nil {
		return record.Receipt{}, fault.New(fault.Invalid, "people.household-missing").On("household")
	}
	return p.do(ctx, o, "name-household", func(v record.View, d *record.Decision) error {
		home, steward, err := p.Acting(v, o.Actor)
		if err != nil {
			return err
		}
		if home != handle && !steward {
			return fault.New(fault.Denied, "people.stewards-only")
		}
		h, ok := loadHousehold(v, v.Self(), handle)
		if !ok {
			return fault.New(fault.NotFound, "people.no-such-household")
		}
		d.Append(record.Event{Kind: HouseholdNamed, By: o.Actor, For: handle, Data: record.Data(about{Household: handle})}, sealed)
		eraseName(v, d, o.Actor, h.Name)
		return nil
	})
}

// SetLanguage changes the language in which the hub speaks to a member.
//
// Errors: fault Invalid, Denied.
func (p *People) SetLanguage(ctx context.Context, o Order, tag string) error {
	tag, err := cleanLanguage(tag)
	if err != nil {
		return err
	}
	return p.recredential(ctx, o, "language", func(v record.View, d *record.Decision, c *credential) error {
		c.Language = tag
		return nil
	})
}

// ChangeSecret replaces the secret by another and ends every session but the given one.
//
// Errors: fault Invalid, Denied (the old one is wrong), TooMany, Unavailable.
func (p *People) ChangeSecret(ctx context.Context, o Order, session, old, fresh string, f From) error {
	var signIn string
	err := p.record.Read(func(v record.View) error {
		s, err := p.Settings(v, o.Actor)
		signIn = s.SignIn
		return err
	})
	if err != nil {
		return err
	}
	if err := checkSecret(fresh, signIn); err != nil {
		return err
	}
	_, proved, err := p.prove(ctx, signIn, old, f)
	if fault.Is(err, fault.SignIn) {
		return fault.New(fault.Denied, "people.secret-wrong").On("old")
	}
	if err != nil {
		return err
	}
	sealed, err := p.secrets.seal(ctx, fresh)
	if err != nil {
		return err
	}
	o.Key = "" // its content would be a fast hash of both secrets; doing it twice fails on the old one, harmlessly
	return p.recredential(ctx, o, "secret", func(v record.View, d *record.Decision, c *credential) error {
		if !c.Secret.same(proved.Secret) {
			return fault.New(fault.Denied, "people.secret-wrong").On("old")
		}
		c.Secret = sealed
		endSessions(v, d, o.Actor, session)
		return nil
	})
}

// recredential edits the actor's own credential.
func (p *People) recredential(ctx context.Context, o Order, route string, edit func(record.View, *record.Decision, *credential) error) error {
	_, err := p.do(ctx, o, route, func(v record.View, d *record.Decision) error {
		if _, _, err := p.Acting(v, o.Actor); err != nil {
			return err
		}
		c, ok := record.Load[credential](private(v, "credential"), []byte(o.Actor))
		if !ok {
			return fault.New(fault.Denied, "people.not-a-member")
		}
		if err := edit(v, d, &c); err != nil {
			return err
		}
		keep(d, "credential", []byte(o.Actor), c)
		return nil
	})
	return err
}
