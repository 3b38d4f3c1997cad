package record

import (
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
)

// tileHeight is fixed by tlog-tiles: 256 hashes a tile.
const tileHeight = 8

// tile reads the hashes of a tile: level 0 is recomputed from its bundle, the others are stored.
func (l *log) tile(t tlog.Tile) ([]byte, error) {
	if t.L == 0 {
		entries, err := l.entries(uint64(t.N), t.W)
		if err != nil {
			return nil, err
		}
		return joinHashes(leaves(entries)), nil
	}
	data := l.upper.Get(upperKey(t.L, uint64(t.N)))
	if len(data) < t.W*tlog.HashSize {
		return nil, broken("tile %d of level %d is short", t.N, t.L)
	}
	return data[:t.W*tlog.HashSize], nil
}

// ReadHashes makes a log a tlog.HashReader, so that proofs come from x/mod.
func (l *log) ReadHashes(indexes []int64) ([]Hash, error) {
	hashes := make([]Hash, len(indexes))
	read := map[tlog.Tile][]byte{}
	for i, index := range indexes {
		t := l.wide(tlog.TileForIndex(tileHeight, index))
		data, ok := read[t]
		if !ok {
			var err error
			if data, err = l.tile(t); err != nil {
				return nil, err
			}
			read[t] = data
		}
		h, err := tlog.HashFromTile(t, data, index)
		if err != nil {
			return nil, err
		}
		hashes[i] = h
	}
	return hashes, nil
}

// wide gives the widest form of a tile at our size, so that one proof unpacks each bundle once.
func (l *log) wide(t tlog.Tile) tlog.Tile {
	have := l.tree.size >> (tileHeight * t.L)
	t.W = int(min(bundleSize, have-uint64(t.N)*bundleSize))
	return t
}

// fits tells whether a tree of size has a tile of exactly this width, which is all that may be asked for.
func fits(t tlog.Tile, size uint64) bool {
	if t.L < 0 || t.L > 7 || t.N < 0 || t.W < 1 || t.W > bundleSize {
		return false
	}
	have := size >> (tileHeight * t.L)
	return uint64(t.N) <= have/bundleSize && uint64(t.N)*bundleSize+uint64(t.W) <= have
}

func joinHashes(hashes []Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

// Tile reads a tile of origin's record, as far as it is published: at the size of its last signed checkpoint.
func (v View) Tile(o Origin, t tlog.Tile) ([]byte, error) {
	l, err := v.published(o, t)
	if err != nil {
		return nil, err
	}
	return l.tile(t)
}

// Bundle reads the first t.W entries of an entry bundle (t.L is 0), packed as tlog-tiles has it. A sealed bundle asked for
// whole comes gzipped as it is stored; zipped says so.
func (v View) Bundle(o Origin, t tlog.Tile) (b []byte, zipped bool, err error) {
	l, err := v.published(o, t)
	if err != nil {
		return nil, false, err
	}
	if packed := l.bundle.Get(Num(uint64(t.N))); packed != nil && t.W == bundleSize {
		return packed, true, nil
	}
	entries, err := l.entries(uint64(t.N), t.W)
	if err != nil {
		return nil, false, err
	}
	return packBundle(entries), false, nil
}

func (v View) published(o Origin, t tlog.Tile) (*log, error) {
	c, err := v.Checkpoint(o)
	if err != nil {
		return nil, err
	}
	if !fits(t, c.Size) {
		return nil, fault.New(fault.NotFound, "record.no-such-tile")
	}
	return openLog(v.tx, o)
}
