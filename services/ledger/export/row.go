package export

import (
	"iter"
	"slices"
	"strings"
	"time"

	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// Row is an entry as every file tells it.
type Row struct {
	Index    uint64    `json:"index"`
	Posted   time.Time `json:"posted"`
	Day      string    `json:"day,omitempty"`
	Kind     string    `json:"kind"`
	By       string    `json:"by"`
	For      string    `json:"for,omitempty"`
	Of       *uint64   `json:"of,omitempty"`
	Legs     []Leg     `json:"legs"`
	Leaf     string    `json:"leaf"`
	Receipts []string  `json:"receipts,omitempty"`
	Memo     string    `json:"memo,omitempty"`
}

// Leg is a leg of an entry. The amount is a decimal number in text, as no program may take it for a float.
type Leg struct {
	Account string `json:"account"`
	Unit    string `json:"unit"`
	Amount  string `json:"amount"`
}

// Minutes is the unit of hours in files.
const Minutes = "MIN"

// UnitName is a unit as files name it.
func UnitName(u money.Unit) string {
	if u == money.Hour {
		return Minutes
	}
	return string(u)
}

// roots are the first parts of account names by letter.
const letters = "hpgsnx"

func roots() []string {
	return []string{"household", "pot", "gift", "purpose", "named", "line"}
}

// AccountName is an account as files name it: what it is, and its handle. Names that people gave are in the file of words.
func AccountName(a book.Account) string {
	return roots()[strings.IndexByte(letters, a.Letter())] + ":" + string(a)
}

// Sight is one look at the books, within one transaction.
type Sight struct {
	book.Books
	// Entries yields the events of the record from an index on.
	Entries func(from uint64) iter.Seq2[record.Entry, error]
	// Memo gives what was written to an entry, whose own event is at hand; nil leaves words out.
	Memo func(p book.Posting, own record.Entry) string
}

// Source opens a transaction for one look. It is called several times for one file.
type Source func(look func(Sight) error) error

// File is what is asked for: the entries from First on, and below End. Code names the closed period that they are, "" for none.
type File struct {
	Origin     record.Origin
	Code       string
	First, End uint64
	Source     Source
}

// OfPeriod is the file of a closed period.
func OfPeriod(o record.Origin, p book.Period, s Source) File {
	return File{o, p.Code, p.First, p.Last + 1, s}
}

// pieceSize is how many entries are read in one transaction.
const pieceSize = 256

// pieces reads the rows, and hands them out when the transaction is over: whoever writes may wait for the reader. meanwhile is asked in
// the transaction of each piece what else belongs between the rows.
func (f File) pieces(write func([]Row) error, meanwhile func(Sight, []Row) error) error {
	for from, more := f.First, true; more; {
		var rows []Row
		err := f.Source(func(s Sight) (err error) {
			if rows, err = s.piece(from, f.End); err != nil {
				return err
			}
			return meanwhile(s, rows)
		})
		if err != nil {
			return err
		}
		if err := write(rows); err != nil {
			return err
		}
		if more = len(rows) == pieceSize; more {
			from = rows[len(rows)-1].Index + 1
		}
	}
	return nil
}

func nothing(Sight, []Row) error { return nil }

// piece reads up to pieceSize entries from an index on.
func (s Sight) piece(from, end uint64) ([]Row, error) {
	var postings []book.Posting
	for p, err := range s.Postings(from) {
		if err != nil {
			return nil, err
		}
		if p.Index >= end || len(postings) == pieceSize {
			break
		}
		postings = append(postings, p)
	}
	return s.rows(postings)
}

// rows dresses postings, oldest first. Their events are read in one go: they lie in bundles, which would be unpacked for each.
func (s Sight) rows(postings []book.Posting) ([]Row, error) {
	rows := make([]Row, 0, len(postings))
	if len(postings) == 0 {
		return rows, nil
	}
	for n, err := range s.Entries(postings[0].Index) {
		if err != nil {
			return nil, err
		}
		if n.Index < postings[0].Index {
			continue
		}
		rows = append(rows, s.row(postings[0], n))
		if postings = postings[1:]; len(postings) == 0 {
			break
		}
	}
	return rows, nil
}

func (s Sight) row(p book.Posting, own record.Entry) Row {
	r := Row{
		Index: p.Index, Posted: p.At, Day: p.Day, Kind: p.Kind, By: p.By, For: p.For, Of: p.Of,
		Leaf: record.Hex(own.Leaf), Receipts: s.receipts(p),
	}
	for _, l := range p.Legs {
		r.Legs = append(r.Legs, Leg{AccountName(l.Account), UnitName(l.Unit), s.Scale(l.Unit).Plain(l.Amount)})
	}
	if s.Memo != nil {
		r.Memo = s.Memo(p, own)
	}
	return r
}

// receipts are those that a payment could rest on: what came later would change the file of a closed period.
func (s Sight) receipts(p book.Posting) (leaves []string) {
	if p.Kind != book.PaidKind || p.Of == nil {
		return nil
	}
	x, _ := s.Expense(*p.Of)
	all := slices.Concat(x.Originals, x.Public)
	slices.Sort(all)
	for _, index := range all {
		if index > p.Index {
			break
		}
		for n := range s.Entries(index) {
			leaves = append(leaves, record.Hex(n.Leaf))
			break
		}
	}
	return leaves
}
