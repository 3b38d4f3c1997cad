// Count reads what `go test -json` said, shows what failed, what was skipped and what was measured, and counts.
//
// The last line is "N passed, N failed, N skipped". It ends with status 1 if anything failed, and where CI=true also
// if anything was skipped: a build server has all that a test can need.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// measured marks the lines of a passing test that a reader wants to see: hubtest.Report writes them.
const measured = "measured: "

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action, Package, Test, Output string
	ImportPath, FailedBuild       string // of what did not build
}

type tally struct {
	passed, failed, skipped int
	said                    map[string]*strings.Builder // by package and test
	blamed                  map[string]bool             // packages with a test that failed
}

func main() {
	brief := flag.Bool("brief", false, "only count")
	flag.Parse()
	t := tally{said: map[string]*strings.Builder{}, blamed: map[string]bool{}}
	show := io.Writer(os.Stdout)
	if *brief {
		show = io.Discard
	}
	for _, name := range flag.Args() {
		if err := t.read(name, show); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 || t.skipped > 0 && os.Getenv("CI") == "true" {
		os.Exit(1)
	}
}

func (t *tally) read(name string, show io.Writer) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(show, lines.Text()) // the go command itself has something to say
			continue
		}
		t.take(e, show)
	}
	return lines.Err()
}

func (t *tally) take(e event, show io.Writer) {
	what := e.Package + e.ImportPath + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		t.hear(what, e.Output, show)
	case "pass", "skip", "fail":
		t.judge(e, what, show)
	}
}

func (t *tally) hear(what, output string, show io.Writer) {
	if t.said[what] == nil {
		t.said[what] = &strings.Builder{}
	}
	t.said[what].WriteString(output)
	if _, figures, found := strings.Cut(output, measured); found {
		fmt.Fprintf(show, "%s: %s", what, figures)
	}
}

// judge counts a test. A package counts only when it fails with no test to blame: it did not build, or its main ended it.
func (t *tally) judge(e event, what string, show io.Writer) {
	whole := e.Test == ""
	switch {
	case e.Action == "fail" && !(whole && t.blamed[e.Package]):
		t.failed++
		t.blamed[e.Package] = true
		fmt.Fprintf(show, "FAILED %s\n%s", what, t.words(what))
		if whole {
			fmt.Fprint(show, t.words(e.FailedBuild+" "))
		}
	case whole:
	case e.Action == "pass":
		t.passed++
	case e.Action == "skip":
		t.skipped++
		fmt.Fprintf(show, "SKIPPED %s\n%s", what, t.words(what))
	}
	if !whole {
		delete(t.said, what)
	}
}

func (t *tally) words(what string) string {
	if b := t.said[what]; b != nil {
		return b.String()
	}
	return ""
}
