package mirror

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
	"commonhub/hub/record"
)

// Source reads the files of a record by their tlog-tiles paths, from a server or a folder, at most limit bytes each.
type Source func(ctx context.Context, path string, limit int64) ([]byte, error)

// FromURL reads a record below an address such as "http://10.0.0.5:8080/record/". The auditor chose the address: any is dialled.
func FromURL(base string) Source {
	m := &Mirror{client: newClient(true)}
	base = strings.TrimSuffix(base, "/") + "/"
	return func(ctx context.Context, path string, limit int64) ([]byte, error) {
		a, err := m.get(ctx, base+path, limit, nil)
		return a.data, err
	}
}

// FromFolder reads a record that was copied as files, on a USB stick for example. Bundles may be gzipped.
func FromFolder(dir string) Source {
	return func(_ context.Context, path string, limit int64) ([]byte, error) {
		f, err := os.Open(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, limit))
		if err == nil && len(data) > 2 && data[0] == 0x1f && data[1] == 0x8b {
			return record.Unsqueeze(data)
		}
		return data, err
	}
}

// KeyAt asks the hub at an address such as "http://10.0.0.5:8080" for its own verification key: good enough to find damage, no proof
// against a hub that lies about its key.
func KeyAt(ctx context.Context, address string) (vkey string, err error) {
	m := &Mirror{client: newClient(true)}
	d, err := m.describe(ctx, strings.TrimSuffix(address, "/"))
	return d.VKey, err
}

// Reader is who reads along while a record is audited.
type Reader struct {
	// Entry gets every entry in its order, before the whole is proved: what it makes of them counts only when Audit returns no error.
	Entry func(record.Entry) error
	// Progress hears how many entries are done, of all.
	Progress func(done, all uint64)
}

// Audit reads a whole record and compares every entry with the signed checkpoint.
func Audit(ctx context.Context, read Source, vkey string, along Reader) (record.Checkpoint, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return record.Checkpoint{}, err
	}
	signed, err := read(ctx, "checkpoint", record.MaxNote)
	if err != nil {
		return record.Checkpoint{}, err
	}
	c, err := record.OpenCheckpoint(signed, note.VerifierList(v))
	if err != nil {
		return record.Checkpoint{}, err
	}
	if string(c.Origin) != v.Name() {
		return c, fmt.Errorf("the checkpoint is of %s, the key of %s", c.Origin, v.Name())
	}
	var tree record.Tree
	for tree.Size() < c.Size {
		if err := auditBundle(ctx, read, &tree, c, along.Entry); err != nil {
			return c, err
		}
		along.Progress(tree.Size(), c.Size)
	}
	if tree.Root() != c.Root {
		return c, fmt.Errorf("the entries lead to the root %s, the hub signed %s", tree.Root(), c.Root)
	}
	return c, nil
}

func auditBundle(ctx context.Context, read Source, tree *record.Tree, c record.Checkpoint, entry func(record.Entry) error) error {
	n := tree.Size() / bundleSize
	t := tlog.Tile{L: entriesLevel, N: int64(n), W: int(min(bundleSize, c.Size-n*bundleSize))}
	data, err := read(ctx, tilePath(t), maxBundleBytes)
	if err != nil {
		return fmt.Errorf("bundle %d: %w", n, err)
	}
	entries, err := exactly(data, 0, uint64(t.W))
	if err != nil {
		return fmt.Errorf("bundle %d: %w", n, err)
	}
	for _, raw := range entries {
		e := record.EntryAt(c.Origin, tree.Size(), raw)
		tree.AppendLeaf(e.Leaf)
		if err := entry(e); err != nil {
			return err
		}
	}
	return nil
}

// BodyAt asks a hub for a body of a record, its own or a mirrored one. What it does not have is Lost, what it keeps to some readers is Unknown.
// The caller compares it with the commitment.
func BodyAt(ctx context.Context, address string, ref record.Ref) (body.Body, error) {
	m := &Mirror{client: newClient(true)}
	a, err := m.get(ctx, strings.TrimSuffix(address, "/")+"/body/"+ref.Origin.Hex()+"/"+record.Hex(ref.Leaf), body.MaxSize+body.SaltSize, nil)
	if code, answered := statusOf(err); answered {
		if code == http.StatusNotFound || code == http.StatusGone {
			return body.Body{State: body.Lost}, nil
		}
		return body.Body{State: body.Unknown}, nil
	}
	if err != nil || len(a.data) < body.SaltSize {
		return body.Body{State: body.Lost}, err
	}
	return body.Body{State: body.Here, Salt: [body.SaltSize]byte(a.data), Bytes: a.data[body.SaltSize:]}, nil
}
