// Package fault is the one error that a person may see.
//
// A command that refuses returns a *Fault: a Kind that decides the HTTP status and what may be done about it, a message
// key with arguments that every language can speak, the form field it belongs to, and the cause, which goes to the log
// and never to a browser. Any other error is an accident: Of turns it into a Fault of kind Internal.
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind says what sort of refusal this is; it alone decides how the portal answers.
type Kind string

const (
	Invalid     Kind = "invalid"     // what was sent breaks a rule: 422, the form comes back filled in
	NotFound    Kind = "not-found"   // 404
	SignIn      Kind = "sign-in"     // somebody must sign in first: 401
	Denied      Kind = "denied"      // signed in, but not entitled: 403
	Conflict    Kind = "conflict"    // somebody else was first, or a key was used for other content: 409
	Gone        Kind = "gone"        // used up, erased or expired: 410
	TooLarge    Kind = "too-large"   // 413
	TooMany     Kind = "too-many"    // a rate or a quota is reached: 429
	Internal    Kind = "internal"    // an accident on our side: 500
	Unavailable Kind = "unavailable" // busy or stopping, try again: 503
	Full        Kind = "full"        // no room on the disk: 507
)

var statuses = map[Kind]int{
	Invalid: http.StatusUnprocessableEntity, NotFound: http.StatusNotFound, SignIn: http.StatusUnauthorized,
	Denied: http.StatusForbidden, Conflict: http.StatusConflict, Gone: http.StatusGone,
	TooLarge: http.StatusRequestEntityTooLarge, TooMany: http.StatusTooManyRequests,
	Internal: http.StatusInternalServerError, Unavailable: http.StatusServiceUnavailable,
	Full: http.StatusInsufficientStorage,
}

// Status is the HTTP status that answers a fault of this kind.
func (k Kind) Status() int {
	if s, ok := statuses[k]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// Fault is a refusal in terms that a reader's language can express.
type Fault struct {
	Kind  Kind
	Key   string // message key in the catalogues, such as "notice.title-missing"
	Args  []any  // arguments of the message, in order
	Field string // name of the form field that it belongs to, "" for the whole form
	See   string // path of the thing in the way (an earlier result, the winner), "" if there is none
	Cause error  // for the operator's log only
}

// New makes a fault; key names a sentence of the catalogues.
func New(kind Kind, key string, args ...any) *Fault {
	return &Fault{Kind: kind, Key: key, Args: args}
}

// On returns the fault as belonging to a form field.
func (f *Fault) On(field string) *Fault {
	c := *f
	c.Field = field
	return &c
}

// Seeing returns the fault with a link to the thing in the way.
func (f *Fault) Seeing(path string) *Fault {
	c := *f
	c.See = path
	return &c
}

// Because returns the fault with its cause, which is logged and never shown.
func (f *Fault) Because(cause error) *Fault {
	c := *f
	c.Cause = cause
	return &c
}

// Error is for the operator; people read the sentence behind Key.
func (f *Fault) Error() string {
	s := fmt.Sprintf("%s: %s", f.Kind, f.Key)
	if len(f.Args) > 0 {
		s += fmt.Sprintf(" %v", f.Args)
	}
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap gives errors.Is and errors.As the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Of finds the fault in err, or wraps an accident as Internal. err must not be nil.
func Of(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return New(Internal, "fault.internal").Because(err)
}

// Is tells whether err is a fault of this kind.
func Is(err error, kind Kind) bool {
	f, ok := errors.AsType[*Fault](err)
	return ok && f.Kind == kind
}
