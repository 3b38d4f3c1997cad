package mirror

import (
	"context"
	"errors"
	"net/http"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// bodyBatch is how many wanted bodies one pass looks at.
const bodyBatch = 256

// fetchBodies asks the author's hub for every body that it promised and we lack, and counts those that it will not give us. They are
// asked for again at the next pull: it may accept us tomorrow.
func (s *source) fetchBodies(ctx context.Context) (waiting int, err error) {
	if !s.m.o.Reserve() {
		return 0, fault.New(fault.Full, "mirror.no-room")
	}
	nonce, closed := "", false
	for from := (record.Hash{}); ; {
		wanted, err := s.wanted(from)
		if err != nil || len(wanted) == 0 {
			return waiting, err
		}
		for _, e := range wanted {
			from = e.Leaf
			if (closed || s.origin.ID() != s.id && s.origin != s.m.o.Record.Self()) && e.Reach == body.Neighbours {
				waiting++
				continue
			}
			err := s.fetchBody(ctx, e, &nonce)
			if code, ok := errors.AsType[statusError](err); ok {
				closed = closed || code == http.StatusForbidden || code == http.StatusUnauthorized
				waiting++
				continue
			}
			if err != nil {
				return waiting, err
			}
		}
	}
}

// moveOut drops bodies of others that have had their time.
func (m *Mirror) moveOut(ctx context.Context) error {
	if m.o.Stale == nil {
		return nil
	}
	var stale []record.Entry
	err := m.o.Record.Read(func(v record.View) error {
		for _, ref := range m.o.Stale(v) {
			e, err := v.Entry(ref.Origin, ref.Index)
			if err != nil {
				return err
			}
			stale = append(stale, e)
		}
		return nil
	})
	for _, e := range stale {
		if err := m.o.Record.Lose(ctx, e); err != nil {
			return err
		}
	}
	return err
}

func (s *source) wanted(after record.Hash) (wanted []record.Entry, err error) {
	err = s.m.o.Record.Read(func(v record.View) error {
		wanted, err = v.Wanted(s.origin, after, bodyBatch)
		return err
	})
	return wanted, err
}

// fetchBody fetches one body, signing the request once the hub has given a nonce. What its author no longer has is lost; what somebody
// else does not have may come from another.
func (s *source) fetchBody(ctx context.Context, e record.Entry, nonce *string) error {
	path := "/body/" + s.origin.Hex() + "/" + record.Hex(e.Leaf)
	a, err := s.ask(ctx, e, path, *nonce)
	if code, ok := errors.AsType[statusError](err); ok && code == http.StatusUnauthorized && a.head.Get(nonceHeader) != "" {
		*nonce = a.head.Get(nonceHeader)
		a, err = s.ask(ctx, e, path, *nonce)
	}
	if code, ok := errors.AsType[statusError](err); ok && (code == http.StatusNotFound || code == http.StatusGone) && s.origin.ID() == s.id {
		return s.m.o.Record.Lose(ctx, e)
	}
	if err != nil {
		return err
	}
	if len(a.data) < body.SaltSize {
		return fault.New(fault.Invalid, "record.other-body")
	}
	return s.m.o.Record.Shelve(ctx, e, [body.SaltSize]byte(a.data), a.data[body.SaltSize:])
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
