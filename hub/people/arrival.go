package people

import (
	"context"
	"crypto/sha256"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Newcomer is what whoever claims or joins fills in.
type Newcomer struct {
	Code      string     // of the claim or the invitation
	Household string     // displayed name of the household; only a claim asks for it
	Name      string     // sign-in name: private
	Display   string     // displayed name, "" to be known by the handle alone
	Secret    string     `json:"-"`
	Language  string     // BCP 47, "" for whatever the browser asks for
	Reach     body.Reach // of Display, "" for neighbours
}

// content is the idempotency digest. The portal's digest of the whole form is no use here: kept beside the
// record for a month, it would be a fast hash of the secret, for anyone who gets at the file to guess at.
func (n Newcomer) content() []byte {
	sum := sha256.Sum256(record.Data(n))
	return sum[:]
}

// Welcome is the result of claiming, joining, signing in or recovering.
type Welcome struct {
	Member    string
	Household string
	Language  string
	Token     string     // the session: a cookie, or a bearer
	Ref       record.Ref // the event that made or returned the member
}

// credential is a row of the private table; its key is the handle.
type credential struct {
	SignIn   string `json:"signIn"` // folded
	Secret   lock   `json:"secret"`
	Language string `json:"language,omitempty"`
}

// arrival is a newcomer whose slow work is done: names checked, secret hashed, body sealed, session rolled.
type arrival struct {
	credential
	entrance
	household *body.Sealed
	display   *body.Sealed
	refused   error // found before the hashing; still goes through the record, which may know the form as a repeat
}

// arrive checks a newcomer and does the slow work, unless open says that it would be in vain.
func (p *People) arrive(ctx context.Context, n Newcomer, f From, open func(record.View, string) error) (arrival, error) {
	a := arrival{entrance: newEntrance(f)}
	if err := a.check(n); err != nil {
		return a, err
	}
	a.refused = p.record.Read(func(v record.View) error { return open(v, a.SignIn) })
	if a.refused != nil {
		return a, nil
	}
	var err error
	a.Secret, err = p.secrets.seal(ctx, n.Secret)
	return a, err
}

func (a *arrival) check(n Newcomer) (err error) {
	if a.SignIn, err = foldName(n.Name); err != nil {
		return err
	}
	if err = checkSecret(n.Secret, a.SignIn); err != nil {
		return err
	}
	if a.Language, err = cleanLanguage(n.Language); err != nil {
		return err
	}
	if a.display, err = sealName(n.Display, n.Reach, "display"); err != nil {
		return err
	}
	a.household, err = sealName(n.Household, body.Neighbours, "household")
	return err
}

// sealName makes the body of a displayed name, nil for none.
func sealName(name string, reach body.Reach, field string) (*body.Sealed, error) {
	name, err := cleanName(name, field)
	if err != nil {
		return nil, err
	}
	if reach, err = cleanReach(reach); err != nil || name == "" {
		return nil, err
	}
	return body.Seal([]byte(name), reach), nil
}

// admit writes what lets the member sign in, and begins the first session.
func (a arrival) admit(v record.View, d *record.Decision, handle string) {
	keep(d, "credential", []byte(handle), a.credential)
	d.Keep("people", "sign-in", []byte(a.SignIn), []byte(handle))
	a.begin(v, d, handle)
}

// join appends a new member of a household, with a name if there is one.
func (a arrival) join(v record.View, d *record.Decision, home string) (handle string, err error) {
	if err := roomy(v, "member", mostMembers); err != nil {
		return "", err
	}
	handle = memberHandle(next(v.Table("people", "member"), v.Self()))
	d.Append(record.Event{Kind: MemberJoined, By: handle, For: home, Data: record.Data(about{Member: handle, Household: home})})
	a.name(v, d, handle, home)
	a.admit(v, d, handle)
	return handle, nil
}

func (a arrival) name(v record.View, d *record.Decision, handle, home string) {
	if a.display != nil {
		rename(v, d, handle, home, a.display)
	}
}

// free refuses a sign-in name that another than the given member has. Whoever holds a valid code learns here that a
// name is taken, and nobody else does.
func free(v record.View, signIn, handle string) error {
	owner := private(v, "sign-in").Get([]byte(signIn))
	if owner != nil && string(owner) != handle {
		return fault.New(fault.Conflict, "people.sign-in-name-taken").On("name")
	}
	return nil
}

// welcome reads who has arrived. The session of a repeated form was never kept: it signs in like anybody else, which
// also asks for the secret that content leaves out.
func (p *People) welcome(ctx context.Context, r record.Receipt, n Newcomer, a arrival, f From) (Welcome, error) {
	w := Welcome{Token: a.token, Language: a.Language}
	err := p.record.Read(func(v record.View) error {
		for _, ref := range r.Events {
			e, err := v.Entry(ref.Origin, ref.Index)
			if err != nil {
				return err
			}
			if e.Kind == MemberJoined || e.Kind == MemberReturned {
				w.Member, w.Household, w.Ref = e.By, e.For, ref
			}
		}
		return nil
	})
	if err != nil || !r.Repeat {
		return w, err
	}
	again, err := p.SignIn(ctx, n.Name, n.Secret, f)
	w.Token = again.Token
	return w, err
}
