package ledger

import (
	"strconv"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// mountSettings registers what stewards set. All of it can be read by anyone.
func (s *Service) mountSettings(p *portal.Portal) {
	p.Get("/ledger/settings", s.settings)
	set := func(path, flash string, do func(*portal.Request) (record.Ref, error)) {
		p.Post(path, func(r *portal.Request) (portal.Outcome, error) {
			ref, err := do(r)
			out := made(r, ref, "/events/", flash)
			out.See = "/ledger/settings"
			return out, err
		}, s.settingsAgain, portal.Stewards)
	}
	set("/ledger/places", "ledger.flash-set", s.postPlace)
	set("/ledger/places/:account", "ledger.flash-set", s.postChange)
	set("/ledger/units", "ledger.flash-set", s.postUnit)
	set("/ledger/limits", "ledger.flash-set", s.postLimit)
	set("/ledger/rules", "ledger.flash-set", s.postRule)
	set("/ledger/budgets", "ledger.flash-set", s.postBudget)
	set("/ledger/periods", "ledger.flash-closed", s.postPeriod)
	p.Get("/ledger/levy", s.showLevy, portal.Stewards)
	p.Post("/ledger/levies", s.postLevy, s.levyAgain, portal.Stewards)
	p.Get("/ledger/slips", s.blankSlips, portal.Stewards)
	p.Post("/ledger/slips", s.postSlips, s.slipsAgain, portal.Stewards)
	p.Get("/ledger/contribute", s.blankGift, portal.Members)
	p.Post("/ledger/contributions", s.postGift, s.giftAgain, portal.Stewards)
	p.Post("/ledger/pledges", s.postPledge, s.giftAgain, portal.Members)
	p.Post("/ledger/pledges/:index/drop", s.postUnpledge, s.giftAgain, portal.Members)
}

// letters of places, as the form says them.
func letterOf(kind string) byte {
	switch kind {
	case "pot":
		return 'p'
	case "purpose":
		return 's'
	}
	return 'n'
}

func (s *Service) postPlace(r *portal.Request) (record.Ref, error) {
	in := Opening{Letter: letterOf(r.Form("kind")), Name: r.Form("name")}
	if in.Letter == 'p' {
		in.Unit, in.InKind = money.Unit(r.Form("unit")), r.Form("in_kind") == "yes"
		target, err := s.optional(r, "target", in.Unit, 0)
		if err != nil {
			return record.Ref{}, err
		}
		in.Target = target
	}
	return s.OpenPlace(r.Context(), orderOf(r), in)
}

// optional reads an amount that may be left out, or be zero.
func (s *Service) optional(r *portal.Request, field string, u money.Unit, without int64) (int64, error) {
	scale, err := s.scaleOf(u)
	if err != nil {
		return 0, err
	}
	return bound(r, field, scale, without)
}

// bound reads an amount that may be left out, or be zero.
func bound(r *portal.Request, field string, scale money.Scale, without int64) (int64, error) {
	if r.Form(field) == "" {
		return without, nil
	}
	n, err := money.Parse(r.Form(field), scale, money.Mark(r.Lang.Tag))
	if err != nil && fault.Of(err).Key != "ledger.amount-zero" {
		return 0, fault.Of(err).On(field)
	}
	return n, nil
}

func (s *Service) postChange(r *portal.Request) (record.Ref, error) {
	a, err := accountOf(r.Param("account"), "account")
	if err != nil {
		return record.Ref{}, missing()
	}
	var unit money.Unit
	err = s.look(Reader{}, func(l sight) error {
		place, _ := l.Place(a)
		unit = place.Unit
		return nil
	})
	if err != nil {
		return record.Ref{}, err
	}
	target, err := s.optional(r, "target", unit, 0)
	if err != nil {
		return record.Ref{}, err
	}
	return s.ChangePlace(r.Context(), orderOf(r), book.Changed{Account: a, Target: target, Shut: r.Form("shut") == "yes"}, r.Form("name"))
}

// limitOf reads how far somebody may go; what is left out is no limit.
func (s *Service) limitOf(r *portal.Request, u money.Unit) (l book.Limit, err error) {
	if l.Down, err = s.optional(r, "down", u, -1); err != nil {
		return l, err
	}
	l.Up, err = s.optional(r, "up", u, -1)
	l.Soft = r.Form("soft") == "yes"
	return l, err
}

// postUnit admits a unit. Its limits are written in the decimals that it gets, so they are read with those.
func (s *Service) postUnit(r *portal.Request) (record.Ref, error) {
	d := book.Admitted{Unit: money.Unit(r.Form("unit"))}
	decimals, currency := d.Unit.Currency()
	if !d.Unit.Valid() {
		return record.Ref{}, fault.New(fault.Invalid, "ledger.unit-form").On("unit")
	}
	if d.Decimals = decimals; !currency && r.Form("decimals") != "" {
		n, err := strconv.Atoi(r.Form("decimals"))
		if err != nil || n < 0 || n > money.MaxDecimals {
			return record.Ref{}, fault.New(fault.Invalid, "ledger.decimals-form", money.MaxDecimals).On("decimals")
		}
		d.Decimals = n
	}
	scale := money.Scale{Decimals: d.Decimals, Clock: d.Unit == money.Hour}
	for field, to := range map[string]*int64{"down": &d.Down, "up": &d.Up} {
		n, err := bound(r, field, scale, -1)
		if err != nil {
			return record.Ref{}, err
		}
		*to = n
	}
	d.Soft = r.Form("soft") == "yes"
	return s.Admit(r.Context(), orderOf(r), d)
}

func (s *Service) postLimit(r *portal.Request) (record.Ref, error) {
	a, err := accountOf(r.Form("account"), "account")
	if err != nil {
		return record.Ref{}, err
	}
	u := money.Unit(r.Form("unit"))
	limit, err := s.limitOf(r, u)
	if err != nil {
		return record.Ref{}, err
	}
	return s.SetLimit(r.Context(), orderOf(r), book.Limited{Account: a, Unit: u, Limit: limit})
}

func (s *Service) postRule(r *portal.Request) (record.Ref, error) {
	value := int64(0)
	if r.Form("value") == "yes" {
		value = 1
	}
	return s.SetRule(r.Context(), orderOf(r), r.Form("rule"), value)
}

func (s *Service) postBudget(r *portal.Request) (record.Ref, error) {
	purpose, err := accountOf(r.Form("purpose"), "purpose")
	if err != nil {
		return record.Ref{}, err
	}
	u := money.Unit(r.Form("unit"))
	amount, err := s.optional(r, "amount", u, 0)
	if err != nil {
		return record.Ref{}, err
	}
	d := book.Budgeted{Purpose: purpose, Unit: u, From: r.Form("from"), Until: r.Form("until"), Amount: amount}
	return s.SetBudget(r.Context(), orderOf(r), d)
}

func (s *Service) postPeriod(r *portal.Request) (record.Ref, error) {
	return s.ClosePeriod(r.Context(), orderOf(r), r.Form("period"))
}
