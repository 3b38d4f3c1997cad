package record

import (
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
)

var (
	logBucket    = []byte("log")
	hotBucket    = []byte("hot")
	bundleBucket = []byte("bundle")
	upperBucket  = []byte("upper")

	// All of them sort behind the entries of the tail, whose last page they share: what every append writes lies together.
	checkpointKey = []byte("note")
	originKey     = []byte("origin")
	stateKey      = []byte("state")
)

// log is one origin's entries within a transaction.
type log struct {
	hot, bundle, upper *bbolt.Bucket
	tree               tree
	last               time.Time // the latest At of an own event; the clock never steps behind it
}

// openLog finds an origin's log in tx; fault NotFound if there is none.
func openLog(tx *bbolt.Tx, o Origin) (*log, error) {
	logs := tx.Bucket(logBucket)
	if logs == nil || logs.Bucket(o.key()) == nil {
		return nil, fault.New(fault.NotFound, "record.no-such-record")
	}
	b := logs.Bucket(o.key())
	l := &log{hot: b.Bucket(hotBucket), bundle: b.Bucket(bundleBucket), upper: b.Bucket(upperBucket)}
	// Bundles and tiles only ever grow at their end: full pages, no room kept for insertions that never come.
	l.bundle.FillPercent, l.upper.FillPercent = 1.0, 1.0
	return l, l.load()
}

// makeLog finds or makes an origin's log in a writable tx.
func makeLog(tx *bbolt.Tx, o Origin) (*log, error) {
	logs, err := tx.CreateBucketIfNotExists(logBucket)
	if err != nil {
		return nil, err
	}
	if logs.Bucket(o.key()) != nil {
		return openLog(tx, o)
	}
	b, err := logs.CreateBucket(o.key())
	if err != nil {
		return nil, err
	}
	for _, name := range [][]byte{hotBucket, bundleBucket, upperBucket} {
		if _, err := b.CreateBucket(name); err != nil {
			return nil, err
		}
	}
	hot := b.Bucket(hotBucket)
	if err := hot.Put(originKey, []byte(o)); err != nil {
		return nil, err
	}
	if err := hot.Put(stateKey, make([]byte, 16)); err != nil {
		return nil, err
	}
	return openLog(tx, o)
}

// load reads `state`: size, the latest At in Unix milliseconds, then the stack of subtree hashes.
func (l *log) load() error {
	v := l.hot.Get(stateKey)
	if len(v) < 16 || len(v)%tlog.HashSize != 16 {
		return broken("state has %d bytes", len(v))
	}
	l.tree = tree{size: binary.BigEndian.Uint64(v)}
	l.last = time.UnixMilli(int64(binary.BigEndian.Uint64(v[8:]))).UTC()
	for v = v[16:]; len(v) > 0; v = v[tlog.HashSize:] {
		l.tree.stack = append(l.tree.stack, Hash(v[:tlog.HashSize]))
	}
	if !l.tree.sound() {
		return broken("state of size %d has %d subtrees", l.tree.size, len(l.tree.stack))
	}
	return nil
}

// save writes `state` back, after every append: whoever reads within the same transaction sees the log as it is.
func (l *log) save() error {
	v := binary.BigEndian.AppendUint64(nil, l.tree.size)
	v = binary.BigEndian.AppendUint64(v, uint64(l.last.UnixMilli()))
	for _, h := range l.tree.stack {
		v = append(v, h[:]...)
	}
	return l.hot.Put(stateKey, v)
}

// append adds one entry at the end, and seals the bundle that it fills.
func (l *log) append(raw []byte, leaf Hash) error {
	if err := l.hot.Put(tailKey(l.tree.size), raw); err != nil {
		return err
	}
	l.tree.append(leaf)
	if err := l.save(); err != nil || l.tree.size%bundleSize != 0 {
		return err
	}
	return l.seal(l.tree.size/bundleSize - 1)
}

// seal moves a full tail into a gzipped bundle and its root into the tiles of level 1 and above.
func (l *log) seal(n uint64) error {
	entries, err := l.tail(n*bundleSize, bundleSize)
	if err != nil {
		return err
	}
	packed, err := squeeze(packBundle(entries))
	if err != nil {
		return err
	}
	if err := l.bundle.Put(Num(n), packed); err != nil {
		return err
	}
	if err := l.addUpper(1, n, perfect(leaves(entries))); err != nil {
		return err
	}
	for i := range uint64(bundleSize) {
		if err := l.hot.Delete(tailKey(n*bundleSize + i)); err != nil {
			return err
		}
	}
	return nil
}

// addUpper puts hash n of a tile level at the end of its tile; a tile that is now full adds its root one level up.
func (l *log) addUpper(level int, n uint64, h Hash) error {
	key := upperKey(level, n/bundleSize)
	tile := append(append([]byte(nil), l.upper.Get(key)...), h[:]...)
	if uint64(len(tile)) != (n%bundleSize+1)*tlog.HashSize {
		return broken("tile %d of level %d has %d bytes", n/bundleSize, level, len(tile))
	}
	if err := l.upper.Put(key, tile); err != nil {
		return err
	}
	if n%bundleSize != bundleSize-1 {
		return nil
	}
	return l.addUpper(level+1, n/bundleSize, perfect(splitHashes(tile)))
}

// tail reads count unsealed entries from index on.
func (l *log) tail(from uint64, count int) ([][]byte, error) {
	entries := make([][]byte, count)
	for i := range entries {
		entries[i] = l.hot.Get(tailKey(from + uint64(i)))
		if entries[i] == nil {
			return nil, broken("entry %d is missing", from+uint64(i))
		}
	}
	return entries, nil
}

// entries reads the first width entries of bundle n, sealed or not.
func (l *log) entries(n uint64, width int) ([][]byte, error) {
	packed := l.bundle.Get(Num(n))
	if packed == nil {
		return l.tail(n*bundleSize, width)
	}
	b, err := Unsqueeze(packed)
	if err != nil {
		return nil, broken("bundle %d: %v", n, err)
	}
	entries, err := ParseBundle(b)
	if err != nil || len(entries) < width {
		return nil, broken("bundle %d has %d entries: %v", n, len(entries), err)
	}
	return entries[:width], nil
}

// entry reads one entry's bytes.
func (l *log) entry(index uint64) ([]byte, error) {
	if index >= l.tree.size {
		return nil, fault.New(fault.NotFound, "record.no-such-event")
	}
	if raw := l.hot.Get(tailKey(index)); raw != nil {
		return raw, nil
	}
	entries, err := l.entries(index/bundleSize, int(index%bundleSize)+1)
	if err != nil {
		return nil, err
	}
	return entries[index%bundleSize], nil
}

func tailKey(index uint64) []byte { return append([]byte{'e'}, Num(index)...) }

func upperKey(level int, n uint64) []byte { return append([]byte{byte(level)}, Num(n)...) }

// Num is n as a key that sorts by value: 8 bytes, big-endian.
func Num(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// ParseNum reads what Num wrote; 0 for anything else.
func ParseNum(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func splitHashes(b []byte) []Hash {
	hashes := make([]Hash, len(b)/tlog.HashSize)
	for i := range hashes {
		hashes[i] = Hash(b[i*tlog.HashSize : (i+1)*tlog.HashSize])
	}
	return hashes
}

// broken says that what is stored contradicts itself; the details are for the operator.
func broken(format string, args ...any) error {
	return fault.New(fault.Internal, "record.broken").Because(fmt.Errorf(format, args...))
}
