package ledger

import (
	"strings"

	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
)

// entry is a transaction of a journal while its lines are read.
type entry struct {
	sums map[money.Unit]int64
	open book.Account // the one account whose amount is left to be worked out, "" for none
}

// journal reads a journal of hledger.
func (p *past) journal(text string) error {
	var e *entry
	for raw := range strings.Lines(text) {
		p.line++
		line := strings.TrimRight(raw, " \t\r\n")
		indented := line != strings.TrimLeft(line, " \t")
		var err error
		switch rest := strings.TrimLeft(line, " \t"); {
		case rest == "" || strings.ContainsRune(";#*%|", rune(rest[0])):
		case indented && e != nil:
			err = p.posting(e, rest)
		case indented: // of a declaration
		default:
			if err = p.close(e); err == nil {
				e, err = p.begin(line)
			}
		}
		if err != nil {
			return err
		}
	}
	return p.close(e)
}

// begin reads a line that begins at the margin: a transaction, or a declaration, which changes nothing. Anything else could change what the
// lines behind it mean.
func (p *past) begin(line string) (*entry, error) {
	if line[0] >= '0' && line[0] <= '9' {
		return &entry{sums: map[money.Unit]int64{}}, nil
	}
	word, _, _ := strings.Cut(line, " ")
	switch word {
	case "account", "commodity", "payee", "tag", "P":
		return nil, nil
	}
	return nil, p.wrong("ledger.past-line", clip(line))
}

// posting reads "account  amount unit = assertion ; comment".
func (p *past) posting(e *entry, line string) error {
	line, _, _ = strings.Cut(line, ";")
	line = strings.TrimLeft(strings.TrimLeft(line, "*! "), " \t")
	name, amount := line, ""
	if i := strings.IndexAny(line, "\t"); i >= 0 {
		name, amount = line[:i], line[i:]
	}
	if i := strings.Index(name, "  "); i >= 0 {
		name, amount = line[:i], line[i:]
	}
	amount, _, asserted := strings.Cut(amount, "=")
	amount = strings.TrimSpace(amount)
	if amount != "" {
		return p.moved(e, name, amount)
	}
	a, err := p.account(name)
	if err != nil {
		return err
	}
	if asserted || e.open != "" {
		return p.wrong("ledger.past-line", clip(line))
	}
	e.open = a
	return nil
}

// moved reads an amount with its unit in front or behind.
func (p *past) moved(e *entry, account, amount string) error {
	isUnit := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	digits := strings.TrimSpace(strings.TrimFunc(strings.ReplaceAll(amount, `"`, ""), isUnit))
	unit := strings.Trim(strings.TrimSpace(strings.Replace(strings.ReplaceAll(amount, `"`, ""), digits, "", 1)), " ")
	n, u, err := p.add(account, unit, digits)
	if err != nil {
		return err
	}
	sum, ok := money.Add(e.sums[u], n)
	if !ok {
		return p.wrong("ledger.past-huge")
	}
	e.sums[u] = sum
	return nil
}

// close ends a transaction: what is missing to zero is on the account without an amount, or it is wrong.
func (p *past) close(e *entry) error {
	if e == nil {
		return nil
	}
	for u, sum := range e.sums {
		switch {
		case sum == 0:
		case e.open == "":
			return p.wrong("ledger.past-unbalanced", string(u))
		default:
			if err := p.gain(e.open, u, -sum); err != nil {
				return err
			}
		}
	}
	return nil
}
