package record

import (
	"commonhub/hub/body"
	"commonhub/hub/store"
)

// service finds who derives a view from events with this prefix.
func (r *Record) service(prefix string) (Service, bool) {
	for _, s := range r.o.Services {
		for _, p := range s.Prefixes() {
			if p == prefix {
				return s, true
			}
		}
	}
	return nil, false
}

// apply tells the service of an event about it. A kind that nobody here knows is kept, and applied when its service comes.
func (w *writer) apply(e Entry) error {
	w.changed = true
	if e.Kind == erasedKind {
		return w.erase(e)
	}
	s, ok := w.r.service(e.Prefix())
	if !ok || w.asleep[s.Name()] {
		return nil
	}
	return w.edit(s, func(edit Edit) error { return s.Apply(edit, e) })
}

// words tells the service of an event that its body came or went.
func (w *writer) words(e Entry, b body.Body) error {
	w.changed = true
	s, ok := w.r.service(e.Prefix())
	if !ok || w.asleep[s.Name()] {
		return nil
	}
	return w.edit(s, func(edit Edit) error { return s.Words(edit, e, b) })
}

func (w *writer) edit(s Service, f func(Edit) error) error {
	var failed error
	err := f(Edit{View: w.view(), service: s.Name(), failed: &failed})
	if failed != nil {
		return failed
	}
	return err
}

// erase obeys an erasure: the body that it cites, of the same origin, goes. One that cites nothing we hold is void.
func (w *writer) erase(e Entry) error {
	data, ok := Decode[erasure](e.Event)
	leaf, err := ParseHash(data.Leaf)
	if !ok || err != nil {
		return nil
	}
	return w.drop(body.KeyOf(string(e.Origin), leaf), e.Origin, body.Erased)
}

// drop takes a body off the shelf and says why.
func (w *writer) drop(k body.Key, o Origin, why body.State) error {
	b := body.Get(w.tx, k)
	if b.State == body.Unknown || b.State == body.Erased {
		return nil
	}
	cited, err := w.view().Entry(o, b.Index)
	if err != nil {
		return err
	}
	if err := body.Remove(w.tx, k, why); err != nil {
		return err
	}
	if err := store.WantCompaction(w.tx); err != nil {
		return err
	}
	return w.words(cited, body.Get(w.tx, k))
}
