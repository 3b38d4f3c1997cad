package record

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// Service derives one view from the events whose kinds have its prefixes, of every origin.
//
// Apply must be a pure function of the entry and the service's own tables: no clock, no settings, no bodies, no members. It may not refuse:
// an event that breaks a rule is void in the view, because two hubs that hold one record must show one truth. Its error means that
// storage failed. Words is told when a body arrives or goes. Due names the answers that the view owes, as events of the hub.
type Service interface {
	Name() string
	Prefixes() []string
	Version() int
	Apply(e Edit, entry Entry) error
	Words(e Edit, entry Entry, b body.Body) error
	Due(v View) *Decision
}

// Options are what a record needs from its hub.
type Options struct {
	Services []Service
	Now      func() time.Time
	Log      *slog.Logger
	// Held keeps the writer from appending until Release; see Heal.
	Held bool
	// Progress hears how far a rebuild is: entries done and all of them.
	Progress func(done, all uint64)
}

// Record is the open record. Its methods are safe for concurrent use.
type Record struct {
	db   *store.DB
	o    Options
	self Origin
	ring atomic.Pointer[ring]

	queue       chan *job
	alone       chan func() // what the writer does between two transactions; see Mend
	closing     chan struct{}
	stopped     chan struct{}
	closeOnce   sync.Once
	gate        chan struct{} // closed once the writer may append
	releaseOnce sync.Once
	parked      []*job                      // the writer's: commands that wait for Release
	refusal     atomic.Pointer[fault.Fault] // why nothing may be appended, nil if it may
	usualGC     int                         // the writer's: what hurry changed, 0 = nothing
	generation  atomic.Uint64
	published   atomic.Pointer[Checkpoint]
	watchers    watchers
}

// Open checks that what is stored agrees with itself, brings views up to date and starts the writer. A new file gets a key and an
// empty, signed record. The caller closes the record before the store.
func Open(db *store.DB, o Options) (*Record, error) {
	r := &Record{db: db, o: o, queue: make(chan *job, 256), alone: make(chan func()), closing: make(chan struct{}), stopped: make(chan struct{}), gate: make(chan struct{})}
	if r.o.Now == nil {
		r.o.Now = time.Now
	}
	if r.o.Log == nil {
		r.o.Log = slog.New(slog.DiscardHandler)
	}
	if r.o.Progress == nil {
		r.o.Progress = func(done, all uint64) {}
	}
	for _, step := range []func() error{r.loadKey, r.prepare, r.redo, r.check, r.renew} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if !r.o.Held {
		r.Release()
	}
	go r.write()
	return r, nil
}

// prepare makes the buckets and, in a new file, signs the empty record.
func (r *Record) prepare() error {
	ready := false
	err := r.db.View(func(tx *bbolt.Tx) error {
		l, err := openLog(tx, r.self)
		ready = err == nil && l.hot.Get(checkpointKey) != nil
		return nil
	})
	if err != nil || ready {
		return err
	}
	return r.db.Update(func(tx *bbolt.Tx) error {
		if err := body.Prepare(tx); err != nil {
			return err
		}
		l, err := makeLog(tx, r.self)
		if err != nil || l.hot.Get(checkpointKey) != nil {
			return err
		}
		_, err = r.sign(l)
		return err
	})
}

// sign stores the checkpoint of our log as it is in this transaction.
func (r *Record) sign(l *log) (Checkpoint, error) {
	c, err := signCheckpoint(r.self, &l.tree, r.ring.Load().signers)
	if err != nil {
		return c, err
	}
	return c, l.hot.Put(checkpointKey, c.Note)
}

// Close lets the writer finish what is queued and stops it.
func (r *Record) Close() error {
	r.closeOnce.Do(func() { close(r.closing) })
	<-r.stopped
	return nil
}

// Self is our own origin.
func (r *Record) Self() Origin { return r.self }

// Key is the key that signs our checkpoints: the old one while two of them do, because everybody knows that.
func (r *Record) Key() ed25519.PrivateKey { return r.ring.Load().key }

// Verifier checks our own checkpoints, by the same key.
func (r *Record) Verifier() note.Verifier { return r.ring.Load().own }

// Verifiers are all keys that sign our checkpoints: two during an overlap.
func (r *Record) Verifiers() note.Verifiers { return r.ring.Load().known }

// Size is the number of our events that are durable.
func (r *Record) Size() uint64 { return r.Checkpoint().Size }

// Checkpoint is our last durable checkpoint.
func (r *Record) Checkpoint() Checkpoint { return *r.published.Load() }

// Generation grows with every commit that changed a view or a body: what was rendered before it may be stale.
func (r *Record) Generation() uint64 { return r.generation.Load() }

// Read runs fn on one consistent state.
func (r *Record) Read(fn func(v View) error) error {
	given := r.published.Load() // before the transaction begins, which therefore holds all of it
	return r.db.View(func(tx *bbolt.Tx) error {
		v := View{tx: tx, self: r.self, given: given}
		l, err := openLog(tx, r.self)
		if err != nil {
			return err
		}
		v.now = r.instant(l.last)
		return fn(v)
	})
}

// instant is now in whole milliseconds, and later than the last event of ours.
func (r *Record) instant(last time.Time) time.Time {
	now := r.o.Now().UTC().Truncate(time.Millisecond)
	if !now.After(last) {
		return last.Add(time.Millisecond)
	}
	return now
}

// Command asks for a change.
type Command struct {
	Actor string // handle of who asks; "" is the hub itself
	// Route, Key and Content make a repeated form harmless: the same key and content give the first result again, the same key with
	// other content is a conflict. Without a Key every call counts.
	Route   string
	Key     string
	Content []byte
	// Judge decides from the views, which show the commands before it. It is pure and may run twice.
	Judge func(v View) (*Decision, error)
}

// Receipt names the events that a command made.
type Receipt struct {
	Events []Ref
	Repeat bool // the result of an earlier command with the same key
}

// First is the first event of the command, the zero Ref if it made none.
func (r Receipt) First() Ref {
	if len(r.Events) == 0 {
		return Ref{}
	}
	return r.Events[0]
}

// Do queues a command and returns when its events are durable or its judge has refused. If ctx ends first the command may still
// happen: that is what Command.Key is for.
func (r *Record) Do(ctx context.Context, c Command) (Receipt, error) {
	return r.submit(ctx, commandJob(ctx, c))
}

func commandJob(ctx context.Context, c Command) *job {
	return &job{ctx: ctx, done: make(chan struct{}), redoable: true, run: func(w *writer) (Receipt, error) { return w.command(c) }}
}

func (r *Record) submit(ctx context.Context, j *job) (Receipt, error) {
	select {
	case r.queue <- j:
	case <-r.closing:
		return Receipt{}, fault.New(fault.Unavailable, "record.closing")
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	}
	select {
	case <-j.done:
		return j.receipt, j.err
	case <-r.stopped:
		// The writer may have finished this job as its last; if not, nothing happened.
		select {
		case <-j.done:
			return j.receipt, j.err
		default:
			return Receipt{}, fault.New(fault.Unavailable, "record.closing")
		}
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	}
}
