package mirror

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"commonhub/hub/fault"
	"commonhub/hub/record"
)

// Cache lifetimes: tiles never change, a checkpoint may at any moment.
const (
	forEver  = "public, max-age=31536000, immutable"
	askFirst = "no-cache"
)

// Handler answers what other hubs and auditors read: /record/, /mirror/, /body/, /witness/ and /.well-known/commonhub.
// GET and HEAD, but for two POSTs: the request to cosign, and the offer of what a neighbour has read.
func (m *Mirror) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /record/{path...}", func(w http.ResponseWriter, req *http.Request) {
		m.serveRecord(w, req, m.o.Record.Self(), req.PathValue("path"))
	})
	mux.HandleFunc("GET /record/"+instancePath, m.serveInstance)
	mux.HandleFunc("GET /mirror/{origin}/{path...}", m.serveMirror)
	mux.HandleFunc("GET /mirror/{origin}/"+instancePath, m.passInstance)
	mux.HandleFunc("POST "+offerPath, m.takeOffer)
	mux.HandleFunc("GET /body/{origin}/{leaf}", m.serveBody)
	mux.HandleFunc("POST "+witnessPath+"add-checkpoint", m.addCheckpoint)
	mux.HandleFunc("GET "+witnessPath+"{origin}/checkpoint", m.serveWitnessed)
	mux.HandleFunc("GET /.well-known/commonhub", m.serveDescription)
	return mux
}

// serveMirror finds the origin by its hash; ours is under /record/ alone, because a mirror is another statement than an origin.
func (m *Mirror) serveMirror(w http.ResponseWriter, req *http.Request) {
	o, ok := m.originOf(req.PathValue("origin"))
	if !ok || o == m.o.Record.Self() {
		http.Error(w, "no such record here", http.StatusNotFound)
		return
	}
	m.serveRecord(w, req, o, req.PathValue("path"))
}

// originOf finds which record a lower-case hexadecimal SHA-256 of its origin means.
func (m *Mirror) originOf(digest string) (found record.Origin, ok bool) {
	m.o.Record.Read(func(v record.View) error {
		for _, o := range v.Origins() {
			if h := sha256.Sum256([]byte(o)); hex.EncodeToString(h[:]) == digest {
				found, ok = o, true
			}
		}
		return nil
	})
	return found, ok
}

func (m *Mirror) serveRecord(w http.ResponseWriter, req *http.Request, o record.Origin, path string) {
	if path == "checkpoint" {
		m.serveCheckpoint(w, req, o)
		return
	}
	switch path {
	case keysPath:
		m.serveKeys(w, req, o)
		return
	case heardPath:
		m.serveHeard(w, req, o)
		return
	}
	t, err := parseTilePath(path)
	if err != nil {
		http.Error(w, "no such tile", http.StatusNotFound)
		return
	}
	if t.L == entriesLevel {
		m.serveBundle(w, req, o, t)
		return
	}
	var data []byte
	err = m.o.Record.Read(func(v record.View) error {
		tile, err := v.Tile(o, t)
		data = bytes.Clone(tile)
		return err
	})
	if err != nil {
		refuse(w, err)
		return
	}
	send(w, req, "application/octet-stream", forEver, data)
}

func (m *Mirror) serveCheckpoint(w http.ResponseWriter, req *http.Request, o record.Origin) {
	if o == m.o.Record.Self() && m.toPutOff(req) {
		m.doubt()
		http.Error(w, "asking the neighbours what they keep of this record", http.StatusServiceUnavailable)
		return
	}
	var c record.Checkpoint
	err := m.o.Record.Read(func(v record.View) (err error) {
		c, err = v.Checkpoint(o)
		if seen, ok := Cosigned(v, o); ok && o == v.Self() && seen.Size == c.Size {
			c = seen
		}
		return err
	})
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("ETag", `"`+record.Hex(tlog.RecordHash(c.Note))[:32]+`"`)
	send(w, req, "text/plain; charset=utf-8", askFirst, c.Note)
}

// serveBundle sends a sealed bundle as it is stored when the reader takes gzip, and plain bytes otherwise and for ranges: a neighbour
// that misses a few entries asks for the end of the bundle only.
func (m *Mirror) serveBundle(w http.ResponseWriter, req *http.Request, o record.Origin, t tlog.Tile) {
	t.L = 0
	var data []byte
	var zipped bool
	err := m.o.Record.Read(func(v record.View) error {
		b, z, err := v.Bundle(o, t)
		data, zipped = bytes.Clone(b), z
		return err
	})
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	gzipOK := strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") && req.Header.Get("Range") == ""
	switch {
	case zipped && gzipOK:
		w.Header().Set("Content-Encoding", "gzip")
	case zipped:
		if data, err = record.Unsqueeze(data); err != nil {
			refuse(w, err)
			return
		}
	}
	send(w, req, "application/octet-stream", forEver, data)
}

// send lets the library do ranges, conditions and HEAD.
func send(w http.ResponseWriter, req *http.Request, kind, cache string, data []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", cache)
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(data))
}

// refuse answers a program: the status says all.
func refuse(w http.ResponseWriter, err error) {
	f := fault.Of(err)
	http.Error(w, f.Key, f.Kind.Status())
}
