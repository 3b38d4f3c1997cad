package mirror

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// askWitness gets one verified cosignature line from a neighbour for our checkpoint. It tries the size that the neighbour cosigned last
// as far as we remember, and once more with the size that it answers.
func (m *Mirror) askWitness(ctx context.Context, id string, c record.Checkpoint) (line []byte, err error) {
	m.mu.Lock()
	url, vkey, old := m.hubs[id].note.URL, m.hubs[id].note.Witness, m.hubs[id].asked.size
	m.mu.Unlock()
	key, err := parseWitnessKey(vkey)
	if err != nil {
		return nil, err
	}
	for range 2 {
		var size uint64
		if line, size, err = m.postCheckpoint(ctx, url, c, old); err == nil {
			return verifiedLine(c, line, key)
		}
		if err != statusError(http.StatusConflict) {
			return nil, err
		}
		old = size
	}
	return nil, err
}

// postCheckpoint sends one add-checkpoint. With status 409 it returns the size that the witness told.
func (m *Mirror) postCheckpoint(ctx context.Context, url string, c record.Checkpoint, old uint64) (answer []byte, size uint64, err error) {
	body, err := m.addition(c, old)
	if err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+witnessPath+"add-checkpoint", bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	res, err := m.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	if answer, err = io.ReadAll(io.LimitReader(res.Body, record.MaxNote)); err != nil {
		return nil, 0, err
	}
	if res.StatusCode == http.StatusConflict {
		size, err = strconv.ParseUint(strings.TrimSpace(string(answer)), 10, 63)
		if err != nil || size > c.Size {
			// More than we have signed, if it is true: our record was rolled back, which is not ours to settle here.
			return nil, 0, fmt.Errorf("it says that it cosigned size %q of our %d", firstRunes(string(answer), 20), c.Size)
		}
	}
	if res.StatusCode != http.StatusOK {
		return nil, size, statusError(res.StatusCode)
	}
	return answer, 0, nil
}

// addition spells the request: from which size we continue, the proof, our checkpoint.
func (m *Mirror) addition(c record.Checkpoint, old uint64) ([]byte, error) {
	b := fmt.Appendf(nil, "old %d\n", old)
	err := m.o.Record.Read(func(v record.View) error {
		if old == 0 {
			return nil
		}
		proof, err := v.Consistency(c.Origin, old, c.Size)
		for _, h := range proof {
			b = append(base64.StdEncoding.AppendEncode(b, h[:]), '\n')
		}
		return err
	})
	return append(append(b, '\n'), c.Note...), err
}

// verifiedLine takes the one line by this key out of an answer, if it is good. Anything else in the answer is dropped: what we have not
// verified never reaches a checkpoint that we serve.
func verifiedLine(c record.Checkpoint, answer []byte, key witnessKey) ([]byte, error) {
	text := signedPart(c.Note)
	n, err := note.Open(append(append(bytes.Clone(text), '\n'), answer...), note.VerifierList(key))
	if err != nil {
		return nil, fault.New(fault.Invalid, "mirror.bad-cosignature").Because(err)
	}
	return fmt.Appendf(nil, "— %s %s\n", n.Sigs[0].Name, n.Sigs[0].Base64), nil
}
