package record

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// maxBundle bounds an unpacked bundle in bytes: 256 entries at their largest, with their lengths.
const maxBundle = bundleSize * (MaxEntry + 2)

// packBundle writes entries in the tlog-tiles form: a big-endian uint16 length before each.
func packBundle(entries [][]byte) []byte {
	var b []byte
	for _, e := range entries {
		b = binary.BigEndian.AppendUint16(b, uint16(len(e)))
		b = append(b, e...)
	}
	return b
}

// ParseBundle splits a bundle into its entries, which share its memory. It refuses a torn end, an entry over MaxEntry and more
// than 256 entries.
func ParseBundle(b []byte) ([][]byte, error) {
	var entries [][]byte
	for len(b) > 0 {
		if len(b) < 2 {
			return nil, errors.New("bundle ends inside a length")
		}
		n := int(binary.BigEndian.Uint16(b))
		if n > MaxEntry || n > len(b)-2 {
			return nil, fmt.Errorf("bundle has an entry of %d bytes", n)
		}
		if len(entries) == bundleSize {
			return nil, errors.New("bundle has more than 256 entries")
		}
		entries = append(entries, b[2:2+n])
		b = b[2+n:]
	}
	return entries, nil
}

// squeeze gzips a bundle at level 6, the knee of the curve for entries such as ours.
func squeeze(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, 6)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unsqueeze unpacks a gzipped bundle and refuses one that grows beyond what 256 entries can hold.
func Unsqueeze(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	// The last four bytes say how long it will be (RFC 1952). They may lie: no more is believed than most bundles have.
	said := binary.LittleEndian.Uint32(packed[len(packed)-4:])
	b := bytes.NewBuffer(make([]byte, 0, min(said, 64<<10)+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(z, maxBundle+1)); err != nil {
		return nil, err
	}
	if b.Len() > maxBundle {
		return nil, errors.New("bundle is too large")
	}
	return b.Bytes(), nil
}

// leaves hashes entries as RFC 6962 leaves.
func leaves(entries [][]byte) []Hash {
	hashes := make([]Hash, len(entries))
	for i, e := range entries {
		hashes[i] = tlog.RecordHash(e)
	}
	return hashes
}
