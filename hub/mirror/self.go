package mirror

import (
	"time"

	"commonhub/hub/record"
)

// Self is how our own hub is, as far as neighbours can tell.
type Self struct {
	Problem string   `json:"problem,omitempty"` // message key, "" when all is well
	Mended  *Mending `json:"mended,omitempty"`  // the last time that our record was mended
}

// Mending is a mending with our event about it.
type Mending struct {
	Mended
	Event uint64    `json:"event"`
	At    time.Time `json:"at"`
}

// Self tells people what neighbours have found out about our own hub.
func (m *Mirror) Self() Self {
	var s Self
	if why, refused := m.o.Record.Refused(); refused {
		s.Problem = why.Key
	}
	if m.o.Record.Superseded() != "" {
		s.Problem = "record.superseded"
	}
	m.mu.Lock()
	if m.torn && s.Problem == "" {
		s.Problem = "mirror.torn"
	}
	m.mu.Unlock()
	m.o.Record.Read(func(v record.View) error {
		if last, ok := record.Load[Mending](v.Table(service, "mended"), []byte("last")); ok {
			s.Mended = &last
		}
		return nil
	})
	return s
}
