package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// row is one line of the table. Ratio is measured by target, so that a figure without a unit can be compared at all; a target
// that must not be exceeded is fine at 1 and below, one that must be reached at 1 and above.
type row struct {
	what             string
	measured, target float64
	unit             string
	atLeast          bool
}

func (r row) fine() bool {
	return r.target == 0 || r.atLeast && r.measured >= r.target || !r.atLeast && r.measured <= r.target
}

// atLeast and atMost add a figure with its target; told adds one that has none and stands beside.
func (b *bench) atLeast(what string, measured, target float64, unit string) {
	b.add(row{what, measured, target, unit, true})
}
func (b *bench) atMost(what string, measured, target float64, unit string) {
	b.add(row{what, measured, target, unit, false})
}
func (b *bench) told(what string, measured float64, unit string) {
	b.add(row{what: what, measured: measured, unit: unit})
}

func (b *bench) add(r row) { b.rows = append(b.rows, r) }

func (b *bench) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "| what\t| target\t| measured\t| ratio\t| verdict\t|")
	fmt.Fprintln(t, "| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, r := range b.rows {
		fmt.Fprintf(t, "| %s\t| %s\t| %s\t| %s\t| %s\t|\n", r.what, r.bound(), figure(r.measured, r.unit), r.ratio(), r.verdict())
	}
	t.Flush()
}

func (r row) bound() string {
	switch {
	case r.target == 0:
		return "-"
	case r.atLeast:
		return "≥ " + figure(r.target, r.unit)
	}
	return "≤ " + figure(r.target, r.unit)
}

func (r row) ratio() string {
	if r.target == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", r.measured/r.target)
}

func (r row) verdict() string {
	switch {
	case r.target == 0:
		return "-"
	case r.fine():
		return "ok"
	}
	return "NOT"
}

func figure(v float64, unit string) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f %s", v, unit)
	case v >= 10:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%.2f %s", v, unit)
}

// median of what was measured several times: one disturbed round does not count.
func median[T ~int64 | ~float64](values []T) T {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
