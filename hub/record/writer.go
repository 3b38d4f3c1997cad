package record

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"go.etcd.io/bbolt"

	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// One transaction takes at most so many jobs, and stops when it has written so many bytes.
const (
	maxBatch      = 64
	maxBatchBytes = 256 << 10
)

// job is one waiting change. The writer alone sets receipt and err, then closes done.
type job struct {
	ctx      context.Context
	run      func(w *writer) (Receipt, error)
	redoable bool // all that it writes goes through carryOut
	receipt  Receipt
	err      error
	done     chan struct{}
}

// spoiled marks an error that came after something was written: the whole transaction has to go.
type spoiled struct{ error }

func (s spoiled) Unwrap() error { return s.error }

// writer is the state of one write transaction.
type writer struct {
	r       *Record
	tx      *bbolt.Tx
	log     *log // ours
	bytes   int
	changed bool            // a view or a body is not as before
	rekeyed bool            // our keys are not as before: the next transaction is signed by others
	redo    redo            // what was written, unless beyond
	beyond  bool            // something was written that redo does not tell
	asleep  map[string]bool // services that are not told: a rebuild will tell them all of it
}

// write is the one goroutine that changes the file.
func (r *Record) write() {
	defer close(r.stopped)
	gate := r.gate
	for {
		select {
		case j := <-r.queue:
			r.commitAll(r.gather(j))
		case task := <-r.alone:
			task()
			r.answer()
		case <-gate:
			gate = nil
			r.commitAll(r.unpark())
		case <-r.closing:
			r.drain()
			fail(r.unpark(), fault.New(fault.Unavailable, "record.closing"))
			return
		}
	}
}

// gather takes what is queued at this moment. It waits for nobody, but lets those run who are ready to, as long as that brings more: a commit
// answers many at once, and the first of them back would else have the next one to itself.
func (r *Record) gather(first *job) []*job {
	jobs := []*job{first}
	for had := 0; len(jobs) > had && len(jobs) < maxBatch; {
		had = len(jobs)
		runtime.Gosched()
		jobs = r.take(jobs)
	}
	return jobs
}

func (r *Record) take(jobs []*job) []*job {
	for len(jobs) < maxBatch {
		select {
		case j := <-r.queue:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

func (r *Record) drain() {
	for {
		select {
		case j := <-r.queue:
			r.commitAll(r.gather(j))
		default:
			return
		}
	}
}

// commitAll commits jobs in as few transactions as their bytes allow, then lets services answer what came.
func (r *Record) commitAll(jobs []*job) {
	r.hurry(len(jobs))
	for len(jobs) > 0 {
		n, err := r.attempt(jobs)
		switch {
		case err == nil:
			r.finish(jobs[:n])
		case n == 1 || store.Full(err):
			fail(jobs[:n], err)
		default:
			r.oneByOne(jobs[:n])
		}
		jobs = jobs[n:]
	}
	r.answer()
}

// oneByOne runs the jobs of a batch that failed, so that only the guilty one is refused.
func (r *Record) oneByOne(jobs []*job) {
	for i := range jobs {
		if _, err := r.attempt(jobs[i : i+1]); err != nil {
			fail(jobs[i:i+1], err)
			continue
		}
		r.finish(jobs[i : i+1])
	}
}

// finish answers jobs whose transaction is durable, and parks those that have to wait for Release.
func (r *Record) finish(jobs []*job) {
	for _, j := range jobs {
		if errors.Is(j.err, errHeld) {
			r.parked = append(r.parked, j)
			continue
		}
		close(j.done)
	}
}

func fail(jobs []*job, err error) {
	if store.Full(err) {
		err = fault.New(fault.Full, "store.full").Because(err)
	}
	for _, j := range jobs {
		j.receipt, j.err = Receipt{}, fault.Of(err)
		close(j.done)
	}
}

// attempt runs jobs in one transaction and tells how many it took. An error, or a panic, means that nothing of it happened.
func (r *Record) attempt(jobs []*job) (n int, err error) {
	n = len(jobs)
	tx, err := r.db.Write()
	if err != nil {
		return n, err
	}
	defer tx.Rollback()
	defer func() {
		if p := recover(); p != nil {
			r.o.Log.Error("a change panicked and was rolled back", "panic", p)
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	w := &writer{r: r, tx: tx}
	if w.log, err = openLog(tx, r.self); err != nil {
		return n, err
	}
	for i, j := range jobs {
		if w.bytes > maxBatchBytes {
			n = i
			break
		}
		if err := w.take(j); err != nil {
			return n, err
		}
	}
	return n, w.commit()
}

// take runs one job; only an error that came after a write is returned.
func (w *writer) take(j *job) error {
	if err := j.ctx.Err(); err != nil {
		j.err = err
		return nil
	}
	j.receipt, j.err = j.run(w)
	w.beyond = w.beyond || !j.redoable
	if s, ok := errors.AsType[spoiled](j.err); ok {
		return s.error
	}
	return nil
}

// commit signs what was appended, makes it durable and publishes it, in this order.
func (w *writer) commit() error {
	before := w.r.published.Load()
	c := *before
	if w.log.tree.size != before.Size {
		var err error
		if c, err = w.r.sign(w.log); err != nil {
			return err
		}
	}
	if err := w.keep(); err != nil {
		return err
	}
	if w.rekeyed {
		if err := w.r.loadKey(); err != nil {
			w.r.o.Log.Error("the new keys could not be read; the hub has to be started again", "error", err)
		}
	}
	w.r.published.Store(&c)
	if w.changed {
		w.r.generation.Add(1)
		w.r.watchers.nudge()
	}
	return nil
}

// keep makes the transaction durable. One in which every job was refused, or repeated, ends without a write.
func (w *writer) keep() error {
	switch {
	case w.beyond || len(w.redo) > maxRedo:
		return w.r.db.Commit(w.tx, nil)
	case len(w.redo) == 0:
		return w.tx.Rollback()
	}
	return w.r.db.Commit(w.tx, w.redo)
}
