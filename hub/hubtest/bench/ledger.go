package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"commonhub/hub/record"
)

// ledger pays from household to household through HTTP, beside the bare disk; reads the ledger's pages at two sizes; and lets the program and
// hledger, if that is installed, add up the same 100,000 payments.
func ledger(b *bench) error {
	s, err := b.seedOf("books", 2*households+1000, payments)
	if err != nil {
		return err
	}
	pay := func(p *process, n int) error {
		_, err := p.pay(s.tokens[n%households], 1+(n+1)%households)
		return err
	}
	for _, c := range []contest{{1, 300, 0.2}, {16, 1600, 0.8}, {64, 3200, 1.5}} {
		if err := b.race("payments", s, c, pay); err != nil {
			return err
		}
	}
	return b.bigBooks(s)
}

// pay gives an hour to a household, and returns how long that took.
func (p *process) pay(token string, to int) (time.Duration, error) {
	form := encoded(map[string]string{"way": "give", "to": fmt.Sprint("h", to), "unit": "hour", "amount": "1:00", "memo": some(4)})
	req, err := http.NewRequest(http.MethodPost, p.url+"/ledger/transfers", strings.NewReader(string(form)))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	return p.send(req, token, http.StatusCreated)
}

// Data of two kinds of events, in the words of the ledger.
type (
	admitted struct {
		Unit string `json:"unit"`
		Down int64  `json:"down"`
		Up   int64  `json:"up"`
	}
	giving struct {
		From   string `json:"from"`
		To     string `json:"to"`
		Unit   string `json:"unit"`
		Amount int    `json:"amount"`
	}
)

// payments appends a stretch of them. The first event lets everybody owe as much as they like.
func payments(r *record.Record, most int) error {
	_, err := r.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Append(record.Event{Kind: "ledger.admitted", By: "m1", For: "h1", Data: record.Data(admitted{"hour", -1, -1})})
		for i := range min(1000, most) - 1 {
			n := int(v.Size(v.Self())) + i
			from, to := fmt.Sprint("h", 1+n%households), fmt.Sprint("h", 1+(n+7)%households)
			if n%3 == 0 && from != "h7" { // whose statement is read: it fills a page at either size
				to = "h7"
			}
			d.Append(record.Event{Kind: "ledger.given", By: "m" + from[1:], For: from, Data: record.Data(giving{from, to, "hour", 1 + n%90})})
		}
		return d, nil
	}})
	return err
}

// bigBooks compares a small ledger's pages with those of a big one, and audits the big one.
func (b *bench) bigBooks(small seed) (err error) {
	big, err := b.seedOf("books", many, payments)
	if err != nil {
		return err
	}
	var hubs []*process
	for _, s := range []seed{small, big} {
		dir, err := b.copy(s)
		if err != nil {
			return err
		}
		p, err := b.open(dir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.close()) }()
		hubs = append(hubs, p)
	}
	for _, page := range []string{"/ledger", "/ledger/fund", "/ledger/credit", "/ledger/accounts/H7Y"} {
		took := make([][]time.Duration, len(hubs))
		for round := range 200 {
			for i, p := range hubs {
				d, err := p.get(page, small.tokensOf(i, big)[round%households])
				if err != nil {
					return err
				}
				took[i] = append(took[i], d)
			}
		}
		b.told(fmt.Sprintf("%s, member, %d events", page, many), ms(median(took[1])), "ms")
		b.atMost(fmt.Sprintf("%s, member, %d by 1000", page, many), ms(median(took[1]))/ms(median(took[0])), 1.3, "x")
	}
	return b.audits(hubs[1], big)
}

// tokensOf are the tokens of this seed, or of the other one.
func (s seed) tokensOf(i int, other seed) []string {
	if i == 0 {
		return s.tokens
	}
	return other.tokens
}

// audits times an audit of the whole record beside what hledger needs to add the same payments up.
func (b *bench) audits(p *process, s seed) error {
	ours, err := b.command("audit", s.dir)
	if err != nil {
		return err
	}
	b.told(fmt.Sprintf("audit of %d events", many), ms(ours.clock), "ms")
	if _, err := exec.LookPath("hledger"); err != nil {
		fmt.Fprintln(os.Stderr, "hledger is not installed, so that the audit is compared with nothing")
		return nil
	}
	journal := filepath.Join(b.dir, "journal.hledger")
	if err := p.save("/ledger/journal.hledger", journal); err != nil {
		return err
	}
	began := time.Now()
	if out, err := exec.Command("hledger", "-f", journal, "bal").CombinedOutput(); err != nil {
		return fmt.Errorf("hledger: %w: %.200s", err, out)
	}
	theirs := time.Since(began)
	b.told("hledger bal of the same", ms(theirs), "ms")
	b.atLeast("hledger bal by audit", ms(theirs)/ms(ours.clock), 20, "x")
	return nil
}

// save writes what a path answers into a file.
func (p *process) save(path, file string) error {
	res, err := p.client.Get(p.url + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", path, res.Status)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(res.Body)
	return errors.Join(err, out.Close())
}
