package people

import (
	"context"
	"crypto/rand"
	"sort"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Sessions last: at 1.6 s for one hash a router cannot ask thirty households for their secrets every week.
const (
	sessionLife = 400 * 24 * time.Hour // since last use; browsers keep no cookie longer
	usedEvery   = 24 * time.Hour       // the last use is written at most this often, to spare the flash
	maxSessions = 20                   // of one member; the one that was used longest ago ends first
)

// session is a row of the private table; its key is the digest of the cookie.
type session struct {
	Member string    `json:"member"`
	Device string    `json:"device,omitempty"`
	Made   time.Time `json:"made"`
	Used   time.Time `json:"used"`
}

func (s session) over(now time.Time) bool { return now.Sub(s.Used) > sessionLife }

// Session is one place where a member is signed in.
type Session struct {
	ID     string    `json:"id"`
	Device string    `json:"device,omitempty"` // "Firefox, Android"; "" when unknown
	Made   time.Time `json:"made"`
	Used   time.Time `json:"used"` // to the day
}

// Session finds who is behind a cookie.
//
// Errors: fault SignIn when it is unknown, over or revoked.
func (p *People) Session(token string) (Visitor, error) {
	key, ok := tokenDigest(token)
	if !ok {
		return Visitor{}, sessionEnded()
	}
	var visitor Visitor
	stale := false
	err := p.record.Read(func(v record.View) error {
		s, ok := record.Load[session](private(v, "session"), key)
		if !ok || s.over(v.Now()) {
			return sessionEnded()
		}
		stale = v.Now().Sub(s.Used) > usedEvery
		var err error
		visitor, err = p.visitor(v, s.Member)
		visitor.Session = digestID(key)
		return err
	})
	if err != nil {
		return Visitor{}, err
	}
	if stale {
		p.touch(key)
	}
	return visitor, nil
}

// visitor reads a member who may act; a session of one who left is over.
func (p *People) visitor(v record.View, handle string) (Visitor, error) {
	home, steward, err := p.Acting(v, handle)
	if err != nil {
		return Visitor{}, sessionEnded()
	}
	c, _ := record.Load[credential](private(v, "credential"), []byte(handle))
	return Visitor{
		Member: handle, Household: home, Steward: steward, Language: c.Language,
		Name: p.NameOf(v, v.Self(), handle, true),
	}, nil
}

// touch notes that a session is in use. Its failure (a full disk, a stopping hub) must not keep anybody from reading, and the next
// request tries again.
func (p *People) touch(key []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	p.do(ctx, Order{}, "touch", func(v record.View, d *record.Decision) error {
		s, ok := record.Load[session](private(v, "session"), key)
		if ok && v.Now().Sub(s.Used) > usedEvery {
			s.Used = v.Now()
			keep(d, "session", key, s)
		}
		return nil
	})
}

// entrance is a session that is about to begin. It is made before the queue, since a judge may not roll dice.
type entrance struct {
	token  string
	key    []byte
	device string
}

func newEntrance(f From) entrance {
	e := entrance{token: newToken(rand.Reader), device: device(f.Device)}
	e.key, _ = tokenDigest(e.token)
	return e
}

// begin opens the session, and closes those of the member that are over or too many.
func (e entrance) begin(v record.View, d *record.Decision, handle string) {
	keep(d, "session", e.key, session{Member: handle, Device: e.device, Made: v.Now(), Used: v.Now()})
	mine := sessionsOf(v, handle)
	for i, s := range mine {
		if i >= maxSessions-1 || s.over(v.Now()) {
			forget(d, "session", s.key)
		}
	}
}

// keyed is a session with its key.
type keyedSession struct {
	session
	key []byte
}

// sessionsOf lists a member's sessions, last used first. It reads them all: a block has a few hundred.
func sessionsOf(v record.View, handle string) []keyedSession {
	var mine []keyedSession
	t := private(v, "session")
	for k := range t.From(nil) {
		if s, ok := record.Load[session](t, k); ok && s.Member == handle {
			mine = append(mine, keyedSession{s, append([]byte(nil), k...)})
		}
	}
	sort.SliceStable(mine, func(i, j int) bool { return mine[i].Used.After(mine[j].Used) })
	return mine
}

// Sessions lists where a member is signed in, last used first.
func (p *People) Sessions(v record.View, handle string) []Session {
	out := []Session{}
	for _, s := range sessionsOf(v, handle) {
		if !s.over(v.Now()) {
			out = append(out, Session{digestID(s.key), s.Device, s.Made, s.Used})
		}
	}
	return out
}

// Revoke ends one of the member's own sessions.
//
// Errors: fault NotFound.
func (p *People) Revoke(ctx context.Context, o Order, id string) error {
	_, err := p.do(ctx, o, "revoke", func(v record.View, d *record.Decision) error {
		for _, s := range sessionsOf(v, o.Actor) {
			if digestID(s.key) == id {
				forget(d, "session", s.key)
				return nil
			}
		}
		return fault.New(fault.NotFound, "people.no-such-session")
	})
	return err
}

func sessionEnded() error { return fault.New(fault.SignIn, "people.session-ended") }
