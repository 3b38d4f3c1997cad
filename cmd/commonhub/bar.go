package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// bar shows how far long work is, on one line of a terminal.
type bar struct {
	out       io.Writer
	what      string
	mu        sync.Mutex
	done, all int
}

const barWidth = 30

func newBar(out io.Writer, what string, all int) *bar {
	b := &bar{out: out, what: what, all: max(all, 1)}
	b.add(0)
	return b
}

// add tells the bar that n more steps are done.
func (b *bar) add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = min(b.done+n, b.all)
	full := b.done * barWidth / b.all
	fmt.Fprintf(b.out, "\r%s [%s%s] %d %%", b.what, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), b.done*100/b.all)
}

// end leaves the line.
func (b *bar) end() { fmt.Fprintln(b.out) }

// progressBar is progress as a bar on a terminal, and as lines elsewhere, where a bar would fill a log file.
func (t *terminal) progressBar(what string) (progress func(done, all uint64), end func()) {
	if f, ok := t.err.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return t.progress(what), func() {}
	}
	var b *bar
	return func(done, all uint64) {
			if b == nil {
				b = newBar(t.err, what, int(all))
			}
			if step := b.all / 100; int(done)-b.done > step || done == all {
				b.add(int(done) - b.done)
			}
		}, func() {
			if b != nil {
				b.end()
			}
		}
}
