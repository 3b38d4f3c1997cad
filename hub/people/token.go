package people

import (
	"context"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// maxTokens bounds the tokens of one member.
const maxTokens = 20

// token is a row of the private table; its key is the digest of the bearer.
type token struct {
	Member string    `json:"member"`
	Label  string    `json:"label,omitempty"`
	Made   time.Time `json:"made"`
}

// Token is a bearer for scripts as lists show it.
type Token struct {
	ID    string    `json:"id"`
	Label string    `json:"label,omitempty"` // what its owner called it
	Made  time.Time `json:"made"`
}

// Bearer finds who is behind the token of an Authorization header. The token that claim, join and sign-in answered
// works here too, so that a script needs no second step.
//
// Errors: fault SignIn.
func (p *People) Bearer(bearer string) (Visitor, error) {
	key, ok := tokenDigest(bearer)
	if !ok {
		return Visitor{}, sessionEnded()
	}
	var visitor Visitor
	known := false
	err := p.record.Read(func(v record.View) error {
		t, ok := record.Load[token](private(v, "token"), key)
		if !ok {
			return nil
		}
		known = true
		var err error
		visitor, err = p.visitor(v, t.Member)
		return err
	})
	if err == nil && !known {
		visitor, err = p.Session(bearer)
	}
	if err != nil {
		return Visitor{}, err
	}
	visitor.Session, visitor.Bearer = "", true
	return visitor, nil
}

// MakeToken makes a bearer for a member: for oneself, or for anybody at the console. The event says that
// there is one more; its value can be shown again by ShownToken for as long as this process lives.
//
// Errors: fault Denied, TooMany.
func (p *People) MakeToken(ctx context.Context, o Order, handle, label string) (bearer string, r record.Receipt, err error) {
	o = o.keyed()
	label, err = cleanName(label, "label")
	if err != nil {
		return "", r, err
	}
	bearer = newToken(p.derive(o, "token"))
	key, _ := tokenDigest(bearer)
	r, err = p.do(ctx, o, "token", func(v record.View, d *record.Decision) error {
		if o.Actor != Console && o.Actor != handle {
			return fault.New(fault.Denied, "people.not-yours")
		}
		home, _, err := p.Acting(v, handle)
		if err != nil {
			return err
		}
		if len(tokensOf(v, handle)) >= maxTokens {
			return fault.New(fault.TooMany, "people.too-many-tokens", maxTokens)
		}
		d.Append(record.Event{Kind: TokenMade, By: o.Actor, For: home, Data: record.Data(about{Member: handle})})
		keep(d, "token", key, token{Member: handle, Label: label, Made: v.Now()})
		return nil
	})
	if err != nil {
		return "", record.Receipt{}, err
	}
	return bearer, r, nil
}

// ShownToken gives the bearer that the order made once more.
//
// Errors: fault Gone after a restart or once it is revoked.
func (p *People) ShownToken(v record.View, o Order) (string, error) {
	bearer := newToken(p.derive(o, "token"))
	key, _ := tokenDigest(bearer)
	if private(v, "token").Get(key) == nil {
		return "", fault.New(fault.Gone, "people.shown-before")
	}
	return bearer, nil
}

// Tokens lists a member's tokens.
func (p *People) Tokens(v record.View, handle string) []Token {
	out := []Token{}
	for _, key := range tokensOf(v, handle) {
		t, _ := record.Load[token](private(v, "token"), key)
		out = append(out, Token{digestID(key), t.Label, t.Made})
	}
	return out
}

func tokensOf(v record.View, handle string) [][]byte {
	var keys [][]byte
	tokens := private(v, "token")
	for k := range tokens.From(nil) {
		if t, ok := record.Load[token](tokens, k); ok && t.Member == handle {
			keys = append(keys, append([]byte(nil), k...))
		}
	}
	return keys
}

// RevokeToken ends one of the member's own tokens.
//
// Errors: fault NotFound.
func (p *People) RevokeToken(ctx context.Context, o Order, id string) error {
	_, err := p.do(ctx, o, "revoke-token", func(v record.View, d *record.Decision) error {
		for _, key := range tokensOf(v, o.Actor) {
			if digestID(key) == id {
				forget(d, "token", key)
				return nil
			}
		}
		return fault.New(fault.NotFound, "people.no-such-token")
	})
	return err
}
