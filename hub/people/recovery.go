package people

import (
	"context"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// cardSize is the number of one-time codes on a recovery card.
const cardSize = 10

// recoveryKey is the handle, a slash (which no handle has) and the digest of the code.
func recoveryKey(handle, code string) []byte {
	return append([]byte(handle+"/"), codeDigest("recovery", code)...)
}

// MakeCard makes a member's recovery card and voids the one before.
//
// Errors: fault Denied.
func (p *People) MakeCard(ctx context.Context, o Order) ([]string, error) {
	o = o.keyed()
	codes := p.card(o)
	_, err := p.do(ctx, o, "card", func(v record.View, d *record.Decision) error {
		if _, _, err := p.Acting(v, o.Actor); err != nil {
			return err
		}
		forgetCard(v, d, o.Actor)
		for _, code := range codes {
			keep(d, "recovery", recoveryKey(o.Actor, code), true)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

func (p *People) card(o Order) []string {
	random := p.derive(o, "card")
	codes := make([]string, cardSize)
	for i := range codes {
		codes[i] = Spoken(newCode(random, recoverySigns))
	}
	return codes
}

// ShownCard gives the card that an order made once more.
//
// Errors: fault Gone once a code of it is used, another card is made, or after a restart.
func (p *People) ShownCard(v record.View, o Order) ([]string, error) {
	codes := p.card(o)
	for _, code := range codes {
		if private(v, "recovery").Get(recoveryKey(o.Actor, code)) == nil {
			return nil, fault.New(fault.Gone, "people.shown-before")
		}
	}
	return codes, nil
}

// CodesLeft is the number of unused codes on a member's card, 0 without one.
func (p *People) CodesLeft(v record.View, handle string) int {
	left := 0
	for range private(v, "recovery").Prefix([]byte(handle + "/")) {
		left++
	}
	return left
}

func forgetCard(v record.View, d *record.Decision, handle string) {
	for k := range private(v, "recovery").Prefix([]byte(handle + "/")) {
		forget(d, "recovery", append([]byte(nil), k...))
	}
}

// Recover replaces a lost secret by a code of the recovery card. It ends all sessions; tokens and the other codes stay. The work
// and the answer are the same whatever was wrong.
//
// Errors: fault Invalid, SignIn (the pair is wrong), TooMany, Unavailable.
func (p *People) Recover(ctx context.Context, name, code, secret string, f From) (Welcome, error) {
	folded, err := foldName(name)
	if err != nil {
		return Welcome{}, err
	}
	if err := checkSecret(secret, folded); err != nil {
		return Welcome{}, err
	}
	if err := p.attempt(folded, f); err != nil {
		return Welcome{}, err
	}
	fresh, err := p.secrets.seal(ctx, secret)
	if err != nil {
		return Welcome{}, err
	}
	e := newEntrance(f)
	w := Welcome{Token: e.token}
	r, err := p.do(ctx, Order{}, "recover", func(v record.View, d *record.Decision) error {
		return p.recovered(v, d, folded, code, fresh, e, &w)
	})
	if err != nil {
		return Welcome{}, err
	}
	w.Ref = r.First()
	return w, nil
}

func (p *People) recovered(v record.View, d *record.Decision, folded, code string, fresh lock, e entrance, w *Welcome) error {
	handle := string(private(v, "sign-in").Get([]byte(folded)))
	c, ok := record.Load[credential](private(v, "credential"), []byte(handle))
	key := recoveryKey(handle, code)
	home, _, err := p.Acting(v, handle)
	if !ok || err != nil || private(v, "recovery").Get(key) == nil {
		return fault.New(fault.SignIn, "people.recovery-wrong").On("code")
	}
	forget(d, "recovery", key)
	endSessions(v, d, handle, "")
	c.Secret = fresh
	keep(d, "credential", []byte(handle), c)
	d.Append(record.Event{Kind: MemberReturned, By: handle, For: home, Data: record.Data(about{Member: handle, Way: ByRecovery})})
	e.begin(v, d, handle)
	w.Member, w.Household, w.Language = handle, home, c.Language
	return nil
}
