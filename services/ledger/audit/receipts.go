package audit

import (
	"commonhub/hub/body"
	"commonhub/hub/fault"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// receipt is a picture that the record promises.
type receipt struct {
	record.Ref
	expense    uint64
	commitment string
	original   bool
}

// Bodies looks the body of a receipt up. State is Here, with salt and bytes as they came, Unknown where this copy of the record cannot have
// it (originals stay with the stewards; a folder of entries has no pictures), and another for what should be there and is not.
type Bodies func(ref record.Ref, original bool) body.Body

// Receipts counts what became of the pictures.
type Receipts struct {
	Compared int // there, and what was committed to
	Kept     int // originals, which only stewards see
	Unknown  int // that this copy of the record cannot have
}

// checkReceipts looks every receipt up, and finds payments that never had one.
func (a *Auditor) checkReceipts(bodies Bodies) (r Receipts) {
	for _, one := range a.receipts {
		b := bodies(one.Ref, one.original)
		switch {
		case b.State == body.Here && body.Opens(one.commitment, b.Salt, b.Bytes):
			r.Compared++
		case b.State == body.Here:
			a.reportReceipt(one, "ledger.audit-receipt-other")
		case one.original && b.State == body.Unknown:
			r.Kept++
		case b.State == body.Unknown:
			r.Unknown++
		default:
			a.reportReceipt(one, "ledger.audit-receipt-gone")
		}
	}
	for x := range a.books.ExpensesBack(1 << 63) {
		if x.State == book.Paid && len(x.Originals)+len(x.Public) == 0 {
			a.report(Finding{x.Index, book.PaidKind, fault.New(fault.Invalid, "ledger.audit-no-receipt")})
		}
	}
	return r
}

func (a *Auditor) reportReceipt(one receipt, key string) {
	a.report(Finding{one.Index, book.ReceiptKind, fault.New(fault.Invalid, key, int64(one.expense))})
}
