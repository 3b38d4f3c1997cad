package export

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"commonhub/services/ledger/book"
)

// Journal writes the entries for hledger (and programs that read its format). Every account and unit is declared, entries are dated by the
// day on which they were posted (UTC), which never steps back, and where a period was closed every balance is asserted. `hledger check
// -s ordereddates` passes.
func (f File) Journal(w io.Writer) error {
	out := bufio.NewWriter(w)
	closings := map[uint64]string{}
	var next uint64 // number of the next period whose end is to be written
	err := f.Source(func(s Sight) error {
		next = f.head(out, s)
		return nil
	})
	if err != nil {
		return err
	}
	write := func(rows []Row) error {
		for _, r := range rows {
			flush(out, closings, r.Index)
			r.transaction(out)
		}
		if len(rows) < pieceSize {
			flush(out, closings, f.End)
		}
		return out.Flush()
	}
	return f.pieces(write, func(s Sight, rows []Row) error {
		next = f.closings(s, rows, next, closings)
		return nil
	})
}

// flush writes the ends of the periods that lie below an index.
func flush(out *bufio.Writer, closings map[uint64]string, below uint64) {
	for _, at := range slices.Sorted(maps.Keys(closings)) {
		if at >= below {
			return
		}
		out.WriteString(closings[at])
		delete(closings, at)
	}
}

// head declares what the file uses, and opens the books of a period with what there was before. It returns the number of the first period
// that ends in the file.
func (f File) head(out *bufio.Writer, s Sight) (period uint64) {
	what := "all entries below event"
	if f.Code != "" {
		what = "the closed period " + f.Code + ", entries below event"
	}
	fmt.Fprintf(out, "; %s: %s %d\n; dates are when it was posted, UTC; the tag day is when it happened; MIN are minutes\n\n", f.Origin, what, f.End)
	used := s.used(f.End)
	units, seen := map[string]bool{}, map[book.Account]bool{}
	for _, b := range used {
		if name := UnitName(b.Unit); !units[name] {
			units[name] = true
			fmt.Fprintf(out, "commodity %s %s\n", sample(s, b), name)
		}
	}
	for _, b := range used {
		if !seen[b.Account] {
			seen[b.Account] = true
			fmt.Fprintf(out, "account %s  ; type:%s\n", AccountName(b.Account), typeOf(b.Account))
		}
	}
	for period = 1; ; period++ {
		p, ok := s.Period(period)
		if !ok || p.Last >= f.First {
			break
		}
	}
	f.opening(out, s, period)
	return period
}

// sample is a number that shows how amounts of a unit are written. hledger wants a mark even where nothing follows.
func sample(s Sight, b book.Balance) string {
	one := s.Scale(b.Unit).Plain(1000)
	if !strings.Contains(one, ".") {
		one += "."
	}
	return one
}

// typeOf is hledger's type of an account: assets, revenues, expenses, equity. What households have is theirs to spend, so an asset.
func typeOf(a book.Account) string {
	switch a.Letter() {
	case 'g':
		return "R"
	case 's':
		return "X"
	case 'n':
		return "E"
	}
	return "A"
}

// opening brings in the balances at the beginning of a file that does not begin with the record.
func (f File) opening(out *bufio.Writer, s Sight, period uint64) {
	before, ok := s.Period(period - 1)
	if !ok || f.First == 0 {
		return
	}
	title := fmt.Sprintf("\n%s * opening balances  ; period:%s\n", day(time.UnixMilli(before.At)), before.Code)
	for _, b := range s.used(f.First) {
		if b.Balance != 0 {
			amount := s.Scale(b.Unit).Plain(b.Balance) + " " + UnitName(b.Unit)
			fmt.Fprintf(out, "%s    %s  %s\n", title, AccountName(b.Account), amount)
			title = ""
		}
	}
}

// closings spells the ends of the periods up to the last of these rows, or to the end of the file if they are the last.
func (f File) closings(s Sight, rows []Row, next uint64, closings map[uint64]string) uint64 {
	until := f.End
	if len(rows) == pieceSize {
		until = rows[len(rows)-1].Index
	}
	for ; ; next++ {
		p, ok := s.Period(next)
		if !ok || p.Last >= until {
			return next
		}
		closings[p.Last] = s.closing(p)
	}
}

// closing moves nothing and asserts all balances.
func (s Sight) closing(p book.Period) string {
	used := s.used(p.Last)
	if len(used) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n%s * (%d) %s  ; index:%d, kind:%s, period:%s\n", day(time.UnixMilli(p.At)), p.Last, book.ClosedKind, p.Last, book.ClosedKind, p.Code)
	for _, b := range used {
		fmt.Fprintf(&out, "    %s  0 %s = %s %s\n", AccountName(b.Account), UnitName(b.Unit), s.Scale(b.Unit).Plain(b.Balance), UnitName(b.Unit))
	}
	return out.String()
}

// used lists the accounts and units that anything was posted to below an index, with what they had then.
func (s Sight) used(below uint64) []book.Balance {
	var all []book.Balance
	for _, b := range s.Balances() {
		for l := range s.Statement(b.Account, b.Unit, below) {
			all = append(all, book.Balance{Account: b.Account, Unit: b.Unit, Totals: book.Totals{Balance: l.After}})
			break
		}
	}
	return all
}

// transaction is an entry of the journal.
func (r Row) transaction(out *bufio.Writer) {
	fmt.Fprintf(out, "\n%s * (%d) %s  ; index:%d, leaf:%s, kind:%s, by:%s", day(r.Posted), r.Index, r.description(), r.Index, r.Leaf, r.Kind, r.By)
	if r.For != "" {
		out.WriteString(", for:" + r.For)
	}
	if r.Day != "" {
		out.WriteString(", day:" + r.Day)
	}
	if r.Of != nil {
		fmt.Fprintf(out, ", of:%d", *r.Of)
	}
	for _, leaf := range r.Receipts {
		out.WriteString(", receipt:" + leaf)
	}
	out.WriteByte('\n')
	for _, l := range r.Legs {
		fmt.Fprintf(out, "    %s  %s %s\n", l.Account, l.Amount, l.Unit)
	}
}

// description is the memo on one line. A semicolon would begin a comment, in which somebody could forge tags.
func (r Row) description() string {
	text := strings.Join(strings.FieldsFunc(r.Memo, func(c rune) bool { return unicode.IsControl(c) || unicode.IsSpace(c) }), " ")
	if text = strings.ReplaceAll(text, ";", ","); text == "" {
		return r.Kind
	}
	return text
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
