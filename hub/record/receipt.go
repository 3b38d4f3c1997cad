package record

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Receipt makes a tlog-proof of an event on the last checkpoint.
func (v View) Receipt(o Origin, index uint64) ([]byte, error) {
	c, err := v.Checkpoint(o)
	if err != nil {
		return nil, err
	}
	return v.ReceiptOn(c, index)
}

// ReceiptOn makes a tlog-proof of an event: index, inclusion proof, and a checkpoint with all the signatures that it carries. The
// checkpoint is one of the origin's that our copy is known to continue.
func (v View) ReceiptOn(c Checkpoint, index uint64) ([]byte, error) {
	l, err := openLog(v.tx, c.Origin)
	if err != nil {
		return nil, err
	}
	if index >= c.Size || c.Size > l.tree.size {
		return nil, errUnpublished
	}
	proof, err := tlog.ProveRecord(int64(c.Size), int64(index), l)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nindex %d\n", proofVersion, index)
	for _, h := range proof {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(h[:]))
	}
	fmt.Fprintf(&b, "\n%s", c.Note)
	return b.Bytes(), nil
}

// RootAt is the root of an origin's first size entries.
func (v View) RootAt(o Origin, size uint64) (Hash, error) {
	l, err := openLog(v.tx, o)
	if err != nil {
		return Hash{}, err
	}
	if size > l.tree.size {
		return Hash{}, errUnpublished
	}
	return tlog.TreeHash(int64(size), l)
}

// Consistency proves that the tree of size old is how the tree of size now began.
func (v View) Consistency(o Origin, old, now uint64) (tlog.TreeProof, error) {
	l, err := openLog(v.tx, o)
	if err != nil {
		return nil, err
	}
	return tlog.ProveTree(int64(now), int64(old), l)
}

// CheckReceipt tells whether a receipt proves that these entry bytes stand in a record that one of the known keys signed.
func CheckReceipt(receipt, entry []byte, known note.Verifiers) (Checkpoint, uint64, error) {
	head, signed, found := strings.Cut(string(receipt), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != proofVersion {
		return Checkpoint{}, 0, fmt.Errorf("not a %s", proofVersion)
	}
	c, err := OpenCheckpoint([]byte(signed), known)
	if err != nil {
		return Checkpoint{}, 0, err
	}
	digits, _ := strings.CutPrefix(lines[1], "index ")
	index, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return Checkpoint{}, 0, err
	}
	proof := make(tlog.RecordProof, len(lines)-2)
	for i, line := range lines[2:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return Checkpoint{}, 0, fmt.Errorf("proof line %d", i)
		}
		proof[i] = Hash(h)
	}
	return c, index, tlog.CheckRecord(proof, int64(c.Size), c.Root, int64(index), tlog.RecordHash(entry))
}
