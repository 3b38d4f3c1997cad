package ledger

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"commonhub/hub/photo"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/export"
	"commonhub/services/ledger/money"
)

// told is an entry as each page and file tells it, in one spelling: its legs.
type told map[uint64]string

func (a told) equal(t *testing.T, what string, want told) {
	t.Helper()
	for _, index := range slices.Sorted(maps.Keys(want)) {
		if a[index] != want[index] {
			t.Fatalf("%s tells entry %d as %q, the books as %q", what, index, a[index], want[index])
		}
	}
	if len(a) != len(want) {
		t.Fatalf("%s tells %d entries, the books have %d", what, len(a), len(want))
	}
}

// What pages, CSV, JSON, journal and feed tell of a year are the same entries, and hledger, which knows nothing of us, comes to the balances
// that our page shows.
func TestFilesAgree(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.houses = 30
	h.liveAYear(3000)
	if size := h.r.Size(); size < 3000 {
		t.Fatalf("a year of %d events", size)
	}
	s := serve(t, h)
	want := s.fromBooks()
	s.fromCSV(s.fetch("m1", "/ledger/entries.csv", "*/*")).equal(t, "CSV", want)
	s.fromJSON(s.fetch("m1", "/ledger/entries.json", "*/*")).equal(t, "JSON", want)
	journal := s.fetch("m1", "/ledger/journal.hledger", "*/*")
	s.fromJournal(journal).equal(t, "the journal", want)
	s.fromFeed().equal(t, "the feed", want)
	s.fromPages().equal(t, "the page", s.lines())
	s.checkJournal("journal.hledger", journal)
	balances := s.hledgerBalances("journal.hledger", journal)
	for unit, pages := range s.pageBalances() {
		if !maps.Equal(pages, balances[unit]) {
			t.Errorf("in %s our page has %v, hledger %v", unit, pages, balances[unit])
		}
	}
	if len(balances) != 4 || len(balances[export.Minutes]) < 20 {
		t.Errorf("hledger found %d units, and %d balances in minutes", len(balances), len(balances[export.Minutes]))
	}
}

// The files of a closed period are the same bytes whatever happens after it, hold no words, and stand alone for hledger.
func TestFilesOfClosedPeriodsStay(t *testing.T) {
	h := newHub(t)
	h.fund(9000)
	h.did(h.s.Give(ctx(), by("m3"), hours("h4", 90)))
	h.did(h.s.ClosePeriod(ctx(), by("m1"), "winter"))
	h.clock.pass(50 * aDay)
	x := h.did(h.s.Ask(ctx(), by("m4"), bill(500)))
	h.did(h.s.Approve(ctx(), by("m5"), x))
	h.did(h.s.Pay(ctx(), by("m1"), x))
	wrong := h.did(h.s.Give(ctx(), by("m4"), hours("h5", 20)))
	h.did(h.s.ClosePeriod(ctx(), by("m1"), "spring"))
	s := serve(t, h)
	paths := []string{"/ledger/periods/winter.hledger", "/ledger/periods/winter.csv", "/ledger/periods/spring.hledger", "/ledger/periods/spring.csv"}
	var before []string
	for _, path := range paths {
		file := s.fetch("", path, "*/*")
		for _, words := range []string{"summer party", "Name of", "help", "Common pot", "drill"} {
			if strings.Contains(file, words) {
				t.Errorf("%s says %q", path, words)
			}
		}
		if strings.HasSuffix(path, ".hledger") {
			s.checkJournal("period.hledger", file)
		}
		before = append(before, file)
	}
	h.did(h.s.Attach(ctx(), by("m4"), x, []Shots{{Original: &photo.Picture{JPEG: []byte("late"), Width: 1, Height: 1}}}))
	h.did(h.s.Reverse(ctx(), by("m1"), wrong, "not so"))
	h.did(h.s.ChangePlace(ctx(), by("m1"), book.Changed{Account: "p1", Shut: true}, "Another name"))
	h.did(h.s.Admit(ctx(), by("m1"), book.Admitted{Unit: "kwh", Decimals: 1, Limit: book.Limit{Down: 5, Up: 5}}))
	h.must(h.r.Rebuild())
	for i, path := range paths {
		if after := s.fetch("m1", path, "*/*"); after != before[i] {
			t.Errorf("%s was\n%s\nand is\n%s", path, before[i], after)
		}
	}
	if words := s.fetch("m1", "/ledger/periods/winter.words.csv", "*/*"); !strings.Contains(words, "pot:p1,Another name") || !strings.Contains(words, "summer party") {
		t.Errorf("the words are %s", words)
	}
}

func (s *site) fromBooks() told {
	all := told{}
	s.books(func(b book.Books) {
		for p, err := range b.Postings(0) {
			s.must(err)
			for _, l := range p.Legs {
				all.leg(p.Index, export.AccountName(l.Account), b.Scale(l.Unit).Plain(l.Amount), export.UnitName(l.Unit))
			}
		}
	})
	return all
}

func (a told) leg(index uint64, account, amount, unit string) {
	a[index] += account + " " + amount + " " + unit + "\n"
}

func (s *site) fromCSV(file string) told {
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	s.must(err)
	all := told{}
	for _, row := range rows[1:] {
		for i, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+@\t\r") || strings.HasPrefix(cell, "-") && i != 9 {
				s.t.Fatalf("the cell %q would be run as a formula", cell)
			}
		}
		index, err := strconv.ParseUint(row[0], 10, 64)
		s.must(err)
		all.leg(index, row[7], row[9], row[8])
	}
	return all
}

