// Package callout is the pots and pans of the block: urgent notices that reach every screen here and at neighbouring hubs within
// seconds, for a few hours. Their life follows the OASIS Common Alerting Protocol 1.2 (alert, update, cancel, expires; exercises are
// marked): an update never edits, it says more, and what was said before stays readable.
//
// # Events (all of version 1; a citation is {"origin", "leaf"})
//
//	callout.raised    {urgency, severity, expires, lang?, exercise?}           body: the words as plain text, reach neighbours or far
//	callout.updated   {callout: leaf, urgency, severity, expires, lang?}       body: the new words, same reach
//	callout.cancelled {callout: leaf}                                          it was a mistake
//	callout.resolved  {callout: leaf}                                          it is over
//	callout.seen      {about: citation}                                        in the record of the member's own hub
//	callout.coming    {about: citation}
//	callout.blocked   {hub, member?}                                           our stewards want to hear no more from there
//	callout.unblocked {hub, member?}
//
// Who may raise, and how often, is asked before the record; the numbers are also rules of version 1, so that a hub that does not
// ask its own members cannot shout at others: what is too much is void everywhere.
//
// # Twice on the way
//
// The event travels by the mirror like any other. Beside it goes a message (message.go) that holds all of it, words included, signed by
// the author's hub: over the mesh and by POST /callouts/relay. Whoever pinned that hub's key shows it at once, marked as not yet in
// the record, and tells it on. Event and message have the same leaf hash, so it does not matter which comes first, or how often.
// Messages are kept in memory alone: after a power cut the neighbours have them still, and the record will.
//
// A call-out is told openly to whoever is in reach of the radio. Its reach says how its words travel by the record.
//
// # Tables (bucket "callout"; an id is an ID, numbers are 8 bytes big-endian, times are milliseconds since 1970)
//
//	call     id -> call (JSON)
//	index    end, id -> {}                   what ends, or ended, last comes last
//	daily    hub, 0, at, id -> e or r, member   exercises and real ones, for the limits
//	follow   id, 0, id of the event -> {}    updates, cancellations and resolutions that the record has, void ones included
//	answer   id, 0, hub, member -> flags     who saw it and who is coming
//	blocked  hub, 0, member -> {}            by our stewards; no member is the whole hub
//	lodger   at, id of the event -> leaf     words of other hubs that are here
package callout

import (
	"crypto/ed25519"
	"sync"
	"time"

	"commonhub/hub/deed"
	"commonhub/hub/record"
)

// Members is what call-outs must know about people.
type Members interface {
	deed.Members
	// NameOf gives a display name, "" if it is erased or may not be read; known tells that the reader is a member of this hub.
	NameOf(v record.View, o record.Origin, member string, known bool) string
}

// Hubs is what call-outs must know about other hubs.
type Hubs interface {
	HubName(v record.View, o record.Origin) string
	// AcceptedKeys are the keys that may sign for a hub that we accepted, two while it changes them; none for any other hub.
	AcceptedKeys(o record.Origin) []ed25519.PublicKey
}

// Options are what the service needs from its hub; all but Zone are required.
type Options struct {
	Members Members
	Hubs    Hubs
	// Spread tells a message to every hub in reach, also by POST to path, and to those who come later until it is over. It must not block.
	Spread func(path string, message []byte, until time.Time)
	Zone   *time.Location // of times that are shown; nil is the machine's zone
}

// Service is the call-outs of a hub. It satisfies record.Service; Open gives it the record before the first command.
type Service struct {
	o      Options
	record *record.Record
	relay  *relay
	touch  func() // tells the portal that something came by message

	hearing sync.Mutex // one message at a time: the limits count those before it
}

// New makes the service.
func New(o Options) *Service {
	if o.Zone == nil {
		o.Zone = time.Local
	}
	return &Service{o: o, relay: newRelay(), touch: func() {}}
}

// Open hands over the record after it opened.
func (s *Service) Open(r *record.Record) { s.record = r }

// Name is the bucket of the tables.
func (s *Service) Name() string { return service }

// Prefixes are the kinds that the service reads, of every origin.
func (s *Service) Prefixes() []string { return []string{service} }

// Version is of the tables: raise it when Apply or Words change what they write.
func (s *Service) Version() int { return 1 }

// Due is empty: nobody owes an answer to a call-out.
func (s *Service) Due(v record.View) *record.Decision { return v.Decide() }

const service = "callout"
