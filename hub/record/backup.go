package record

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/body"
	"commonhub/hub/store"
)

// A backup is a tar file that does not depend on the byte order of the machine, unlike the database:
//
//	private.json                     the private part, our key included: a list of {path, key, value}
//	record/<hex>/origin              the origin's text
//	record/<hex>/entries/<n>         bundle n, gzipped, the last one perhaps not full
//	record/<hex>/checkpoint          the signed checkpoint, behind its entries
//	body/<hex>/<leaf hex>            10 bytes of state, then salt and bytes if they are here
//
// What views hold is not in it: a restored hub replays.

// privateItem is one key of the private part.
type privateItem struct {
	Path  []string `json:"path"`
	Key   []byte   `json:"key"`
	Value []byte   `json:"value"`
}

// maxBackupFile bounds one file of a backup in bytes.
const maxBackupFile = 64 << 20

// Backup writes everything that cannot be derived, as of one moment.
func (r *Record) Backup(w io.Writer) error {
	out := tar.NewWriter(w)
	err := r.db.View(func(tx *bbolt.Tx) error {
		if err := backupPrivate(out, tx); err != nil {
			return err
		}
		for _, o := range (View{tx: tx}).Origins() {
			if err := backupLog(out, tx, o); err != nil {
				return err
			}
		}
		return backupBodies(out, tx)
	})
	if err != nil {
		return err
	}
	return out.Close()
}

func put(out *tar.Writer, name string, data []byte) error {
	head := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
	if err := out.WriteHeader(head); err != nil {
		return err
	}
	_, err := out.Write(data)
	return err
}

func backupPrivate(out *tar.Writer, tx *bbolt.Tx) error {
	var items []privateItem
	if b := tx.Bucket(privateBucket); b != nil {
		collect(b, nil, &items)
	}
	data, err := json.Marshal(items)
	if err != nil {
		return err
	}
	return put(out, "private.json", data)
}

// collect walks nested buckets; bbolt's ForEach fails only if its callback does.
func collect(b *bbolt.Bucket, path []string, items *[]privateItem) {
	b.ForEach(func(k, v []byte) error {
		if v == nil && b.Bucket(k) != nil {
			collect(b.Bucket(k), append(append([]string(nil), path...), string(k)), items)
			return nil
		}
		*items = append(*items, privateItem{path, bytes.Clone(k), bytes.Clone(v)})
		return nil
	})
}

func backupLog(out *tar.Writer, tx *bbolt.Tx, o Origin) error {
	l, err := openLog(tx, o)
	if err != nil {
		return err
	}
	dir := "record/" + o.Hex() + "/"
	if err := put(out, dir+"origin", []byte(o)); err != nil {
		return err
	}
	for start := uint64(0); start < l.tree.size; start += bundleSize {
		entries, err := l.entries(start/bundleSize, int(min(bundleSize, l.tree.size-start)))
		if err != nil {
			return err
		}
		packed, err := squeeze(packBundle(entries))
		if err != nil {
			return err
		}
		if err := put(out, fmt.Sprintf("%sentries/%d", dir, start/bundleSize), packed); err != nil {
			return err
		}
	}
	return put(out, dir+"checkpoint", l.hot.Get(checkpointKey))
}

func backupBodies(out *tar.Writer, tx *bbolt.Tx) error {
	for k := range body.From(tx, nil) {
		leaf := k.Leaf()
		if err := put(out, fmt.Sprintf("body/%x/%x", k[:32], leaf[:]), body.Export(tx, k)); err != nil {
			return err
		}
	}
	return nil
}

// Restore fills an empty store from a backup. Every log must lead to the root of its checkpoint, and ours must be signed by our key;
// opening the record afterwards replays the views.
func Restore(db *store.DB, backup io.Reader) error {
	in := &restorer{files: tar.NewReader(backup)}
	return db.Update(func(tx *bbolt.Tx) error {
		if tx.Bucket(logBucket) != nil {
			return broken("the folder already holds a record")
		}
		in.tx = tx
		if err := body.Prepare(tx); err != nil {
			return err
		}
		for {
			head, err := in.files.Next()
			if err == io.EOF {
				return in.finish()
			}
			if err == nil {
				err = in.file(head.Name)
			}
			if err != nil {
				return err
			}
		}
	})
}

type restorer struct {
	tx      *bbolt.Tx
	files   *tar.Reader
	origin  Origin
	log     *log
	private bool
}

// file takes in one file of the backup, by its path.
func (in *restorer) file(name string) error {
	data, err := io.ReadAll(io.LimitReader(in.files, maxBackupFile))
	if err != nil {
		return err
	}
	parts := strings.Split(name, "/")
	switch {
	case name == "private.json":
		in.private = true
		return restorePrivate(in.tx, data)
	case parts[0] == "body" && len(parts) == 3:
		return body.Import(in.tx, parts[1], parts[2], data)
	case parts[0] == "record" && parts[len(parts)-1] == "origin":
		in.origin = Origin(data)
		in.log, err = makeLog(in.tx, in.origin)
		return err
	case parts[0] == "record" && in.log != nil && len(parts) == 4:
		return in.entries(data)
	case parts[0] == "record" && in.log != nil && parts[len(parts)-1] == "checkpoint":
		return in.checkpoint(data)
	}
	return broken("unknown file %q in the backup", name)
}

func restorePrivate(tx *bbolt.Tx, data []byte) error {
	var items []privateItem
	if err := json.Unmarshal(data, &items); err != nil {
		return err
	}
	for _, item := range items {
		if len(item.Path) != 2 {
			return broken("private item at %q", item.Path)
		}
		b, err := makeTable(tx, privateBucket, item.Path[0], item.Path[1])
		if err != nil {
			return err
		}
		if err := b.Put(item.Key, item.Value); err != nil {
			return err
		}
	}
	return nil
}

func (in *restorer) entries(packed []byte) error {
	b, err := Unsqueeze(packed)
	if err != nil {
		return err
	}
	entries, err := ParseBundle(b)
	if err != nil {
		return err
	}
	for _, raw := range entries {
		if e, err := ParseEvent(raw); err == nil && e.At.After(in.log.last) {
			in.log.last = e.At
		}
		if err := in.log.append(raw, tlog.RecordHash(raw)); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint ends one log. A mirror that was still being filled has an older one, or none.
func (in *restorer) checkpoint(signed []byte) error {
	if len(signed) == 0 {
		return nil
	}
	if err := in.log.hot.Put(checkpointKey, signed); err != nil {
		return err
	}
	c, err := in.log.checkpoint()
	if err != nil || c.Size != in.log.tree.size {
		return err
	}
	return in.log.agrees(c)
}

// finish checks that the backup was whole and ours.
func (in *restorer) finish() error {
	if !in.private || in.log == nil {
		return broken("the backup is not whole")
	}
	r, err := loadRing(in.tx)
	if err != nil {
		return err
	}
	l, err := openLog(in.tx, r.self)
	if err != nil {
		return err
	}
	c, err := OpenCheckpoint(l.hot.Get(checkpointKey), r.known)
	if err != nil {
		return broken("our checkpoint in the backup: %v", err)
	}
	return l.agrees(c)
}
