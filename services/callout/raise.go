package callout

import (
	"context"
	"strings"
	"time"

	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Draft is a call-out, or an update, as somebody writes it.
type Draft struct {
	Text     string
	Lang     string // BCP 47 tag of the words, "" if it was not said
	Urgency  Urgency
	Severity Severity
	Life     time.Duration // from now to the expiry; 0 for two hours
	Reach    body.Reach    // of the words in the record; an update has that of the first
	Exercise bool          // by stewards
	Sure     bool          // the member has read what it does
}

// check trims and refuses what breaks a rule by itself.
func (d *Draft) check() error {
	d.Text, d.Lang = strings.TrimSpace(d.Text), tag(d.Lang)
	if d.Life == 0 {
		d.Life = usual
	}
	if d.Reach == "" {
		d.Reach = body.Neighbours
	}
	switch {
	case d.Text == "":
		return fault.New(fault.Invalid, "callout.text-missing").On("text")
	case len(d.Text) > maxText:
		return fault.New(fault.Invalid, "callout.text-long", maxText, len(d.Text)).On("text")
	case !readable(d.Text):
		return fault.New(fault.Invalid, "callout.text-broken").On("text")
	case !d.Urgency.valid():
		return fault.New(fault.Invalid, "callout.urgency-unknown").On("urgency")
	case !d.Severity.valid():
		return fault.New(fault.Invalid, "callout.severity-unknown").On("severity")
	case d.Life < time.Minute || d.Life > longest:
		return fault.New(fault.Invalid, "callout.life-wrong").On("minutes")
	case !d.Reach.Travels():
		return fault.New(fault.Invalid, "callout.reach-unknown").On("reach")
	}
	return nil
}

// ends is the expiry in whole seconds, never beyond what the rules allow from now on.
func (d Draft) ends(now time.Time) string { return stamp(now.Add(d.Life)) }

// Raise calls out, here and to every hub in reach, and names the event.
func (s *Service) Raise(ctx context.Context, o Order, d Draft) (record.Ref, error) {
	if err := d.check(); err != nil {
		return record.Ref{}, err
	}
	if !d.Sure {
		return record.Ref{}, fault.New(fault.Invalid, "callout.not-sure").On("sure")
	}
	words := body.Seal([]byte(d.Text), d.Reach)
	receipt, err := s.do(ctx, o, "callout.raise", func(a act, dec *record.Decision) error {
		if err := a.mayRaise(d); err != nil {
			return err
		}
		data := raisedData{d.Urgency, d.Severity, d.ends(a.Now()), d.Lang, d.Exercise}
		a.Append(dec, raised, data, words)
		return nil
	})
	if err != nil {
		return record.Ref{}, err
	}
	return receipt.First(), s.tell(receipt)
}

func (a act) mayRaise(d Draft) error {
	switch {
	case d.Exercise && !a.Steward:
		return fault.New(fault.Denied, "callout.exercise-stewards").On("exercise")
	case isBlocked(a.View, a.Self(), a.Member):
		return fault.New(fault.Denied, "callout.member-blocked")
	}
	many := tallyOf(a.View, a.Self(), a.Now(), nil).refuses(call{By: a.Member, Exercise: d.Exercise})
	if many != "" {
		return fault.New(fault.TooMany, many)
	}
	return nil
}

// Update says more about a call-out: by its author or a steward of its hub. What was said before stays.
func (s *Service) Update(ctx context.Context, o Order, id ID, d Draft) error {
	if err := d.check(); err != nil {
		return err
	}
	var words *body.Sealed
	err := s.record.Read(func(v record.View) error {
		c, held := load(v, id)
		if !held {
			return missing()
		}
		words = body.Seal([]byte(d.Text), c.Reach)
		return nil
	})
	if err != nil {
		return err
	}
	return s.more(ctx, o, id, "callout.update ", func(a act, c call, dec *record.Decision) error {
		if !c.live(a.Now()) {
			return fault.New(fault.Gone, "callout.is-over")
		}
		if len(c.Told) >= maxTold {
			return fault.New(fault.TooMany, "callout.many-updates", maxTold-1)
		}
		a.Append(dec, updated, updatedData{c.Leaf, d.Urgency, d.Severity, d.ends(a.Now()), d.Lang}, words)
		return nil
	})
}

// Cancel takes back what was a mistake.
func (s *Service) Cancel(ctx context.Context, o Order, id ID) error {
	return s.end(ctx, o, id, cancelled)
}

// Resolve says that it is over.
func (s *Service) Resolve(ctx context.Context, o Order, id ID) error {
	return s.end(ctx, o, id, resolved)
}

func (s *Service) end(ctx context.Context, o Order, id ID, kind string) error {
	return s.more(ctx, o, id, kind+" ", func(a act, c call, d *record.Decision) error {
		a.Append(d, kind, overData{c.Leaf})
		return nil
	})
}

// more writes an event about a call-out of ours and sends it after the first.
func (s *Service) more(ctx context.Context, o Order, id ID, route string, judge func(a act, c call, d *record.Decision) error) error {
	receipt, err := s.do(ctx, o, route+string(id), func(a act, d *record.Decision) error {
		c, err := a.ours(id)
		if err != nil {
			return err
		}
		return judge(a, c, d)
	})
	if err != nil {
		return err
	}
	return s.tell(receipt)
}
