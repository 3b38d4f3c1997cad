package ledger

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// heading tells whether a text is a CSV whose first line names the columns that are needed.
func (p *past) heading(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	names := strings.Split(strings.ToLower(strings.TrimSpace(first)), string(separator(text)))
	return column(names, "account") >= 0 && column(names, "amount") >= 0
}

// column finds a column by its name, -1 if it is not there.
func column(names []string, wanted string) int {
	return slices.IndexFunc(names, func(n string) bool { return strings.Trim(n, " \"'\r") == wanted })
}

// table reads a CSV. Its amounts have a decimal point, as those that we write.
func (p *past) table(text string) error {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	head, err := r.Read()
	if err != nil {
		return p.wrong("ledger.past-row")
	}
	for i, name := range head {
		head[i] = strings.ToLower(name)
	}
	account, unit, amount := column(head, "account"), column(head, "unit"), column(head, "amount")
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			p.line = broken.Line
			return p.wrong("ledger.past-row")
		}
		if p.line, _ = r.FieldPos(0); len(row) <= max(account, unit, amount) || unit < 0 {
			return p.wrong("ledger.past-row")
		}
		if _, _, err := p.add(row[account], strings.TrimSpace(row[unit]), strings.TrimSpace(row[amount])); err != nil {
			return err
		}
	}
}
