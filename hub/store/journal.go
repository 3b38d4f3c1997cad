package store

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// JournalName is the journal inside the data folder.
const JournalName = "hub.journal"

// The journal stands in front of the database, because bbolt syncs twice for every commit and writes some thirty pages for the smallest one.
// A transaction that can say in a few bytes what it did (its redo) is durable as soon as the redo is: one short write at the end of a file
// that has its full length from the start, and one sync. The pages follow without a sync, and the system writes them when it likes.
// When the journal is full the database is synced and the journal begins again: the file is settled.
//
// What a power cut leaves of the unsynced pages is anybody's guess, so that nothing of them is believed: the journal keeps the two meta pages
// of the last settled state, which lead to all of its pages, and no page of that state is written over before the next (DB.pin).
// Opening puts the two back and gives the redos to the record, which carries them out again.
//
// Layout: two heads of 4 kB, the valid one with the higher generation counts; then redos, each at a multiple of a sector: generation,
// length, CRC-32C, bytes. A redo entry of another generation is from before, and ends the list. The sum begins with the head's random salt
// and the entry's place: old entries hold what people wrote, and nobody must be able to write one that counts.
const (
	headSize     = 4096
	redosAt      = 2 * headSize
	journalSize  = redosAt + 512<<10
	sectorSize   = 512
	redoHead     = 8 + 4 + 4
	metaSize     = 128 // bytes that are kept of a meta page; bbolt uses 80
	saltSize     = 16
	journalMagic = "hub-jnl2"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// metas are the beginnings of the two meta pages of a settled database.
type metas struct {
	page  uint32 // size of a page
	bytes [2][metaSize]byte
}

// journal is the open file, locked against other processes. Only the writer uses it.
type journal struct {
	f          *os.File
	quiet      bool   // leaves out every sync
	generation uint64 // 0 = no settled state is known
	void       bool   // the database that it belongs to is gone
	settled    metas
	salt       [saltSize]byte
	tail       int64 // where the next redo goes
	last       int64 // where the last one is
}

// openJournal opens the journal in dir, or makes it, and locks it. It returns fs.ErrNotExist if there is none and quiet asks for none.
func openJournal(dir string, quiet bool) (*journal, error) {
	path, flags := filepath.Join(dir, JournalName), os.O_RDWR
	if !quiet {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{f: f, quiet: quiet, tail: redosAt}
	if err = lock(f); err == nil {
		err = j.prepare(dir)
	}
	if err == nil && !inPlace(f, path) {
		err = errLocked // whoever had it before us is compacting, or has just put another in its place
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	j.readHeads()
	// Whatever a killed process wrote and did not sync is believed from here on, and therefore has to last.
	if err := j.sync(); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

// empty tells whether the journal knows no state of the database that is there.
func (j *journal) empty() bool { return j.generation == 0 || j.void }

// inPlace tells whether an open file is still what its name leads to.
func inPlace(f *os.File, path string) bool {
	is, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(is, named)
}

// lock waits as long for another process as bbolt does for its own lock.
func lock(f *os.File) error {
	for deadline := time.Now().Add(lockWait); ; time.Sleep(50 * time.Millisecond) {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		if time.Now().After(deadline) {
			return errLocked
		}
	}
}

var errLocked = errors.New("the journal is in use")

// prepare gives a new file its full length at once: a sync of bytes that already have their place on the disk is half as dear.
func (j *journal) prepare(dir string) error {
	info, err := j.f.Stat()
	if err != nil || info.Size() >= journalSize {
		return err
	}
	if _, err := j.f.WriteAt(make([]byte, journalSize-info.Size()), info.Size()); err != nil {
		return errors.Join(err, j.f.Truncate(info.Size()))
	}
	if err := j.sync(); err != nil {
		return err
	}
	return syncFolder(dir)
}

func (j *journal) sync() error {
	if j.quiet {
		return nil
	}
	return syscall.Fdatasync(int(j.f.Fd()))
}

// readHeads takes the newer of the two heads. A head that a power cut tore is not valid; the other one still is.
func (j *journal) readHeads() {
	for slot := range int64(2) {
		raw := make([]byte, headSize)
		if _, err := j.f.ReadAt(raw, slot*headSize); err != nil {
			continue
		}
		if generation, m, salt, ok := parseHead(raw); ok && generation > j.generation {
			j.generation, j.settled, j.salt = generation, m, salt
		}
	}
}

func formHead(generation uint64, m metas, salt [saltSize]byte) []byte {
	b := append(make([]byte, 0, headSize), journalMagic...)
	b = binary.BigEndian.AppendUint64(b, generation)
	b = binary.BigEndian.AppendUint32(b, m.page)
	b = append(append(append(b, m.bytes[0][:]...), m.bytes[1][:]...), salt[:]...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func parseHead(raw []byte) (generation uint64, m metas, salt [saltSize]byte, ok bool) {
	const size = 8 + 8 + 4 + 2*metaSize + saltSize
	if string(raw[:8]) != journalMagic || binary.BigEndian.Uint32(raw[size:]) != crc32.Checksum(raw[:size], castagnoli) {
		return 0, m, salt, false
	}
	m.page = binary.BigEndian.Uint32(raw[16:])
	copy(m.bytes[0][:], raw[20:])
	copy(m.bytes[1][:], raw[20+metaSize:])
	copy(salt[:], raw[20+2*metaSize:])
	return binary.BigEndian.Uint64(raw[8:]), m, salt, true
}

// restore puts the meta pages of the settled state back into the database at path, and syncs them.
func (j *journal) restore(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		j.void = true
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if j.generation == 0 {
		return nil
	}
	found, err := readMetas(f, j.settled.page)
	if err != nil || found == j.settled {
		return err
	}
	if found.last() < j.settled.last() {
		return errors.New("the journal belongs to another database, or to a younger copy of it")
	}
	for i, b := range j.settled.bytes {
		if _, err := f.WriteAt(b[:], int64(i)*int64(j.settled.page)); err != nil {
			return err
		}
	}
	if j.quiet {
		return nil
	}
	return f.Sync()
}

// readMetas reads the beginnings of both meta pages.
func readMetas(f io.ReaderAt, page uint32) (m metas, err error) {
	m.page = page
	for i := range m.bytes {
		if _, err := f.ReadAt(m.bytes[i][:], int64(i)*int64(page)); err != nil {
			return m, err
		}
	}
	return m, nil
}

// last is the higher transaction number of the two: 8 bytes at 64, in the machine's order (bbolt: page head of 16, then the meta). They only
// ever grow.
func (m metas) last() uint64 {
	const at = 64
	return max(binary.NativeEndian.Uint64(m.bytes[0][at:]), binary.NativeEndian.Uint64(m.bytes[1][at:]))
}

// redos reads what was done since the settled state.
func (j *journal) redos() (redos [][]byte, err error) {
	if j.empty() {
		return nil, nil
	}
	raw := make([]byte, journalSize-redosAt)
	if _, err := j.f.ReadAt(raw, redosAt); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for at := int64(redosAt); len(raw) >= redoHead; {
		size := int64(binary.BigEndian.Uint32(raw[8:]))
		if binary.BigEndian.Uint64(raw) != j.generation || size > int64(len(raw)-redoHead) {
			break
		}
		redo := raw[redoHead : redoHead+size]
		if binary.BigEndian.Uint32(raw[12:]) != j.sum(at, redo) {
			break // torn by the power cut: nobody was told that it is done
		}
		redos = append(redos, redo)
		room := min(len(raw), sectors(len(redo)))
		at, raw = at+int64(room), raw[room:]
	}
	return redos, nil
}

// sum checks a redo at its place.
func (j *journal) sum(at int64, redo []byte) uint32 {
	seed := binary.BigEndian.AppendUint64(j.salt[:], uint64(at))
	return crc32.Update(crc32.Checksum(seed, castagnoli), castagnoli, redo)
}

// sectors is the room that a redo of so many bytes takes.
func sectors(size int) int { return (redoHead + size + sectorSize - 1) / sectorSize * sectorSize }

// fits tells whether a redo of so many bytes has room.
func (j *journal) fits(size int) bool { return j.tail+int64(sectors(size)) <= journalSize }

// append makes a redo durable. The caller has asked whether it fits.
func (j *journal) append(redo []byte) error {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, sectors(len(redo))), j.generation)
	b = binary.BigEndian.AppendUint32(b, uint32(len(redo)))
	b = binary.BigEndian.AppendUint32(b, j.sum(j.tail, redo))
	b = append(b, redo...)
	j.last = j.tail
	if _, err := j.f.WriteAt(b[:cap(b)], j.tail); err != nil {
		return err
	}
	j.tail += int64(cap(b))
	return j.sync()
}

// retract takes the last redo back, which could not be written or whose transaction could not be committed.
func (j *journal) retract() error {
	if _, err := j.f.WriteAt(make([]byte, redoHead), j.last); err != nil {
		return err
	}
	j.tail = j.last
	return j.sync()
}

// restart begins again after a settled state; what was in the journal is in the database now.
func (j *journal) restart(m metas) error {
	var salt [saltSize]byte
	rand.Read(salt[:])
	head := formHead(j.generation+1, m, salt)
	if _, err := j.f.WriteAt(head, int64((j.generation+1)%2)*headSize); err != nil {
		return err
	}
	if err := j.sync(); err != nil {
		return err
	}
	j.generation, j.settled, j.salt, j.tail, j.void = j.generation+1, m, salt, redosAt, false
	return nil
}
