package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Whatever somebody writes, a spreadsheet finds no formula in the file, a reader of CSV finds the words, and the journal keeps them to
// the one line that is theirs, without tags.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "=1+1", "-2", "+3", "@SUM(A1)", "\t=1", "a\r\nb", "\"", "; index:1", "a  b", "＝1", "\u2028x", " =1", "'=1", "\x00=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, memo string) {
		if !utf8.ValidString(memo) {
			return // no form lets that in
		}
		r := Row{Index: 7, Posted: time.Unix(0, 0), Kind: "ledger.given", By: "m1", Legs: []Leg{{"household:h1", "EUR", "-1.00"}}, Memo: memo}
		cellOf(t, r)
		lineOf(t, r)
	})
}

func cellOf(t *testing.T, r Row) {
	var file bytes.Buffer
	out := csv.NewWriter(&file)
	if err := r.csv(out); err != nil {
		t.Fatal(err)
	}
	out.Flush()
	row, err := csv.NewReader(&file).Read()
	if err != nil || len(row) != len(columns()) {
		t.Fatalf("%q: %d cells, %v", r.Memo, len(row), err)
	}
	cell := row[len(row)-1]
	if start := norm.NFKC.String(cell); start != "" && strings.ContainsAny(start[:1], "=+-@\t\r\n") {
		t.Fatalf("%q is the cell %q", r.Memo, cell)
	}
	if plain := strings.ReplaceAll(r.Memo, "\r\n", "\n"); strings.TrimPrefix(cell, "'") != plain && cell != plain {
		t.Fatalf("%q was read as %q", r.Memo, cell)
	}
}

func lineOf(t *testing.T, r Row) {
	var file bytes.Buffer
	out := bufio.NewWriter(&file)
	r.transaction(out)
	out.Flush()
	lines := strings.Split(file.String(), "\n")
	if len(lines) != 4 || lines[2] != "    household:h1  -1.00 EUR" || strings.Count(lines[1], ";") != 1 {
		t.Fatalf("%q is written as %q", r.Memo, lines)
	}
}
