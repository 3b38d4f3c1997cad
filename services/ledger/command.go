package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"commonhub/hub/body"
	"commonhub/hub/deed"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// Order says who asks, and makes a form that is sent twice harmless.
type Order = deed.Order

// act is a member at work, with the books on paper: each event is tried before it is appended, and the next one sees what it did.
type act struct {
	deed.Actor
	book.Books
	decision *record.Decision
	next     uint64 // index of the next event
	written  int
}

// do queues a command of a member. What the books refuse, it is refused for. The plan is pure and may run twice.
func (s *Service) do(ctx context.Context, o Order, route string, plan func(a *act) error) (record.Receipt, error) {
	return deed.Do(ctx, s.record, s.o.Members, o, "ledger "+route, func(by deed.Actor, d *record.Decision) error {
		return plan(&act{Actor: by, Books: book.OnPaper(reading(by.View)), decision: d, next: by.Size(by.Self())})
	})
}

// one is a command of a single event for the actor's own household; it returns the event. about is what the address of the form names
// beside its fields, which are all that an idempotency key covers.
func (s *Service) one(ctx context.Context, o Order, kind string, data any, words *body.Sealed, about ...uint64) (record.Ref, error) {
	receipt, err := s.do(ctx, o, route(kind, about...), func(a *act) error { return a.enter(kind, a.Household, data, words) })
	return receipt.First(), err
}

// bySteward is one, for what only stewards may do.
func (s *Service) bySteward(ctx context.Context, o Order, kind string, data any, words *body.Sealed, about ...uint64) (record.Ref, error) {
	receipt, err := s.do(ctx, o, route(kind, about...), func(a *act) error {
		if err := a.steward(); err != nil {
			return err
		}
		return a.enter(kind, a.Household, data, words)
	})
	return receipt.First(), err
}

func route(kind string, about ...uint64) string { return fmt.Sprint(kind, about) }

func (a *act) steward() error {
	if !a.Steward {
		return fault.New(fault.Denied, "ledger.stewards-only")
	}
	return nil
}

// enter tries an event on paper, and appends it unless a rule is broken. words may be nil.
func (a *act) enter(kind, household string, data any, words *body.Sealed) error {
	e := record.Event{V: 1, Kind: kind, By: a.Member, For: household, Data: record.Data(data)}
	leaf := a.decision.Append(e, words)
	e.At = a.Now().Add(time.Duration(a.written) * time.Millisecond) // as Append stamps it
	if words != nil {
		e.Body, e.Reach = words.Commitment, words.Reach
	}
	void, err := a.Enter(record.Entry{Ref: record.Ref{Origin: a.Self(), Index: a.next, Leaf: leaf}, Event: e})
	if void != nil {
		return void
	}
	a.next++
	a.written++
	return err
}

// words is the body of every event that has one, but for receipts.
type words struct {
	Text  string `json:"text"`
	Giver string `json:"giver,omitempty"` // household of an unnamed giver
}

const (
	maxMemo = 500 // characters
	maxName = 60
)

// seal checks and seals what somebody wrote; of nothing it makes no body. most is in characters, field that of the form.
func seal(text string, reach body.Reach, most int, field string) (sealed *body.Sealed, err error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return sealed, nil
	case !utf8.ValidString(text):
		return nil, fault.New(fault.Invalid, "ledger.text-broken").On(field)
	case utf8.RuneCountInString(text) > most:
		return nil, fault.New(fault.Invalid, "ledger.text-long", most).On(field)
	}
	return sealWords(words{Text: text}, reach), nil
}

// sealNeeded is seal for what must be said.
func sealNeeded(text string, reach body.Reach, most int, field, missing string) (*body.Sealed, error) {
	sealed, err := seal(text, reach, most, field)
	if err == nil && sealed == nil {
		return nil, fault.New(fault.Invalid, missing).On(field)
	}
	return sealed, err
}

func sealWords(w words, reach body.Reach) *body.Sealed {
	raw, err := json.Marshal(w)
	if err != nil {
		panic(err) // strings always can be spelled
	}
	return body.Seal(raw, reach)
}
