package ledger

import (
	"encoding/json"
	"strings"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Leaving is a payment of ours that was not answered yet, or came back.
type Leaving struct {
	book.Payment
	Sum       money.Amount `json:"sum"`
	Payer     Name         `json:"payer"`
	Payee     Name         `json:"payee"`
	Why       string       `json:"why,omitempty"` // code, if it came back
	mayRecall bool
}

// leaving lists what is longest on its way to a hub, and of the last payments to it those that came back.
func (l sight) leaving(hub string) (way, back []Leaving) {
	way, back = []Leaving{}, []Leaving{}
	for _, p := range l.OnTheWay() {
		if p.Hub == hub && len(way) < maxListed {
			way = append(way, l.left(p))
		}
	}
	seen := 0
	for p := range l.PaymentsBack(1 << 63) {
		if p.Hub == hub && p.State == book.GivenBack {
			back = append(back, l.left(p))
		}
		if seen++; seen == 4*maxListed || len(back) == maxListed {
			break
		}
	}
	return way, back
}

func (l sight) left(p book.Payment) Leaving {
	out := Leaving{Payment: p, Sum: l.Amount(p.Amount, p.Unit), Payer: l.name(p.From), Payee: l.abroad(record.OriginFor(p.Hub), p.To)}
	answer, _ := record.Load[TheirAnswer](l.Table(service, answerTable), []byte(p.Hub+p.Leaf))
	out.Why = answer.Why
	out.mayRecall = p.State == book.OnTheWay && !p.Recalled && (l.r.Steward || string(p.From) == l.r.Household)
	return out
}

// Arriving is a payment to us, or a claim of one, that is not in our books.
type Arriving struct {
	TheirPayment
	Payment book.Citation `json:"payment"`
	Why     string        `json:"why,omitempty"` // code, if we refused it; "line-never" if we owe no answer
	Sum     money.Amount  `json:"sum"`
	Payer   Name          `json:"payer"`
	Payee   Name          `json:"payee"`
}

// maxListed bounds the lists of a page that another hub can fill.
const maxListed = 50

// arriving lists the payments of a hub to us that we refused, newest first, and those that wait or never will be answered.
func (l sight) arriving(hub string) []Arriving {
	all := []Arriving{}
	for _, leaf := range l.newest(sentIndexTable, hub) {
		cite := book.Citation{Origin: record.OriginFor(hub), Leaf: string(leaf)}
		p, _ := record.Load[TheirPayment](l.Table(service, sentTable), cite.Key())
		answer, answered := l.AnswerTo(cite)
		_, line := l.TrustLine(hub, p.Unit)
		switch {
		case answered && answer.Why == "":
			continue
		case !answered && !line:
			answer.Why = "line-never"
		}
		all = append(all, Arriving{p, cite, answer.Why, l.Amount(p.Amount, p.Unit), l.abroad(cite.Origin, p.From), l.name(p.To)})
	}
	return all
}

// newest yields the values of the last rows of a hub, whose keys are a hub and an index.
func (l sight) newest(table, hub string) [][]byte {
	var all [][]byte
	for k, v := range l.Table(service, table).Back(atIndex(hub, 1<<63)) {
		if !strings.HasPrefix(string(k), hub) || len(all) == maxListed {
			break
		}
		all = append(all, v)
	}
	return all
}

// TheirVoid is an event of another hub's record that breaks a rule, or disagrees with our books.
type TheirVoid struct {
	Index uint64 `json:"index"`
	Why   string `json:"why"` // key of the sentence that says which
}

// theirVoids lists what a hub's record says about lines with us that does not count.
func (l sight) theirVoids(hub string) []TheirVoid {
	all := []TheirVoid{}
	for k, v := range l.Table(service, theirVoidsTable).Back(atIndex(hub, 1<<63)) {
		if !strings.HasPrefix(string(k), hub) || len(all) == maxListed {
			break
		}
		all = append(all, TheirVoid{record.ParseNum(k[len(hub):]), string(v)})
	}
	return all
}

// claims lists lines of their statement that are not in ours, and will not be: payments that we never sent, or of another amount. It reads
// all of their statement, and so is asked only where the two do not agree.
func (l sight) claims(hub string) []TheirVoid {
	all := []TheirVoid{}
	for k, v := range l.Table(service, entryTable).Prefix([]byte(hub)) {
		var there TheirEntry
		if len(k) < len(hub)+16 || json.Unmarshal(v, &there) != nil || len(all) == maxListed {
			continue
		}
		cite := book.Citation{Origin: record.OriginFor(string(k[len(hub) : len(hub)+16])), Leaf: string(k[len(hub)+16:])}
		if !l.known(cite, there) {
			all = append(all, TheirVoid{there.Index, "ledger.claim-unknown"})
		}
	}
	return all
}

// known tells whether a line of theirs is in our books, or on its way to be.
func (l sight) known(payment book.Citation, there TheirEntry) bool {
	if payment.Origin != l.Self() {
		a, answered := l.AnswerTo(payment)
		writeoff := l.Table(service, sentTable).Get(payment.Key()) == nil // which is cited by itself
		return answered && a.Why == "" || writeoff
	}
	p, sent := l.PaymentOf(payment.Leaf)
	return sent && p.State != book.GivenBack && p.Amount == -there.Amount && p.Unit == there.Unit
}
