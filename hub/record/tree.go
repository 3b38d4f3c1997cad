package record

import (
	"crypto/ed25519"
	"math/bits"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tree is the right edge of a Merkle tree: all that is needed to append and to know the root. Stack holds one hash per
// set bit of size, of the perfect subtrees from the largest to the smallest.
type tree struct {
	size  uint64
	stack []Hash
}

// append adds one leaf.
func (t *tree) append(leaf Hash) {
	t.stack = append(t.stack, leaf)
	for n := t.size; n&1 == 1; n >>= 1 {
		top := len(t.stack) - 2
		t.stack[top] = tlog.NodeHash(t.stack[top], t.stack[top+1])
		t.stack = t.stack[:top+1]
	}
	t.size++
}

// Tree is a Merkle tree that grows by whole entries, for whoever signs or audits a record without a store.
type Tree struct{ t tree }

// Append adds one entry.
func (t *Tree) Append(raw []byte) { t.t.append(tlog.RecordHash(raw)) }

// AppendLeaf adds one entry by its leaf hash, for who has it at hand.
func (t *Tree) AppendLeaf(leaf Hash) { t.t.append(leaf) }

// Size and Root are those of the tree so far.
func (t *Tree) Size() uint64 { return t.t.size }
func (t *Tree) Root() Hash   { return t.t.root() }

// SignTree makes the signed checkpoint of a tree under a hub's key.
func SignTree(o Origin, t *Tree, key ed25519.PrivateKey) ([]byte, error) {
	s, _, err := noteKeys(string(o), key)
	if err != nil {
		return nil, err
	}
	c, err := signCheckpoint(o, &t.t, []note.Signer{s})
	return c.Note, err
}

// root is the RFC 6962 root of the tree so far.
func (t *tree) root() Hash { return fold(t.stack) }

// clone returns a tree that can grow without changing this one.
func (t *tree) clone() *tree { return &tree{t.size, append([]Hash(nil), t.stack...)} }

// sound tells whether the stack can belong to the size at all.
func (t *tree) sound() bool { return len(t.stack) == bits.OnesCount64(t.size) }

// fold joins subtree hashes, largest first, into one root; the root of nothing is the hash of nothing.
func fold(stack []Hash) Hash {
	if len(stack) == 0 {
		h, _ := tlog.TreeHash(0, nil)
		return h
	}
	h := stack[len(stack)-1]
	for i := len(stack) - 2; i >= 0; i-- {
		h = tlog.NodeHash(stack[i], h)
	}
	return h
}

// perfect is the root of 2^k leaves or nodes.
func perfect(hashes []Hash) Hash {
	var t tree
	for _, h := range hashes {
		t.append(h)
	}
	return t.root()
}
