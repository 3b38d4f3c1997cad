package book

import "commonhub/services/ledger/money"

// Kinds of events. The package comment of services/ledger says what each means and what it carries.
const (
	AdmittedKind = "ledger.admitted"
	LimitedKind  = "ledger.limited"
	RuledKind    = "ledger.ruled"
	OpenedKind   = "ledger.opened"
	ChangedKind  = "ledger.changed"
	BudgetedKind = "ledger.budgeted"
	ClosedKind   = "ledger.closed"
	CarriedKind  = "ledger.carried"

	GivenKind     = "ledger.given"
	RequestedKind = "ledger.requested"
	AgreedKind    = "ledger.agreed"
	DeclinedKind  = "ledger.declined"
	ReversedKind  = "ledger.reversed"
	LeviedKind    = "ledger.levied"

	PledgedKind     = "ledger.pledged"
	UnpledgedKind   = "ledger.unpledged"
	ContributedKind = "ledger.contributed"
	MovedKind       = "ledger.moved"
	AskedKind       = "ledger.asked"
	MendedKind      = "ledger.mended"
	ReceiptKind     = "ledger.receipt"
	ApprovedKind    = "ledger.approved"
	ReturnedKind    = "ledger.returned"
	RefusedKind     = "ledger.refused"
	DroppedKind     = "ledger.dropped"
	PaidKind        = "ledger.paid"
)

// Data of events, by kind. Amounts are minor units; days are "2026-03-01", months "2026-03"; an uint64 is the index of an event of the
// same record.
type (
	// Admitted lets households owe each other in a unit, within limits: for who has no limit of their own. -1 is no limit.
	Admitted struct {
		Unit     money.Unit `json:"unit"`
		Decimals int        `json:"decimals"`
		Limit
	}
	// Limited sets the limit of one household.
	Limited struct {
		Account Account    `json:"account"`
		Unit    money.Unit `json:"unit"`
		Limit
	}
	// Ruled sets a rule of the block; see Rules.
	Ruled struct {
		Rule  string `json:"rule"`
		Value int64  `json:"value"`
	}
	// Opened makes a pot, a purpose, or a named account; pots alone have the rest.
	Opened struct {
		Account Account    `json:"account"`
		Unit    money.Unit `json:"unit,omitempty"`
		InKind  bool       `json:"in_kind,omitempty"`
		Target  int64      `json:"target,omitempty"`
	}
	// Changed sets a new target, and shuts or reopens; what is shut takes nothing new.
	Changed struct {
		Account Account `json:"account"`
		Target  int64   `json:"target,omitempty"`
		Shut    bool    `json:"shut,omitempty"`
	}
	// Budgeted says what may be spent on a purpose, in whole months, both included; 0 takes a budget back.
	Budgeted struct {
		Purpose Account    `json:"purpose"`
		Unit    money.Unit `json:"unit"`
		From    string     `json:"from"`
		Until   string     `json:"until"`
		Amount  int64      `json:"amount"`
	}
	// Closed ends a period: everything before this event, behind the last such event, belongs to it for ever.
	Closed struct {
		Period string `json:"period"`
	}
	// Carried brings balances of earlier books in; what is missing to zero comes from Openings.
	Carried struct {
		Legs []Leg `json:"legs"`
	}

	// Given is a payment between two households.
	Given struct {
		From   Account    `json:"from"`
		To     Account    `json:"to"`
		Unit   money.Unit `json:"unit"`
		Amount int64      `json:"amount"`
		On     string     `json:"on,omitempty"`   // day on which it happened
		Slip   bool       `json:"slip,omitempty"` // entered by a steward, for the household that the event is for
	}
	// Requested asks the payer for it.
	Requested struct {
		From   Account    `json:"from"`
		To     Account    `json:"to"`
		Unit   money.Unit `json:"unit"`
		Amount int64      `json:"amount"`
		On     string     `json:"on,omitempty"`
	}
	// OfRequest is that of agreed and declined.
	OfRequest struct {
		Request uint64 `json:"request"`
	}
	// Reversed undoes all legs of an entry.
	Reversed struct {
		Entry uint64 `json:"entry"`
	}
	// Levied takes a share from each household that is named.
	Levied struct {
		Month  string            `json:"month"`
		Unit   money.Unit        `json:"unit"`
		To     Account           `json:"to"`
		Shares map[Account]int64 `json:"shares"`
	}

	// Pledged promises something to a pot.
	Pledged struct {
		Pot    Account `json:"pot"`
		Amount int64   `json:"amount"`
	}
	// OfPledge is that of unpledged.
	OfPledge struct {
		Pledge uint64 `json:"pledge"`
	}
	// Contributed is what came into a pot. Whose it is: the event's household; without one the giver is unnamed, and in the body.
	Contributed struct {
		Pot    Account `json:"pot"`
		Amount int64   `json:"amount"`
		Pledge *uint64 `json:"pledge,omitempty"`
		On     string  `json:"on,omitempty"`
	}
	// Moved takes from one pot to another of the same unit.
	Moved struct {
		From   Account `json:"from"`
		To     Account `json:"to"`
		Amount int64   `json:"amount"`
	}
	// Asked is an expense, and mended what it shall be instead.
	Asked struct {
		Pot     Account `json:"pot"`
		Purpose Account `json:"purpose"`
		Amount  int64   `json:"amount"`
		On      string  `json:"on,omitempty"`
	}
	// Mended is an expense put right.
	Mended struct {
		Expense uint64 `json:"expense"`
		Asked
	}
	// Receipt is a picture of an expense: the original, or what everybody may see of it.
	Receipt struct {
		Expense  uint64  `json:"expense"`
		W        int     `json:"w"`
		H        int     `json:"h"`
		Original bool    `json:"original,omitempty"`
		Of       *uint64 `json:"of,omitempty"` // original that this one shows
	}
	// OfExpense is that of approved, returned, refused, dropped and paid.
	OfExpense struct {
		Expense uint64 `json:"expense"`
	}
)

// Limit is how far a household may go: down to -Down, up to +Up; -1 is as far as it likes. A soft one only warns.
type Limit struct {
	Down int64 `json:"down"`
	Up   int64 `json:"up"`
	Soft bool  `json:"soft,omitempty"`
}

func (l Limit) valid() bool {
	return l.Down >= -1 && l.Up >= -1 && l.Down <= money.Most && l.Up <= money.Most
}
