package record

import (
	"context"
)

// maxAnswers bounds how often services may answer their own answers in a row: a rule that never settles must not fill the disk.
const maxAnswers = 64

// answer lets every service say which answers its view owes, until nobody owes any.
func (r *Record) answer() {
	for range maxAnswers {
		if r.barred() != nil || !r.owes() {
			return
		}
		if _, err := r.attempt([]*job{commandJob(context.Background(), Command{Judge: r.due})}); err != nil {
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
