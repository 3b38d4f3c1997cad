package people

// Visitor is whoever sent a request: a guest when Member is "", otherwise the member behind a session or a bearer token.
type Visitor struct {
	Member    string // handle, such as "m19"; "" for a guest
	Household string // handle, such as "h7"
	Name      string // display name, "" when erased
	Steward   bool
	Language  string // BCP 47 tag that the member chose, "" for whatever the browser asks for
	Session   string // id of the session for lists and form tokens, "" for a guest and for a bearer; never the cookie itself
	Bearer    bool   // signed in with a token for scripts
}

// Known tells a member from a guest.
func (v Visitor) Known() bool { return v.Member != "" }
