package mirror

import (
	"context"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// tier is how much of this source's origin we keep.
func (s *source) tier() (t Tier) {
	s.m.o.Record.Read(func(v record.View) error { t = s.m.tier(v, s.origin.ID()); return nil })
	return t
}

// witnessOnly keeps nothing of a record but the last checkpoint that we cosigned, some 600 bytes: that each continues the one before is
// proved from the hub's tiles, of which a few kilobytes cross the link. What it mirrors of others is still compared with what we hold.
func (s *source) witnessOnly(ctx context.Context, c record.Checkpoint) error {
	if err := s.cosignUnseen(ctx, c); err != nil {
		return err
	}
	s.compare(ctx)
	s.m.update(s.id, func(n *memory) { n.Synced, n.Waiting, n.SyncedAt = c.Size, 0, time.Now() })
	return nil
}

// cosignUnseen cosigns a checkpoint whose entries we do not hold.
func (s *source) cosignUnseen(ctx context.Context, c record.Checkpoint) error {
	proof, old, err := s.proveGrowth(ctx, c)
	if err != nil {
		return err
	}
	_, err = s.m.cosign(ctx, c, func(record.View, witnessed) (link, error) { return link{old, proof}, nil })
	if _, meanwhile := errors.AsType[otherSize](err); meanwhile || fault.Is(err, fault.Unavailable) {
		return nil // it asked us by itself in between, or we have no clock
	}
	return err
}

// proveGrowth makes the proof that a checkpoint continues the last one that we cosigned, from tiles that are each proved against it.
func (s *source) proveGrowth(ctx context.Context, c record.Checkpoint) (proof tlog.TreeProof, old uint64, err error) {
	var last witnessed
	s.m.o.Record.Read(func(v record.View) error { last = lastWitnessed(v, s.origin); return nil })
	switch {
	case last.Size == 0:
		return nil, 0, nil
	case last.Size > c.Size:
		return nil, 0, fault.New(fault.Conflict, "mirror.shorter")
	case last.Size == c.Size:
		return nil, last.Size, nil
	}
	tiles := tlog.TileHashReader(tlog.Tree{N: int64(c.Size), Hash: c.Root}, s.prover(ctx, c))
	proof, err = tlog.ProveTree(int64(c.Size), int64(last.Size), tiles)
	if err == nil && tlog.CheckTree(proof, int64(c.Size), c.Root, int64(last.Size), last.Root) != nil {
		err = s.betray(ctx, c, last, tiles, proof)
	}
	return proof, last.Size, err
}

// betray raises a fork between what we cosigned and a longer checkpoint whose own tiles have another root at that size.
func (s *source) betray(ctx context.Context, c record.Checkpoint, last witnessed, tiles tlog.HashReader, proof tlog.TreeProof) error {
	root, err := tlog.TreeHash(int64(last.Size), tiles)
	if err != nil {
		return err
	}
	return s.m.raise(ctx, s.origin, Fork{First: string(last.Note), Second: string(c.Note), Root: root, Proof: proof})
}
