package ledger

import (
	"crypto/ed25519"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/deed"
	"commonhub/hub/photo"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// Members is what the ledger must know about people.
type Members interface {
	deed.Members
	// NameOf gives a member's or household's display name, "" if it is erased or may not be read; known tells that the reader is a member.
	NameOf(v record.View, o record.Origin, handle string, known bool) string
	// HasHousehold tells whether a handle is that of a household of ours.
	HasHousehold(v record.View, handle string) bool
	// HouseholdHandles lists the handles of our households in their order.
	HouseholdHandles(v record.View) []string
}

// Hubs is what the ledger must know about other hubs.
type Hubs interface {
	HubName(v record.View, o record.Origin) string
	// AcceptedKeys are the keys that may sign for a hub that we accepted, none for any other.
	AcceptedKeys(o record.Origin) []ed25519.PublicKey
}

// Options are what the service needs from its hub; Members and Hubs are required.
type Options struct {
	Members Members
	Hubs    Hubs
	// PictureMemory bounds what decoding one receipt may take, in bytes; 0 is 64 MiB.
	PictureMemory int64
	Zone          *time.Location // of times and days that are shown; nil is the machine's zone
}

// Service is the ledger of a hub. It satisfies record.Service; Open gives it the record before the first command.
type Service struct {
	o        Options
	record   *record.Record
	darkroom *photo.Darkroom
}

// New makes the service.
func New(o Options) *Service {
	if o.Zone == nil {
		o.Zone = time.Local
	}
	return &Service{o: o, darkroom: photo.NewDarkroom(o.PictureMemory)}
}

// Open hands over the record after it opened.
func (s *Service) Open(r *record.Record) { s.record = r }

// Name is the bucket of the tables.
func (s *Service) Name() string { return service }

// Prefixes are the kinds that the service reads, of every origin.
func (s *Service) Prefixes() []string { return []string{service} }

// Version is of the tables: raise it when Apply changes what it writes.
func (s *Service) Version() int { return 1 }

// Words is for what words change in tables: nothing. Pages read them where they lie.
func (s *Service) Words(record.Edit, record.Entry, body.Body) error { return nil }

// Apply brings one event into the books. Other hubs' books are theirs, and an auditor replays those: of their records we keep what
// they say about lines with us.
func (s *Service) Apply(e record.Edit, n record.Entry) error {
	if n.Origin != e.Self() {
		return applyTheirs(e, n)
	}
	b := book.On(writing(e))
	void, err := b.Enter(n)
	if void != nil || err != nil {
		return err
	}
	return settleDue(e, b, n)
}

// Check adds all balances up at the start: they make zero in every unit, or something else than us wrote to the file.
func (s *Service) Check(v record.View) error { return booksOf(v).Check() }

const service = "ledger"
