package record

import (
	"runtime/debug"

	"go.etcd.io/bbolt"

	"commonhub/hub/body"
	"commonhub/hub/fault"
)

// versionBucket says which version of each service's view is stored. A view that is being rebuilt has none.
var versionBucket = []byte("view-version")

// rebuildGC is the collector's percentage during a rebuild.
const rebuildGC = 300

// rebuildStep is how many entries or bodies one transaction of a rebuild takes.
const rebuildStep = 2048

// renew rebuilds the views whose version is not the stored one. A rebuild that was cut off begins again.
func (r *Record) renew() error {
	stale, err := r.stale()
	if err != nil || len(stale) == 0 {
		return err
	}
	return r.rebuild(stale)
}

// stale lists the services whose views are of another version, or half built.
func (r *Record) stale() (stale []Service, err error) {
	err = r.db.View(func(tx *bbolt.Tx) error {
		versions := tx.Bucket(versionBucket)
		for _, s := range r.o.Services {
			if versions == nil || ParseNum(versions.Get([]byte(s.Name()))) != uint64(s.Version()) {
				stale = append(stale, s)
			}
		}
		return nil
	})
	return stale, err
}

// Rebuild throws the views of all services away and replays the record, on the writer's goroutine, because the store has one writer. The
// record must be open and idle.
func (r *Record) Rebuild() error {
	done := make(chan error, 1)
	select {
	case r.alone <- func() { done <- r.rebuild(r.o.Services) }:
		return <-done
	case <-r.closing:
		return fault.New(fault.Unavailable, "record.closing")
	}
}

func (r *Record) rebuild(services []Service) error {
	names := map[string]bool{}
	for _, s := range services {
		names[s.Name()] = true
	}
	if err := r.db.Update(func(tx *bbolt.Tx) error { return clearViews(tx, services) }); err != nil {
		return err
	}
	wanted := func(e Entry) bool {
		s, ok := r.service(e.Prefix())
		return ok && names[s.Name()]
	}
	// A rebuild allocates ten times what it keeps; a lazier collector takes a quarter off its time.
	defer debug.SetGCPercent(debug.SetGCPercent(rebuildGC))
	if err := r.replay(wanted); err != nil {
		return err
	}
	r.generation.Add(1)
	return r.db.Update(func(tx *bbolt.Tx) error {
		for _, s := range services {
			if err := tx.Bucket(versionBucket).Put([]byte(s.Name()), Num(uint64(s.Version()))); err != nil {
				return err
			}
		}
		return nil
	})
}

func clearViews(tx *bbolt.Tx, services []Service) error {
	views, err := tx.CreateBucketIfNotExists(viewBucket)
	if err != nil {
		return err
	}
	versions, err := tx.CreateBucketIfNotExists(versionBucket)
	if err != nil {
		return err
	}
	for _, s := range services {
		if err := versions.Delete([]byte(s.Name())); err != nil {
			return err
		}
		if views.Bucket([]byte(s.Name())) == nil {
			continue
		}
		if err := views.DeleteBucket([]byte(s.Name())); err != nil {
			return err
		}
	}
	return nil
}

// replay applies all wanted entries again, a step at a time, in the order of each record. Each is followed by its body if that is here:
// bodies may come at any time behind their entry, so that this order is as good as any.
func (r *Record) replay(wanted func(Entry) bool) error {
	var origins []Origin
	var all, done uint64
	err := r.Read(func(v View) error {
		origins = v.Origins()
		for _, o := range origins {
			all += v.Size(o)
		}
		return nil
	})
	for _, o := range origins {
		for from, more := uint64(0), true; more && err == nil; from += rebuildStep {
			more, err = r.replayStep(o, from, wanted)
			done = min(all, done+rebuildStep)
			r.o.Progress(done, all)
		}
	}
	return err
}

func (r *Record) replayStep(o Origin, from uint64, wanted func(Entry) bool) (more bool, err error) {
	err = r.rewrite(func(w *writer) error {
		left := rebuildStep
		for e, err := range w.view().Entries(o, from) {
			if err != nil {
				return err
			}
			if left--; left < 0 {
				more = true
				break
			}
			if e.Kind == erasedKind || !wanted(e) {
				continue
			}
			if err := w.apply(e); err != nil {
				return err
			}
			if err := w.retell(e); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}

// retell tells the service of an entry about its body, if it was ever told: when it came or went.
func (w *writer) retell(e Entry) error {
	if e.Event.Body == "" {
		return nil
	}
	b := w.view().Body(e.Origin, e.Leaf)
	if b.State == body.Unknown || b.State == body.NotFetched {
		return nil
	}
	return w.words(e, b)
}

// rewrite runs one step of a rebuild in a transaction of its own. The record itself does not change.
func (r *Record) rewrite(f func(w *writer) error) error {
	return r.db.Update(func(tx *bbolt.Tx) error {
		l, err := openLog(tx, r.self)
		if err != nil {
			return err
		}
		return f(&writer{r: r, tx: tx, log: l})
	})
}
