package mesh

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// epochs hands out the numbers that make member names new. They are a counter on flash and not
// the time, because a hub without a battery does not know the time.
type epochs struct {
	mu   sync.Mutex // guards last and the file
	path string
	last uint64
}

// openEpochs reads the counter. Where it is lost the time is the best guess at a number that is
// higher than all before; [checker.overtaken] finds out when the guess was wrong.
func openEpochs(dir string, now func() time.Time) (*epochs, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mesh: %w", err)
	}
	e := &epochs{path: filepath.Join(dir, "epoch")}
	text, _ := os.ReadFile(e.path)
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 63)
	if err != nil {
		n = uint64(max(now().Unix(), 0))
	}
	e.last = n
	return e, nil
}

// next gives a number above all earlier ones and above the given one, written down first.
func (e *epochs) next(above uint64) (uint64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := max(e.last, above) + 1
	if err := writeFile(e.path, strconv.AppendUint(nil, n, 10)); err != nil {
		return 0, err
	}
	e.last = n
	return n, nil
}

// writeFile replaces a file so that a power cut leaves the old one or the new one, whole.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("mesh: %w", err)
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("mesh: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("mesh: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("mesh: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("mesh: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("mesh: %w", err)
	}
	return nil
}