func (s *site) fromJSON(file string) told {
	var f struct{ Entries []export.Row }
	s.must(json.Unmarshal([]byte(file), &f))
	all := told{}
	for _, r := range f.Entries {
		for _, l := range r.Legs {
			all.leg(r.Index, l.Account, l.Amount, l.Unit)
		}
	}
	return all
}

var (
	heading = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \* \((\d+)\) .*  ; index:(\d+), (leaf:[0-9a-f]{64}, )?kind:ledger\.`)
	posting = regexp.MustCompile(`(?m)^    (\S+)  (-?[0-9.]+) (\S+)$`)
)

func (s *site) fromJournal(file string) told {
	all := told{}
	for _, block := range strings.Split(file, "\n\n") {
		head := heading.FindStringSubmatch(block)
		if head == nil {
			continue
		}
		index, err := strconv.ParseUint(head[1], 10, 64)
		s.must(err)
		for _, l := range posting.FindAllStringSubmatch(block, -1) {
			all.leg(index, l[1], l[2], l[3])
		}
	}
	return all
}

func (s *site) fromFeed() told {
	all := told{}
	for path := "/ledger/entries.atom"; path != ""; {
		var f export.Feed
		s.must(xml.Unmarshal([]byte(s.fetch("", path, "*/*")), &f))
		for _, e := range f.Entries {
			_, number, _ := strings.Cut(e.Links[0].Href, "/ledger/entries/")
			index, err := strconv.ParseUint(number, 10, 64)
			s.must(err)
			legs, _, _ := strings.Cut(e.Content.Text, "\n\n")
			all[index] = strings.TrimSuffix(legs, "\n") + "\n"
		}
		path = ""
		for _, l := range f.Links {
			if l.Rel == "next" {
				path = strings.TrimPrefix(l.Href, s.url)
			}
		}
	}
	return all
}

// item is an entry on the page, as a browser shows it.
var (
	item  = regexp.MustCompile(`<a class="ledger-item" href="/ledger/entries/(\d+)"(?s:.*?)<bdi class="ledger-amount"[^>]*>([^<]*)</bdi>`)
	older = regexp.MustCompile(`href="(/ledger\?before=\d+)"`)
)

// fromPages reads the HTML of /ledger, page by page: of each entry, the first amount that was received.
func (s *site) fromPages() told {
	all := told{}
	for path := "/ledger"; path != ""; {
		page := s.fetch("", path, "text/html")
		for _, m := range item.FindAllStringSubmatch(page, -1) {
			index, err := strconv.ParseUint(m[1], 10, 64)
			s.must(err)
			all[index] = m[2]
		}
		path = ""
		if m := older.FindStringSubmatch(page); m != nil {
			path = m[1]
		}
	}
	return all
}

// lines is what fromPages should find.
func (s *site) lines() told {
	all := told{}
	s.books(func(b book.Books) {
		for p, err := range b.Postings(0) {
			s.must(err)
			i := slices.IndexFunc(p.Legs, func(l book.Leg) bool { return l.Amount > 0 })
			all[p.Index] = s.words.Match("en").Amount(b.Amount(p.Legs[i].Amount, p.Legs[i].Unit))
		}
	})
	return all
}

// hledger runs Debian's hledger on a journal.
func (s *site) hledger(name, journal string, words ...string) string {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), name)
	s.must(os.WriteFile(file, []byte(journal), 0o600))
	cmd := exec.Command("hledger", append([]string{"-f", file}, words...)...)
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("hledger %v: %v\n%s", words, err, out)
	}
	return string(out)
}

func (s *site) checkJournal(name, journal string) {
	s.t.Helper()
	needs(s.t, "hledger")
	s.hledger(name, journal, "check", "-s", "ordereddates")
}

// needs skips where a Debian package is missing, but never in CI, which installs it.
func needs(t testing.TB, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing", program)
		}
		t.Skipf("%s is missing", program)
	}
}

// hledgerBalances asks hledger for all balances: unit, then account, as "-12.50".
func (s *site) hledgerBalances(name, journal string) map[string]map[string]string {
	all := map[string]map[string]string{}
	rows, err := csv.NewReader(strings.NewReader(s.hledger(name, journal, "bal", "--flat", "-N", "-E", "--layout=bare", "-O", "csv"))).ReadAll()
	s.must(err)
	for _, row := range rows[1:] {
		amount, account, unit := row[2], row[0], row[1]
		if unit == "" {
			continue
		}
		if all[unit] == nil {
			all[unit] = map[string]string{}
		}
		if strings.Trim(amount, "0.") != "" {
			all[unit][account] = amount
		}
	}
	return all
}

// pageBalances reads what the pages of credit and of the fund show, without zeros.
func (s *site) pageBalances() map[string]map[string]string {
	all := map[string]map[string]string{}
	s.books(func(b book.Books) {
		for _, one := range b.Balances() {
			unit := export.UnitName(one.Unit)
			if all[unit] == nil {
				all[unit] = map[string]string{}
			}
			if shown := s.shown(one.Account, one.Unit); shown != 0 {
				all[unit][export.AccountName(one.Account)] = b.Scale(one.Unit).Plain(shown)
			}
		}
	})
	return all
}

// shown is the balance on an account's page, from the JSON that is the page's own struct.
func (s *site) shown(a book.Account, u money.Unit) int64 {
	var p struct {
		Sums []struct {
			Sum struct {
				Minor int64
				Unit  money.Unit
			} `json:"sum"`
		}
	}
	s.must(json.Unmarshal([]byte(s.fetch("", fmt.Sprintf("/ledger/accounts/%s?unit=%s", a.Code(), u), "application/json")), &p))
	for _, one := range p.Sums {
		if one.Sum.Unit == u {
			return one.Sum.Minor
		}
	}
	s.t.Errorf("the page of %s has no balance in %s", a, u)
	return 0
}
