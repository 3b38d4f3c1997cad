package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"commonhub/hub/fault"
)

// Private tables of this file: `keys` (hash of actor, route and key -> remembered) and `keys-by-time` (8-byte Unix
// milliseconds, then the same hash).

// keyLife is how long the result of a command with an idempotency key is remembered.
const keyLife = 30 * 24 * time.Hour

// remembered is the result of a command with an idempotency key.
type remembered struct {
	Content []byte    `json:"content"`
	Events  []Ref     `json:"events"`
	At      time.Time `json:"at"`
}

func (c Command) hash() []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", c.Actor, c.Route, c.Key))
	return h[:]
}

// repeated finds the result of an earlier command with the same key; a fault if that one asked for something else.
func (v View) repeated(c Command) (Receipt, error) {
	if c.Key == "" {
		return Receipt{}, nil
	}
	first, ok := Load[remembered](v.Private("record", "keys"), c.hash())
	if !ok || v.now.Sub(first.At) > keyLife {
		return Receipt{}, nil
	}
	if !bytes.Equal(first.Content, c.Content) {
		f := fault.New(fault.Conflict, "record.key-reused")
		if len(first.Events) > 0 {
			f = f.Seeing(fmt.Sprintf("/events/%d", first.Events[0].Index))
		}
		return Receipt{}, f
	}
	return Receipt{Events: first.Events, Repeat: true}, nil
}

// remember keeps a result beside its events and drops a few that are too old, so that nothing ever has to sweep.
func (w *writer) remember(c Command, receipt Receipt, now time.Time) error {
	value, err := json.Marshal(remembered{c.Content, receipt.Events, now})
	if err != nil {
		return err
	}
	stamp := Num(uint64(now.UnixMilli()))
	d := &Decision{}
	d.Keep("record", "keys", c.hash(), value)
	d.Keep("record", "keys-by-time", append(stamp, c.hash()...), nil)
	oldest := Num(uint64(now.Add(-keyLife).UnixMilli()))
	for k := range w.view().Private("record", "keys-by-time").From(nil) {
		if bytes.Compare(k, oldest) >= 0 || len(d.private) > 8 {
			break
		}
		d.Forget("record", "keys-by-time", bytes.Clone(k))
		d.Forget("record", "keys", bytes.Clone(k[8:]))
	}
	_, err = w.carryOut(d)
	return err
}
