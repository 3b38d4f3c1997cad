package book

import (
	"commonhub/hub/record"
	"commonhub/services/ledger/money"
)

// Kinds of events about credit between hubs. The hub itself, not a member, writes raised, received, bounced and finished.
const (
	LineAskedKind  = "ledger.line-asked"
	LineAgreedKind = "ledger.line-agreed"
	LineRaisedKind = "ledger.line-raised"
	LineCappedKind = "ledger.line-capped"
	LineFrozenKind = "ledger.line-frozen"
	LineShutKind   = "ledger.line-shut"

	SentKind     = "ledger.sent"
	ReceivedKind = "ledger.received"
	BouncedKind  = "ledger.bounced"
	FinishedKind = "ledger.finished"
	RecalledKind = "ledger.recalled"

	WriteoffAskedKind  = "ledger.writeoff-asked"
	WriteoffAgreedKind = "ledger.writeoff-agreed"
)

// Data of events about credit between hubs, by kind. A hub is named by its id. Households of another hub are spelled like ours.
type (
	// Citation names an event of another hub's record.
	Citation struct {
		Origin record.Origin `json:"origin"`
		Leaf   string        `json:"leaf"` // hexadecimal
	}

	// LineAsked says what we would let another hub owe us. Decimals are those of the unit here: both hubs must count alike.
	LineAsked struct {
		Hub      string     `json:"hub"`
		Unit     money.Unit `json:"unit"`
		Decimals int        `json:"decimals"`
		Most     int64      `json:"most"`
	}
	// LineAgreed says yes to the asked event of another hub, and repeats its terms, so that our books need not read its record.
	LineAgreed struct {
		Line     Citation   `json:"line"`
		Unit     money.Unit `json:"unit"`
		Decimals int        `json:"decimals"`
		Most     int64      `json:"most"`
	}
	// LineRaised puts an asked event of ours into force: the other hub agreed.
	LineRaised struct {
		Line   uint64   `json:"line"`
		Agreed Citation `json:"agreed"`
	}
	// LineCapped bounds all lines of a unit together: imports what we may owe, exports what we may be owed; -1 is no cap.
	LineCapped struct {
		Unit    money.Unit `json:"unit"`
		Imports int64      `json:"imports"`
		Exports int64      `json:"exports"`
	}
	// LineFrozen stops, or allows again, everything new with a hub.
	LineFrozen struct {
		Hub    string `json:"hub"`
		Frozen bool   `json:"frozen"`
	}
	// LineShut ends a line on which nobody owes anything.
	LineShut struct {
		Hub  string     `json:"hub"`
		Unit money.Unit `json:"unit"`
	}

	// Sent is a payment to a household of another hub. It is held until that hub has answered.
	Sent struct {
		Hub    string     `json:"hub"`
		From   Account    `json:"from"`
		To     Account    `json:"to"`
		Unit   money.Unit `json:"unit"`
		Amount int64      `json:"amount"`
		On     string     `json:"on,omitempty"`
	}
	// Received takes a payment of another hub's household in.
	Received struct {
		Payment Citation   `json:"payment"`
		From    Account    `json:"from"`
		To      Account    `json:"to"`
		Unit    money.Unit `json:"unit"`
		Amount  int64      `json:"amount"`
	}
	// Bounced refuses one for good. Why is a code.
	Bounced struct {
		Payment Citation `json:"payment"`
		Why     string   `json:"why"`
	}
	// Finished ends a payment of ours, once the answer was read.
	Finished struct {
		Sent     uint64   `json:"sent"`
		Answer   Citation `json:"answer"`
		Received bool     `json:"received"`
	}
	// Recalled asks for a payment back that may be on its way still.
	Recalled struct {
		Sent uint64 `json:"sent"`
	}

	// WriteoffAsked proposes to take the whole balance of a frozen line out of the books. Amount is that balance.
	WriteoffAsked struct {
		Hub    string     `json:"hub"`
		Unit   money.Unit `json:"unit"`
		Amount int64      `json:"amount"`
	}
	// WriteoffAgreed does it.
	WriteoffAgreed struct {
		Ask uint64 `json:"ask"`
	}
)

// valid tells whether a citation can name an event of a hub.
func (c Citation) valid() bool {
	_, err := record.ParseHash(c.Leaf)
	return err == nil && record.ValidID(c.Origin.ID())
}

// Key is the citation as tables spell it: it sorts by hub.
func (c Citation) Key() []byte { return []byte(c.Origin.ID() + c.Leaf) }

// Cite names an event.
func Cite(r record.Ref) Citation { return Citation{r.Origin, record.Hex(r.Leaf)} }
