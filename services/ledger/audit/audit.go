package audit

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"strings"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// Finding is something that is not in order.
type Finding struct {
	Index uint64       // of the event that it is about
	Kind  string       // of the event, "" if it is about none
	Fault *fault.Fault // the sentence that says what is wrong
}

// Auditor reads a record once, from its first entry to its last. It is not safe for concurrent use.
type Auditor struct {
	books    book.Books
	shelf    *book.Memory
	roster   *roster
	rights   map[string]who
	last     time.Time
	tree     record.Tree
	earlier  Visit
	period   hash.Hash // of the leaves since the last period was closed
	leaf     record.Hash
	periods  []Period
	size     uint64
	findings []Finding
	left     int // findings beyond those that are kept
	receipts []receipt
	phantoms map[book.Account]bool
}

// maxFindings is how many are kept: whoever floods a record must not fill an auditor's memory.
const maxFindings = 1000

// New begins an audit. earlier is what a former visit saw, the zero Visit for a first one.
func New(earlier Visit) *Auditor {
	kept := book.NewMemory("statement", "words")
	return &Auditor{
		books: book.On(kept), roster: newRoster(), rights: rights(), earlier: earlier, period: sha256.New(),
		phantoms: map[book.Account]bool{}, shelf: kept,
	}
}

// Take reads the next entry. An error is a failure of the audit itself; what is wrong with the entry is a finding.
func (a *Auditor) Take(n record.Entry) error {
	if n.Index != a.size {
		return fmt.Errorf("entry %d came after %d", n.Index, a.size)
	}
	a.remember(n)
	switch {
	case people(n.Kind):
		a.roster.take(n)
	case strings.HasPrefix(n.Kind, "ledger."):
		return a.enter(n)
	}
	return nil
}

// enter brings an event into the books.
func (a *Auditor) enter(n record.Entry) error {
	why := a.judge(n)
	if why != "" {
		a.find(n, why, n.By, n.For)
	}
	if n.At.Before(a.last) {
		a.find(n, "ledger.audit-clock")
	}
	a.last = n.At
	void, err := a.books.Enter(n)
	if err != nil {
		return err
	}
	if void != nil {
		a.report(Finding{n.Index, n.Kind, void})
		return nil
	}
	a.look(n)
	return nil
}

// look notes what an event that counts has to do with households, receipts and periods.
func (a *Auditor) look(n record.Entry) {
	switch n.Kind {
	case book.ReceiptKind:
		d, _ := record.Decode[book.Receipt](n.Event)
		a.receipts = append(a.receipts, receipt{n.Ref, d.Expense, n.Event.Body, d.Original})
	case book.ClosedKind:
		d, _ := record.Decode[book.Closed](n.Event)
		a.close(d.Period)
	}
	if n.For != "" && !a.roster.households[n.For] {
		a.find(n, "ledger.audit-no-household", n.For)
	}
}

func (a *Auditor) find(n record.Entry, key string, args ...any) {
	a.report(Finding{n.Index, n.Kind, fault.New(fault.Invalid, key, args...)})
}

func (a *Auditor) report(f Finding) {
	if len(a.findings) == maxFindings {
		a.left++
		return
	}
	a.findings = append(a.findings, f)
}

// Report is what an audit came to.
type Report struct {
	Size     uint64
	Entries  int // of the books
	Units    int
	Periods  int
	Beyond   []book.Balance // accounts outside a limit, which a soft or a lowered one allows
	Receipts Receipts
	Findings []Finding
	More     int // further findings
	Visit    Visit
}

// Root is that of all entries so far, to be compared with a signed checkpoint of their number.
func (a *Auditor) Root() record.Hash { return a.tree.Root() }

// Finish ends the audit, and looks every receipt up. o is the record's origin.
func (a *Auditor) Finish(o record.Origin, now time.Time, bodies Bodies) Report {
	r := Report{Size: a.size, Entries: a.shelf.Postings(), Periods: len(a.periods)}
	a.compare()
	if err := a.books.Check(); err != nil {
		a.report(Finding{Fault: fault.New(fault.Invalid, "ledger.audit-sum").Because(err)})
	}
	units := map[string]bool{}
	for _, b := range a.books.Balances() {
		units[string(b.Unit)] = true
		a.exists(b.Account)
		if l, limited := a.books.LimitOf(b.Account, b.Unit); limited && l.Beyond(b.Totals) {
			r.Beyond = append(r.Beyond, b)
		}
	}
	r.Units = len(units)
	r.Receipts = a.checkReceipts(bodies)
	r.Findings, r.More, r.Visit = a.findings, a.left, a.visit(o, now)
	return r
}

// exists finds accounts of households that nobody added.
func (a *Auditor) exists(account book.Account) {
	if account.Household() && !a.roster.households[string(account)] && !a.phantoms[account] {
		a.phantoms[account] = true
		a.report(Finding{Fault: fault.New(fault.Invalid, "ledger.audit-no-household", string(account))})
	}
}
