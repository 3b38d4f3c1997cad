package mirror

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// prover makes consistency proofs for the pieces of a long catch-up from the neighbour's tiles. Every tile is itself proved against
// the signed root by x/mod's TileHashReader before a hash of it is used.
type prover struct {
	ctx   context.Context
	s     *source
	c     record.Checkpoint
	tiles map[tlog.Tile][]byte // verified ones of this pull; a thousand bundles share four
}

func (s *source) prover(ctx context.Context, c record.Checkpoint) *prover {
	return &prover{ctx: ctx, s: s, c: c, tiles: map[tlog.Tile][]byte{}}
}

// consistency proves that the tree of the first size entries is how the checkpoint's tree began; nothing is to prove at its end.
func (p *prover) consistency(size uint64) (tlog.TreeProof, error) {
	if size == p.c.Size {
		return tlog.TreeProof{}, nil
	}
	tree := tlog.Tree{N: int64(p.c.Size), Hash: p.c.Root}
	proof, err := tlog.ProveTree(tree.N, int64(size), tlog.TileHashReader(tree, p))
	if err != nil {
		return nil, fault.New(fault.Conflict, "record.other-root").Because(err)
	}
	return proof, nil
}

func (p *prover) Height() int { return 8 }

func (p *prover) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		if data[i] = p.tiles[t]; data[i] != nil {
			continue
		}
		a, err := p.s.m.get(p.ctx, p.s.base+tilePath(t), tlog.HashSize*256, nil)
		if err != nil {
			return nil, err
		}
		data[i] = a.data
	}
	return data, nil
}

// SaveTiles is told about tiles that proved right.
func (p *prover) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for i, t := range tiles {
		if len(p.tiles) < 64 {
			p.tiles[t] = data[i]
		}
	}
}
