package mirror

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// witnessPath is where hubs answer as witnesses.
const witnessPath = "/witness/"

// What a request to cosign may hold (C2SP tlog-witness): 63 proof lines of 45 bytes and a checkpoint.
const (
	maxProofLines = 63
	maxAddition   = record.MaxNote + maxProofLines*45 + 64
)

// addition is the body of add-checkpoint.
type addition struct {
	link
	signed []byte
}

// addCheckpoint cosigns the checkpoint of a hub that we accepted, as tlog-witness says: 400 what makes no sense, 404 another origin, 403
// not signed by the pinned key, 409 with our size, 422 not consistent, 200 with our signature line.
func (m *Mirror) addCheckpoint(w http.ResponseWriter, req *http.Request) {
	if !m.additions.Allow() {
		http.Error(w, "too many requests", http.StatusTooManyRequests)
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, maxAddition+1))
	if err != nil || len(body) > maxAddition {
		http.Error(w, "not a request of at most "+strconv.Itoa(maxAddition)+" bytes", http.StatusBadRequest)
		return
	}
	a, err := parseAddition(string(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c, status := m.trusted(a.signed)
	if status == http.StatusOK && a.old > c.Size {
		status = http.StatusBadRequest
	}
	if status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
		return
	}
	m.answerAddition(w, req, a, c)
}

func (m *Mirror) answerAddition(w http.ResponseWriter, req *http.Request, a addition, c record.Checkpoint) {
	signed, err := m.cosign(req.Context(), c, func(record.View, witnessed) (link, error) { return a.link, nil })
	if err != nil {
		if fork := m.expose(req.Context(), c); fork != nil {
			m.o.Log.Info("a request to cosign was compared with what we hold", "error", fork)
		}
	}
	if size, other := errors.AsType[otherSize](err); other {
		w.Header().Set("Content-Type", "text/x.tlog.size")
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintf(w, "%d\n", uint64(size))
		return
	}
	switch {
	case errors.Is(err, errInconsistent):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	case err != nil:
		refuse(w, err)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write(signed.Note[strings.LastIndex(string(signed.Note), "— "):])
	}
}

// parseAddition reads `old <size>`, proof lines, an empty line and a checkpoint, and nothing looser.
func parseAddition(body string) (a addition, err error) {
	head, signed, found := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	digits, ok := strings.CutPrefix(lines[0], "old ")
	if !found || !ok || len(lines)-1 > maxProofLines {
		return a, errors.New("not an add-checkpoint request")
	}
	if a.old, err = strconv.ParseUint(digits, 10, 63); err != nil || strconv.FormatUint(a.old, 10) != digits {
		return a, errors.New("not a size")
	}
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return a, errors.New("not a hash")
		}
		a.proof = append(a.proof, record.Hash(h))
	}
	a.signed = []byte(signed)
	return a, nil
}

// trusted opens a checkpoint of a hub that we accepted, under the pinned key. The status is 200, or says what is wrong.
func (m *Mirror) trusted(signed []byte) (record.Checkpoint, int) {
	origin, _, _ := strings.Cut(string(signed), "\n")
	o := record.Origin(origin)
	known, accepted := m.pinnedKeys(o)
	if !accepted {
		return record.Checkpoint{}, http.StatusNotFound
	}
	c, err := openCheckpoint(signed, known)
	_, unsigned := errors.AsType[*note.UnverifiedNoteError](err)
	_, forged := errors.AsType[*note.InvalidSignatureError](err)
	switch {
	case unsigned || forged:
		return c, http.StatusForbidden
	case err != nil || c.Origin != o:
		return c, http.StatusBadRequest
	}
	return c, http.StatusOK
}

// openCheckpoint reads a checkpoint and leaves out every signature line that known keys did not make: what others put there, and we
// cannot check, must not stand in what we store, sign or pass on. One bad line makes a note unreadable for whoever knows that key.
func openCheckpoint(signed []byte, known note.Verifiers) (record.Checkpoint, error) {
	c, err := record.OpenCheckpoint(signed, known)
	if err != nil {
		return c, err
	}
	n, err := note.Open(signed, known)
	if err != nil {
		return c, err
	}
	c.Note, err = note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs})
	return c, err
}

// serveWitnessed gives the last checkpoint of an origin that we cosigned, also of one that we accept no longer: a hub that was
// restored learns here how far it had come.
func (m *Mirror) serveWitnessed(w http.ResponseWriter, req *http.Request) {
	var signed []byte
	err := m.o.Record.Read(func(v record.View) error {
		for o := range v.Private(service, witnessedTable).From(nil) {
			if record.Origin(o).Hex() == req.PathValue("origin") {
				signed = lastWitnessed(v, record.Origin(o)).Note
				return nil
			}
		}
		return fault.New(fault.NotFound, "record.no-checkpoint")
	})
	if err != nil {
		refuse(w, err)
		return
	}
	send(w, req, "text/plain; charset=utf-8", askFirst, signed)
}
