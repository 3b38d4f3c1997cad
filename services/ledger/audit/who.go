package audit

import (
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// who says who may write a kind of event.
type who int

const (
	anybody  who = iota // a member, for their own household
	stewards            // a steward, for their own household
	treasury            // a steward, for whatever household it concerns
	machine             // the hub itself: answers to other hubs' events
)

// rights lists the kinds that are not for every member.
func rights() map[string]who {
	return map[string]who{
		book.AdmittedKind: stewards, book.RuledKind: stewards, book.OpenedKind: stewards, book.ChangedKind: stewards,
		book.BudgetedKind: stewards, book.ClosedKind: stewards, book.CarriedKind: stewards, book.LeviedKind: stewards,
		book.MovedKind: stewards, book.PaidKind: stewards, book.LimitedKind: treasury, book.ContributedKind: treasury,
		book.LineAskedKind: stewards, book.LineAgreedKind: stewards, book.LineCappedKind: stewards, book.LineFrozenKind: stewards,
		book.LineShutKind: stewards, book.WriteoffAskedKind: stewards, book.WriteoffAgreedKind: stewards,
		book.LineRaisedKind: machine, book.ReceivedKind: machine, book.BouncedKind: machine, book.FinishedKind: machine,
	}
}

// judge says, as the key of a sentence, why somebody was not entitled to an event; "" if they were. It comes before the event is entered.
func (a *Auditor) judge(n record.Entry) string {
	right := a.rights[n.Kind]
	if right == machine {
		if n.By != "" {
			return "ledger.audit-machine"
		}
		return ""
	}
	m := a.roster.member(n.By)
	if m == nil {
		return "ledger.audit-no-member"
	}
	keys := a.roster.keys(n.By, n.At)
	switch {
	case (right == stewards || right == treasury) && !keys:
		return "ledger.audit-no-steward"
	case right == treasury || n.For == m.household:
		return a.outside(n, m, keys)
	case n.Kind == book.GivenKind && keys:
		return a.slip(n)
	case n.Kind == book.RecalledKind && keys:
		return ""
	}
	return "ledger.audit-other-household"
}

// outside checks what depends on more than who acts: a reversal is for a steward, or for who was paid.
func (a *Auditor) outside(n record.Entry, m *member, keys bool) string {
	if n.Kind != book.ReversedKind || keys {
		return ""
	}
	d, _ := record.Decode[book.Reversed](n.Event)
	p, _ := a.books.Posting(d.Entry)
	if len(p.Legs) == 2 && p.Legs[0].Account.Household() && string(p.Legs[1].Account) == m.household {
		return ""
	}
	return "ledger.audit-no-steward"
}

// slip: what a steward entered for another household says that it comes from paper.
func (a *Auditor) slip(n record.Entry) string {
	if d, _ := record.Decode[book.Given](n.Event); !d.Slip {
		return "ledger.audit-other-household"
	}
	return ""
}
