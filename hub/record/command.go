package record

import (
	"fmt"

	"commonhub/hub/body"
	"commonhub/hub/fault"
)

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
	if err == nil && len(d.drafts) > 0 {
		err = w.r.barred()
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
	w.redo.note(d)
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
