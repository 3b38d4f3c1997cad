package people

import (
	"context"
	"crypto/rand"
	"iter"
	"time"

	"commonhub/hub/record"
)

// People is the service of households and members, and the only judge of who a visitor is.
// Its commands may be called from any goroutine once Open has handed over the record.
type People struct {
	record    *record.Record
	owners    []Owner
	secrets   *secrets
	addresses *limits
	names     *limits
	seed      [32]byte // codes are derived from it, see Order.derive; it dies with the process
}

// Owner is a service whose entries hide their author in the body, so that `by` alone does not find what is a member's.
type Owner interface {
	// Mine yields the indexes in our own record of entries that are the member's.
	Mine(v record.View, member string) iter.Seq[uint64]
}

// Options are what the house knows and this package does not.
type Options struct {
	Owners []Owner
}

// Limits on attempts. A name allows three a minute in the long run: against secrets of eight characters that is
// nothing, and a person who mistypes does not notice. An address allows far more, since a whole block may stand behind one
// router's address; there it is the single-file queue of argon2 that slows a flood down.
const (
	nameBurst    = 10
	nameEvery    = 20 * time.Second
	addressBurst = 60
	addressEvery = time.Second
)

// New makes the service; it needs Open before any command.
func New() *People {
	p := &People{
		secrets:   newSecrets(),
		addresses: newLimits(addressEvery, addressBurst),
		names:     newLimits(nameEvery, nameBurst),
	}
	rand.Read(p.seed[:])
	return p
}

// Open hands over the record, which can only be opened with its services at hand.
func (p *People) Open(r *record.Record, o Options) { p.record, p.owners = r, o.Owners }

// From is where a request came from.
type From struct {
	Address string // IP address without port
	Device  string // the User-Agent header as sent; only a coarse label of it is kept
}

// Name is the service's own name, that of its tables; for a member's see NameOf.
func (p *People) Name() string { return "people" }

// Prefixes are the kinds that reach Apply, of all origins.
func (p *People) Prefixes() []string {
	return []string{"household", "member", "steward", "claim", "invitation", "token"}
}

// Version is that of the view's rules and tables.
func (p *People) Version() int { return 1 }

// Due is empty: nobody here answers another hub's events.
func (p *People) Due(v record.View) *record.Decision { return v.Decide() }

// do runs a command of a signed-in member, a steward or the console.
func (p *People) do(ctx context.Context, o Order, route string, judge func(record.View, *record.Decision) error) (record.Receipt, error) {
	return p.record.Do(ctx, record.Command{
		Actor: o.Actor, Route: "people." + route, Key: o.Key, Content: o.Content,
		Judge: func(v record.View) (*record.Decision, error) {
			d := v.Decide()
			if err := judge(v, d); err != nil {
				return nil, err
			}
			return d, nil
		},
	})
}

// keep writes a value as JSON into a private table of this service.
func keep(d *record.Decision, table string, key []byte, value any) {
	d.Keep("people", table, key, record.Data(value))
}

func forget(d *record.Decision, table string, key []byte) { d.Forget("people", table, key) }

func private(v record.View, table string) record.Table { return v.Private("people", table) }
