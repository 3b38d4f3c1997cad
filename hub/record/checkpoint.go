package record

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// MaxNote bounds a checkpoint with its signatures in bytes.
const MaxNote = 16 << 10

// Checkpoint is a record's size and root as its hub signed them (C2SP tlog-checkpoint without extension lines).
type Checkpoint struct {
	Origin Origin
	Size   uint64
	Root   Hash
	Note   []byte // the signed note as it came
}

// text is the part of the note that is signed.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// signCheckpoint makes the signed note of a tree. Ed25519 is deterministic: the same tree gives the same note.
func signCheckpoint(o Origin, t *tree, by []note.Signer) (Checkpoint, error) {
	c := Checkpoint{Origin: o, Size: t.size, Root: t.root()}
	signed, err := note.Sign(&note.Note{Text: c.text()}, by...)
	c.Note = signed
	return c, err
}

// OpenCheckpoint checks the signature of a note by one of the known keys and reads it. It accepts nothing but the exact three
// lines: an extension line could not be cosigned alike by everybody.
func OpenCheckpoint(signed []byte, known note.Verifiers) (Checkpoint, error) {
	if len(signed) > MaxNote {
		return Checkpoint{}, fmt.Errorf("checkpoint of %d bytes", len(signed))
	}
	n, err := note.Open(signed, known)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseCheckpoint(n.Text)
	c.Note = signed
	return c, err
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, fmt.Errorf("checkpoint has %d lines", len(lines)-1)
	}
	c := Checkpoint{Origin: Origin(lines[0])}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil {
		return Checkpoint{}, err
	}
	c.Size = size
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(c.Root) {
		return Checkpoint{}, fmt.Errorf("checkpoint root %q", lines[2])
	}
	copy(c.Root[:], root)
	// A leading zero or a sign would parse and be another text than the one we would write.
	if c.text() != text {
		return Checkpoint{}, fmt.Errorf("checkpoint is not in canonical form")
	}
	return c, nil
}
