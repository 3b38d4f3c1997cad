package mirror

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// entriesLevel is how x/mod calls the tiles that hold entries instead of hashes.
const entriesLevel = -1

// tilePath is the path of a tile below a record's prefix, as tlog-tiles has it: x/mod's form without the tile height.
func tilePath(t tlog.Tile) string {
	path := strings.TrimPrefix(tlog.Tile{H: 8, L: t.L, N: t.N, W: t.W}.Path(), "tile/8/")
	if rest, ok := strings.CutPrefix(path, "data/"); ok {
		path = "entries/" + rest
	}
	return "tile/" + path
}

// parseTilePath reads what tilePath writes and nothing else: leading zeros and wrong digit groups are refused.
func parseTilePath(path string) (tlog.Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok {
		return tlog.Tile{}, fmt.Errorf("no tile path: %q", path)
	}
	if n, ok := strings.CutPrefix(rest, "entries/"); ok {
		rest = "data/" + n
	}
	t, err := tlog.ParseTilePath("tile/8/" + rest)
	if err == nil && tilePath(t) != path {
		err = fmt.Errorf("tile path %q is not canonical", path)
	}
	return t, err
}
