package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// claim is the one row of its private table, under claimKey.
type claim struct {
	Digest []byte `json:"digest"`
}

func claimKey() []byte { return []byte("code") }

// Claim makes a claim code, for whoever holds the machine, and voids the one before. Only its digest is kept: the
// caller prints it once, on stdout, and nowhere else.
func (p *People) Claim(ctx context.Context) (code string, err error) {
	code = newCode(rand.Reader, claimSigns)
	_, err = p.do(ctx, Order{Actor: Console}, "claim", func(v record.View, d *record.Decision) error {
		d.Append(record.Event{Kind: ClaimMade, By: Console, Data: record.Data(about{})})
		keep(d, "claim", claimKey(), claim{codeDigest("claim", code)})
		return nil
	})
	if err != nil {
		return "", err
	}
	return Spoken(code), nil
}

// Claimable tells a form whether a code would work, without using it up. address is rate-limited as in UseClaim.
//
// Errors: fault Gone, TooMany.
func (p *People) Claimable(code string, f From) error {
	if err := p.addresses.take(f.Address); err != nil {
		return err
	}
	return p.record.Read(func(v record.View) error { return claimable(v, code) })
}

func claimable(v record.View, code string) error {
	c, ok := record.Load[claim](private(v, "claim"), claimKey())
	if !ok || subtle.ConstantTimeCompare(c.Digest, codeDigest("claim", code)) != 1 {
		return fault.New(fault.Gone, "people.claim-void").On("code")
	}
	return nil
}

// UseClaim makes a household with its first member, who is a steward. A claim later in the hub's life does the same:
// it is how a block gets its keys back when all stewards are gone.
//
// Errors: fault Invalid, Gone, Conflict (the name is taken), TooMany, Unavailable.
func (p *People) UseClaim(ctx context.Context, o Order, n Newcomer, f From) (Welcome, error) {
	if err := p.addresses.take(f.Address); err != nil {
		return Welcome{}, err
	}
	open := func(v record.View, signIn string) error {
		if err := claimable(v, n.Code); err != nil {
			return err
		}
		return free(v, signIn, "")
	}
	a, err := p.arrive(ctx, n, f, open)
	if err != nil {
		return Welcome{}, err
	}
	if a.household == nil {
		return Welcome{}, fault.New(fault.Invalid, "people.household-missing").On("household")
	}
	o.Actor, o.Content = "", n.content()
	r, err := p.do(ctx, o, "use-claim", func(v record.View, d *record.Decision) error {
		if a.refused != nil {
			return a.refused
		}
		if err := open(v, a.SignIn); err != nil {
			return err
		}
		forget(d, "claim", claimKey())
		return a.found(v, d)
	})
	if err != nil {
		return Welcome{}, err
	}
	return p.welcome(ctx, r, n, a, f)
}

// found appends a household with its first member, a steward. The console is its author: that is where the code came from.
func (a arrival) found(v record.View, d *record.Decision) error {
	home, err := addHousehold(v, d, Console, a.household)
	if err != nil {
		return err
	}
	handle, err := a.join(v, d, home)
	if err != nil {
		return err
	}
	d.Append(record.Event{Kind: ClaimUsed, By: handle, For: home, Data: record.Data(about{Member: handle})})
	d.Append(record.Event{Kind: StewardAppointed, By: Console, For: home, Data: record.Data(about{Member: handle})})
	return nil
}
