// Command bench measures the hub against the targets that it was built to, on the machine and disk where it runs:
//
//	go run ./hub/hubtest/bench                  all of it, about three minutes
//	go run ./hub/hubtest/bench -only writes     one group; -help lists them
//
// It builds the real program, gives it data folders and drives it over loopback HTTP, as neighbours and phones do. Every loop is
// bounded, nothing leaves the machine, and all that was made is removed at the end. Targets are for one machine in one run: a figure
// of another machine, or of another hour on a busy one, says nothing. Nothing here is a test; the exit status is 1 only if something
// could not be measured.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// group is what one word of -only selects.
type group struct {
	name, about string
	run         func(b *bench) error
}

var groups = []group{
	{"writes", "durable notices through HTTP, against the bare disk", writes},
	{"ledger", "durable payments through HTTP, pages and an audit of 100,000 of them", ledger},
	{"record", "verifying, applying and storing 100,000 events", recordSize},
	{"lists", "the list page at 1,000, 10,000 and 100,000 events", lists},
	{"reading", "reading while 100 notices a second are written", reading},
	{"memory", "what an idle hub keeps resident", memory},
	{"start", "from the start to the first answer", start},
	{"wire", "bytes between two hubs for one new notice", wire},
	{"copy", "a first copy of 100,000 events over a bad link, which needs root", firstCopy},
}

// bench is one run: where it works, the program, and what it found.
type bench struct {
	dir     string // everything that is made lies below
	program string
	rows    []row
	seeds   map[string]seed // by what is in them and the number of events
}

func main() {
	only := flag.String("only", "", "run one `group`: "+names())
	dir := flag.String("dir", "", "`folder` on the disk to measure (default: out/bench)")
	program := flag.String("program", "", "`file` of the hub (default: build it)")
	flag.Parse()
	if err := run(*only, *dir, *program); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func names() string {
	var all []string
	for _, g := range groups {
		all = append(all, g.name+" ("+g.about+")")
	}
	return strings.Join(all, ", ")
}

func run(only, dir, program string) error {
	dir = cmp.Or(dir, filepath.Join("out", "bench"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "run-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := onDisk(work); err != nil {
		return err
	}
	b := &bench{dir: work, program: program, seeds: map[string]seed{}}
	if b.program == "" {
		if err := b.build(); err != nil {
			return err
		}
	}
	ran := 0
	for _, g := range groups {
		if only != "" && only != g.name {
			continue
		}
		ran++
		fmt.Fprintf(os.Stderr, "%s: %s\n", g.name, g.about)
		if err := g.run(b); err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
	}
	if ran == 0 {
		return fmt.Errorf("no group %q", only)
	}
	b.print(os.Stdout)
	return nil
}

// tmpfs is the magic number of a file system that forgets (statfs(2)): a sync there costs nothing and means nothing.
const tmpfs = 0x01021994

func onDisk(dir string) error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return err
	}
	if s.Type == tmpfs {
		return fmt.Errorf("%s lies in memory; name a folder on a disk with -dir", dir)
	}
	return nil
}

// build makes the program as it is released, with the flags of .ci/groups/builds.
func (b *bench) build() error {
	b.program = filepath.Join(b.dir, "commonhub")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
		"-tags", "nethttpomithttp2", "-ldflags", "-s -w -buildid=", "-o", b.program, "commonhub/cmd/commonhub")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// folder makes a new, empty data folder.
func (b *bench) folder(name string) (string, error) { return os.MkdirTemp(b.dir, name+"-") }
