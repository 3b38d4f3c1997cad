package mirror

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// bodyBatch is how many wanted bodies one round looks at.
const bodyBatch = 256

// errHurry ends the fetching of bodies before all were asked for: there is something newer to read first.
var errHurry = errors.New("something newer is to be read")

// errands is one round of fetching bodies from a source, several at once.
type errands struct {
	s       *source
	closed  atomic.Bool // it gives us nothing that is for its neighbours
	waiting atomic.Int64
	got     atomic.Int64
	over    atomic.Pointer[error] // why no more may come today

	mu    sync.Mutex // owns nonce
	nonce string
}

// fetchBodies asks for every body that was promised and that we lack, and counts those that it will not give us: they are asked for again at
// the next pull, because it may accept us tomorrow. Bodies of the newest entries, from index fresh on, come first. A long list takes many
// rounds, and errHurry ends it where the neighbour has something newer.
func (s *source) fetchBodies(ctx context.Context, fresh uint64) (waiting, got int, err error) {
	if !s.m.o.Reserve() {
		return 0, 0, fault.New(fault.Full, "mirror.no-room")
	}
	e := &errands{s: s}
	newest, err := s.fresh(fresh)
	if err == nil {
		err = e.run(ctx, newest)
	}
	e.waiting.Store(0) // the newest are among all, and counted there
	for from := (record.Hash{}); err == nil; {
		var wanted []record.Entry
		if wanted, err = s.wanted(from); err != nil || len(wanted) == 0 {
			break
		}
		from = wanted[len(wanted)-1].Leaf
		err = e.run(ctx, wanted)
		if over := e.over.Load(); err == nil && over != nil {
			err = *over
		}
		if err == nil && len(wanted) == bodyBatch && s.hurry() {
			err = errHurry
		}
	}
	return int(e.waiting.Load()), int(e.got.Load()), err
}

// run fetches the bodies of some entries, over at most so many connections, and stops at the first error.
func (e *errands) run(ctx context.Context, entries []record.Entry) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan record.Entry, len(entries))
	for _, entry := range entries {
		todo <- entry
	}
	close(todo)
	var fetching sync.WaitGroup
	for range min(connections, len(entries)) {
		fetching.Go(func() {
			for entry := range todo {
				if ctx.Err() != nil {
					return
				}
				if err := e.one(ctx, entry); err != nil {
					cancel(err)
				}
			}
		})
	}
	fetching.Wait()
	return context.Cause(ctx)
}

// one fetches one body. That it is refused is no error.
func (e *errands) one(ctx context.Context, entry record.Entry) error {
	s := e.s
	own := s.origin.ID() == s.id || s.origin == s.m.o.Record.Self()
	if entry.Reach == body.Neighbours && (e.closed.Load() || !own) {
		e.waiting.Add(1)
		return nil
	}
	if over := s.m.claimBody(s.origin); over != nil {
		e.over.CompareAndSwap(nil, &over) // those on their way may come
		e.waiting.Add(1)
		return nil
	}
	err := e.fetch(ctx, entry)
	if err != nil {
		s.m.returnBody(s.origin)
	}
	if code, ok := errors.AsType[statusError](err); ok {
		if code == http.StatusForbidden || code == http.StatusUnauthorized {
			e.closed.Store(true)
		}
		e.waiting.Add(1)
		return nil
	}
	return err
}

// fetch asks for one body, signing the request once the hub has given a nonce. What its author no longer has is lost; what somebody
// else does not have may come from another.
func (e *errands) fetch(ctx context.Context, entry record.Entry) error {
	s := e.s
	path := "/body/" + s.origin.Hex() + "/" + record.Hex(entry.Leaf)
	a, err := s.ask(ctx, entry, path, e.held())
	if code, ok := errors.AsType[statusError](err); ok && code == http.StatusUnauthorized && a.head.Get(nonceHeader) != "" {
		a, err = s.ask(ctx, entry, path, e.hold(a.head.Get(nonceHeader)))
	}
	if code, ok := errors.AsType[statusError](err); ok && (code == http.StatusNotFound || code == http.StatusGone) && s.origin.ID() == s.id {
		s.m.returnBody(s.origin)
		return s.m.o.Record.Lose(ctx, entry)
	}
	if err != nil {
		return err
	}
	if len(a.data) < body.SaltSize {
		return fault.New(fault.Invalid, "record.other-body")
	}
	e.got.Add(1)
	s.m.spend(s.origin, Usage{Bytes: uint64(len(a.data))})
	return s.m.o.Record.Shelve(ctx, entry, [body.SaltSize]byte(a.data), a.data[body.SaltSize:])
}

func (e *errands) held() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.nonce
}

func (e *errands) hold(nonce string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.nonce = nonce
	return nonce
}

func (s *source) ask(ctx context.Context, e record.Entry, path, nonce string) (answer, error) {
	head := http.Header{}
	if nonce != "" && e.Reach == body.Neighbours {
		req, err := http.NewRequest(http.MethodGet, s.url+path, nil)
		if err != nil {
			return answer{}, err
		}
		sign(req, s.m.o.Record.Key(), s.m.o.Record.Self(), record.OriginFor(s.id), nonce)
		head = req.Header
	}
	return s.m.get(ctx, s.url+path, body.MaxSize+body.SaltSize, head)
}

func (s *source) wanted(after record.Hash) (wanted []record.Entry, err error) {
	err = s.m.o.Record.Read(func(v record.View) error {
		wanted, err = v.Wanted(s.origin, after, bodyBatch)
		return err
	})
	return wanted, err
}

// fresh are the entries from an index on whose bodies are wanted, if they are few.
func (s *source) fresh(from uint64) (wanted []record.Entry, err error) {
	err = s.m.o.Record.Read(func(v record.View) error {
		if size := v.Size(s.origin); size == from || size-from > bundleSize {
			return nil
		}
		for e, err := range v.Entries(s.origin, from) {
			if err != nil {
				return err
			}
			if e.Event.Body != "" && v.Body(e.Origin, e.Leaf).State == body.NotFetched {
				wanted = append(wanted, e)
			}
		}
		return nil
	})
	return wanted, err
}

// hurry tells whether the neighbour's puller has been woken meanwhile.
func (s *source) hurry() bool {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	h := s.m.hubs[s.id]
	return h != nil && len(h.wake) > 0
}
