package people

import (
	"context"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// SignIn opens a session. An unknown name costs the same attempts and the same work as a wrong secret, and says the same.
//
// Errors: fault SignIn (the pair is wrong), TooMany, Unavailable.
func (p *People) SignIn(ctx context.Context, name, secret string, f From) (Welcome, error) {
	handle, c, err := p.prove(ctx, name, secret, f)
	if err != nil {
		return Welcome{}, err
	}
	e := newEntrance(f)
	w := Welcome{Member: handle, Language: c.Language, Token: e.token}
	_, err = p.do(ctx, Order{}, "sign-in", func(v record.View, d *record.Decision) error {
		if now, _ := record.Load[credential](private(v, "credential"), []byte(handle)); !now.Secret.same(c.Secret) {
			return wrongPair() // replaced while we were hashing
		}
		m, ok := loadMember(v, v.Self(), handle)
		if !ok || !m.Left.IsZero() {
			return wrongPair()
		}
		w.Household, w.Ref = m.Household, m.ref(v.Self())
		e.begin(v, d, handle)
		return nil
	})
	if err != nil {
		return Welcome{}, err
	}
	return w, nil
}

// prove finds the member whose name and secret these are.
func (p *People) prove(ctx context.Context, name, secret string, f From) (string, credential, error) {
	folded, err := foldName(name)
	if err != nil {
		return "", credential{}, err
	}
	if err := p.attempt(folded, f); err != nil {
		return "", credential{}, err
	}
	handle, c, err := p.credentialOf(folded)
	if err != nil {
		return "", credential{}, err
	}
	if len(secret) > maxSecret {
		secret = "" // none is that long; the work is done all the same
	}
	ok, err := p.secrets.opens(ctx, c.Secret, secret)
	if err != nil {
		return "", credential{}, err
	}
	if !ok {
		return "", credential{}, wrongPair()
	}
	return handle, c, nil
}

// attempt spends one attempt of the address and one of the name.
func (p *People) attempt(folded string, f From) error {
	if err := p.addresses.take(f.Address); err != nil {
		return err
	}
	return p.names.take(folded)
}

// credentialOf finds whom a sign-in name belongs to; the zero credential for nobody, whose lock never opens.
func (p *People) credentialOf(folded string) (handle string, c credential, err error) {
	err = p.record.Read(func(v record.View) error {
		handle = string(private(v, "sign-in").Get([]byte(folded)))
		c, _ = record.Load[credential](private(v, "credential"), []byte(handle))
		return nil
	})
	return handle, c, err
}

func wrongPair() error { return fault.New(fault.SignIn, "people.sign-in-wrong").On("secret") }
