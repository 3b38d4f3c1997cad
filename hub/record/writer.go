package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/store"
)

// One transaction takes at most so many jobs, and stops when it has written so many bytes.
const (
	maxBatch      = 64
	maxBatchBytes = 256 << 10
)

// maxAnswers bounds how often services may answer their own answers in a row: a rule that never settles must not fill the disk.
const maxAnswers = 64

// job is one waiting change. The writer alone sets receipt and err, then closes done.
type job struct {
	ctx     context.Context
	run     func(w *writer) (Receipt, error)
	receipt Receipt
	err     error
	done    chan struct{}
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
	changed bool // a view or a body is not as before
}

// write is the one goroutine that changes the file.
func (r *Record) write() {
	defer close(r.stopped)
	gate := r.gate
	for {
		select {
		case j := <-r.queue:
			r.commitAll(r.gather(j))
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

// gather takes what is queued at this moment, without waiting for more.
func (r *Record) gather(first *job) []*job {
	jobs := []*job{first}
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
	tx, err := r.db.Begin(true)
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
	if err := w.tx.Commit(); err != nil {
		return err
	}
	w.r.published.Store(&c)
	if w.changed {
		w.r.generation.Add(1)
		w.r.watchers.nudge()
	}
	return nil
}

// view is the window that a judge gets: this transaction, with what earlier jobs of the batch wrote.
func (w *writer) view() View {
	return View{tx: w.tx, self: w.r.self, now: w.r.instant(w.log.last)}
}

// command judges and carries out one command.
func (w *writer) command(c Command) (Receipt, error) {
	v := w.view()
	if receipt, err := v.repeated(c); err != nil || receipt.Repeat {
		return receipt, err
	}
	d, err := judge(c.Judge, v)
	if err == nil && len(d.drafts) > 0 && !w.r.released() {
		err = errHeld
	}
	if err != nil {
		return Receipt{}, err
	}
	receipt, err := w.carryOut(d)
	if err == nil && c.Key != "" {
		err = w.remember(c, receipt, v.now)
	}
	if err != nil {
		return Receipt{}, spoiled{err}
	}
	return receipt, nil
}

// judge calls a judge, whose panic harms nobody because it has written nothing.
func judge(f func(View) (*Decision, error), v View) (d *Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Internal, "fault.internal").Because(fmt.Errorf("judge panicked: %v", p))
		}
	}()
	if d, err = f(v); err == nil {
		err = d.err
	}
	return d, err
}

// carryOut writes a decision: events with bodies and views, then the private part.
func (w *writer) carryOut(d *Decision) (Receipt, error) {
	var receipt Receipt
	for _, dr := range d.drafts {
		ref, err := w.appendOwn(dr)
		if err != nil {
			return Receipt{}, err
		}
		receipt.Events = append(receipt.Events, ref)
	}
	for _, p := range d.private {
		if err := w.writePrivate(p); err != nil {
			return Receipt{}, err
		}
	}
	w.changed = w.changed || d.refresh
	return receipt, nil
}

func (w *writer) writePrivate(p privateWrite) error {
	b, err := makeTable(w.tx, privateBucket, p.service, p.table)
	if err != nil {
		return err
	}
	w.bytes += len(p.key) + len(p.value)
	if p.forget {
		return b.Delete(p.key)
	}
	return b.Put(p.key, p.value)
}

// appendOwn adds one of our events, shelves its body and tells its service.
func (w *writer) appendOwn(dr draft) (Ref, error) {
	entry := Entry{Ref{w.r.self, w.log.tree.size, dr.leaf}, dr.event, dr.raw}
	w.log.last = dr.event.At
	if err := w.log.append(dr.raw, dr.leaf); err != nil {
		return Ref{}, err
	}
	w.bytes += len(dr.raw)
	if err := w.apply(entry); err != nil || dr.words == nil {
		return entry.Ref, err
	}
	w.bytes += len(dr.words.Bytes)
	return entry.Ref, w.shelve(entry, dr.words)
}

// shelve lays a body beside its event and tells the service.
func (w *writer) shelve(e Entry, s *body.Sealed) error {
	k := body.KeyOf(string(e.Origin), e.Leaf)
	if err := body.Put(w.tx, k, s, e.Index); err != nil {
		return err
	}
	return w.words(e, body.Get(w.tx, k))
}

// answer lets every service say which answers its view owes, until nobody owes any.
func (r *Record) answer() {
	for range maxAnswers {
		if !r.released() || !r.owes() {
			return
		}
		j := &job{ctx: context.Background(), done: make(chan struct{}), run: func(w *writer) (Receipt, error) {
			return w.command(Command{Judge: r.due})
		}}
		if _, err := r.attempt([]*job{j}); err != nil {
			r.o.Log.Error("answers could not be written", "error", err)
			return
		}
	}
	r.o.Log.Error("services keep answering themselves; stopped until the next change")
}

// owes asks in a read transaction, which costs next to nothing, whether an answer is due.
func (r *Record) owes() bool {
	owes := false
	err := r.Read(func(v View) error {
		d, err := r.due(v)
		owes = err == nil && !d.Empty()
		return err
	})
	return err == nil && owes
}

func (r *Record) due(v View) (*Decision, error) {
	all := v.Decide()
	for _, s := range r.o.Services {
		all.join(s.Due(v))
	}
	return all, all.err
}

// keyLife is how long the result of a command with an idempotency key is remembered.
const keyLife = 30 * 24 * time.Hour
