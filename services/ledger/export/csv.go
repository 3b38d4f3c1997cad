package export

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

func columns() []string {
	return []string{"index", "posted", "day", "kind", "by", "for", "of", "account", "unit", "amount", "leaf", "receipts", "memo"}
}

// CSV writes the entries with a line each leg (RFC 4180, UTF-8); the package comment says what the columns are.
func (f File) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns()); err != nil {
		return err
	}
	return f.pieces(func(rows []Row) error {
		for _, r := range rows {
			if err := r.csv(out); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	}, nothing)
}

func (r Row) csv(out *csv.Writer) error {
	of := ""
	if r.Of != nil {
		of = strconv.FormatUint(*r.Of, 10)
	}
	for _, l := range r.Legs {
		err := out.Write([]string{
			strconv.FormatUint(r.Index, 10), r.Posted.UTC().Format(time.RFC3339), r.Day, r.Kind, r.By, r.For, of,
			l.Account, l.Unit, l.Amount, r.Leaf, strings.Join(r.Receipts, " "), Defused(r.Memo),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Defused is what people wrote, made safe for spreadsheets: a cell that begins like a formula would be run as one, so that an apostrophe
// goes in front, which spreadsheets take for "this is text" (OWASP, CSV injection). Our own numbers need none: they are digits.
func Defused(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}

// Word is a line of the file of words: what an account is called, or what was written to an entry.
type Word struct {
	What string // "account" or "entry"
	Key  string // as the other files name it
	Text string
}

// Words writes what people are called and what they wrote, as it is on a day: both may change, and be erased, after it.
func Words(w io.Writer, asOf time.Time, words []Word) error {
	out := csv.NewWriter(w)
	out.Write([]string{"as_of", "what", "key", "text"}) // a failure stays in out
	for _, one := range words {
		out.Write([]string{day(asOf), one.What, one.Key, Defused(one.Text)})
	}
	out.Flush()
	return out.Error()
}

// Words collects the words of a file's entries. The source must give memos.
func (f File) Words() (all []Word, err error) {
	err = f.pieces(func(rows []Row) error {
		for _, r := range rows {
			if r.Memo != "" {
				all = append(all, Word{"entry", strconv.FormatUint(r.Index, 10), r.Memo})
			}
		}
		return nil
	}, nothing)
	return all, err
}
