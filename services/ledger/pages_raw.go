package ledger

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"commonhub/hub/body"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
)

// serveReceipt answers /ledger/receipts/<index>.jpg.
func (s *Service) serveReceipt(w http.ResponseWriter, req *http.Request) {
	r := portal.From(req)
	var jpeg []byte
	err := s.look(readerOf(r), func(l sight) (err error) {
		jpeg, err = l.receipt(r.Param("file"))
		return err
	})
	if err != nil {
		http.NotFound(w, req)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(jpeg)))
	// Receipts never change, but may be erased: an hour is long enough for one visit.
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("Vary", "Cookie, Authorization")
	if req.Method != http.MethodHead {
		w.Write(jpeg) // if the reader went away, nobody is left to tell
	}
}

// receipt finds a receipt that this reader may see. Anything else is NotFound, and so is a body that is no receipt of an expense: names
// and memos must not leave by this door.
func (l sight) receipt(file string) ([]byte, error) {
	digits, isJPEG := strings.CutSuffix(file, ".jpg")
	index, err := strconv.ParseUint(digits, 10, 63)
	if !isJPEG || err != nil {
		return nil, missing()
	}
	n, err := l.Entry(l.Self(), index)
	if err != nil || n.Kind != book.ReceiptKind {
		return nil, missing()
	}
	d, _ := record.Decode[book.Receipt](n.Event)
	x, _ := l.Expense(d.Expense)
	counts := slices.Contains(x.Public, index) || l.r.Steward && slices.Contains(x.Originals, index)
	b := l.View.Body(n.Origin, n.Leaf)
	if !counts || b.State != body.Here {
		return nil, missing()
	}
	return slices.Clone(b.Bytes), nil
}
