package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"commonhub/services/ledger/audit"
)

// readVisit reads what an earlier visit saw; a file that is not there yet is a first visit.
func readVisit(file string) (v audit.Visit, err error) {
	if file == "" {
		return v, nil
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return v, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	return v, err
}

// writeVisit replaces the file only when nothing was found: what was seen in order is what must stay.
func writeVisit(file string, v audit.Visit) error {
	if file == "" {
		return nil
	}
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".partial", append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".partial", file)
}

// tell prints what an audit came to.
func (t *terminal) tell(r audit.Report, earlier audit.Visit) {
	fmt.Fprintf(t.out, "record:   %s, %d events, root %s, proved\n", r.Visit.Origin, r.Size, r.Visit.Root)
	fmt.Fprintf(t.out, "books:    %d entries in %d units, kept anew by the rules of the ledger\n", r.Entries, r.Units)
	fmt.Fprintf(t.out, "receipts: %d compared, %d originals kept by the stewards, %d not in this copy\n", r.Receipts.Compared, r.Receipts.Kept, r.Receipts.Unknown)
	fmt.Fprintf(t.out, "periods:  %d closed", r.Periods)
	if earlier.Size > 0 {
		fmt.Fprintf(t.out, "; compared with %d events and %d periods seen on %s", earlier.Size, len(earlier.Periods), earlier.At.Format(time.DateOnly))
	}
	fmt.Fprintln(t.out)
	for _, b := range r.Beyond {
		fmt.Fprintf(t.out, "note:     %s is beyond a limit in %s, by a soft limit or one that was lowered later\n", b.Account, b.Unit)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(t.out, "FINDING:  %s\n", t.finding(f))
	}
	if r.More > 0 {
		fmt.Fprintf(t.out, "FINDING:  and %d more\n", r.More)
	}
	if len(r.Findings) == 0 {
		fmt.Fprintln(t.out, "all is in order")
	}
}

func (t *terminal) finding(f audit.Finding) string {
	if f.Kind == "" {
		return t.sentence(f.Fault)
	}
	return fmt.Sprintf("event %d (%s): %s", f.Index, f.Kind, t.sentence(f.Fault))
}
