package mesh

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

// The book on disk is {"v":1,"hubs":[…]}, verified hubs only.
type bookFile struct {
	V    int       `json:"v"`
	Hubs []bookHub `json:"hubs"`
}

type bookHub struct {
	ID    string         `json:"id"`
	Key   []byte         `json:"key"` // base64
	Spot  netip.AddrPort `json:"http"`
	Heard time.Time      `json:"heard"`
}

const (
	bookSize   = 1 << 20 // bytes; 300 hubs need about 60 kB
	saveEvery  = 10 * time.Minute
	touchEvery = 24 * time.Hour // when all that changed is when hubs were heard of
)

// openBook reads the book in dir. A book that cannot be read is no reason not to start: it is
// moved aside as book.json.bad, and the hubs are found again.
func openBook(dir string, now func() time.Time, log *slog.Logger) *book {
	b := &book{
		kept: map[claim]*entry{}, maybe: map[netip.AddrPort]*entry{},
		path: filepath.Join(dir, "book.json"), now: now, log: log,
	}
	hubs, err := readBook(b.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("mesh: address book is damaged, moved aside", "file", b.path+".bad", "err", err)
		if err := os.Rename(b.path, b.path+".bad"); err != nil {
			log.Warn("mesh: cannot move it", "err", err)
		}
	}
	for _, h := range hubs {
		c := candidate{spot: h.Spot, id: h.ID, key: h.Key, kept: true}
		b.kept[c.claim()] = &entry{candidate: c, heard: h.Heard}
	}
	return b
}

func readBook(path string) ([]bookHub, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, bookSize))
	if err != nil {
		return nil, err
	}
	var file bookFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	if file.V != 1 || len(file.Hubs) > 2*keptCap {
		return nil, fmt.Errorf("version %d with %d hubs", file.V, len(file.Hubs))
	}
	for _, h := range file.Hubs {
		if !validID(h.ID) || len(h.Key) != len(claim{}.key) || !h.Spot.IsValid() {
			return nil, fmt.Errorf("hub %q is not whole", h.ID)
		}
	}
	return file.Hubs, nil
}

// tidy sweeps the book and saves it, but seldom: flash wears.
func (b *book) tidy() {
	b.sweep()
	b.mu.Lock()
	age := b.now().Sub(b.saved).Abs()
	due := b.dirty && age > saveEvery || b.touched && age > touchEvery
	b.mu.Unlock()
	if !due {
		return
	}
	if err := b.save(); err != nil {
		b.log.Warn("mesh: address book not saved", "err", err)
	}
}

// save writes the book if it has changed. The lock is not held while the flash is busy.
func (b *book) save() error {
	b.mu.Lock()
	if !b.dirty && !b.touched {
		b.mu.Unlock()
		return nil
	}
	file := bookFile{V: 1}
	for who, e := range b.kept {
		file.Hubs = append(file.Hubs, bookHub{ID: who.id, Key: who.key[:], Spot: e.spot, Heard: e.heard})
	}
	b.dirty, b.touched, b.saved = false, false, b.now()
	b.mu.Unlock()
	text, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("mesh: %w", err)
	}
	return writeFile(b.path, text)
}
