package mirror

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"commonhub/hub/record"
)

// Two machines with one key, as a copied card makes them, are told apart by their instance: a random word of each running program. Who is asked
// signs it together with the asker's nonce, so that only a machine which runs now and has the key can answer. An address alone would say
// nothing: hubs have several, and get new ones. Questions about another hub are passed on once, to where that is read: a copy need not reach the
// machine that it is a copy of.
const (
	instancePath  = "instance"
	instanceTime  = 1500 * time.Millisecond // for one answer; a machine that takes longer cannot be asked at a start
	maxInstance   = 1 << 10
	maxNonce      = 64
	instanceQuery = "nonce"
	portQuery     = "port" // of the asker's own server, if it asks about itself
)

// presence is the answer.
type presence struct {
	Instance  string `json:"instance"`
	Signature string `json:"signature"` // base64, of presenceText
}

func presenceText(o record.Origin, instance, nonce string) []byte {
	return fmt.Appendf(nil, "commonhub instance v1\n%s\n%q\n%q\n", o, instance, nonce)
}

// serveInstance says which running program this is.
func (m *Mirror) serveInstance(w http.ResponseWriter, req *http.Request) {
	nonce := req.FormValue(instanceQuery)
	if nonce == "" || len(nonce) > maxNonce {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	}
	if !m.additions.Allow() {
		http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
		return
	}
	sig := ed25519.Sign(m.o.Record.Key(), presenceText(m.o.Record.Self(), m.instance, nonce))
	data, err := json.Marshal(presence{m.instance, base64.StdEncoding.EncodeToString(sig)})
	if err != nil {
		refuse(w, err)
		return
	}
	send(w, req, "application/json", "no-store", data)
}

// passInstance asks the hub that we read under an origin, for somebody who cannot reach it.
func (m *Mirror) passInstance(w http.ResponseWriter, req *http.Request) {
	o, known := m.originOf(req.PathValue("origin"))
	nonce := req.FormValue(instanceQuery)
	base := m.accepted()[o.ID()]
	if !known || base == "" || nonce == "" || len(nonce) > maxNonce {
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	if !m.additions.Allow() {
		http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
		return
	}
	if host, _, err := net.SplitHostPort(req.RemoteAddr); err == nil && validPort(req.FormValue(portQuery)) {
		m.Hint(o.ID(), "http://"+net.JoinHostPort(host, req.FormValue(portQuery)), 0) // it has moved, or is a second one
	}
	ctx, cancel := context.WithTimeout(req.Context(), instanceTime)
	defer cancel()
	a, err := m.get(ctx, base+"/record/"+instancePath+"?"+instanceQuery+"="+url.QueryEscape(nonce), maxInstance, nil)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusBadGateway), http.StatusBadGateway)
		return
	}
	send(w, req, "application/json", "no-store", a.data)
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// instanceAt asks below a path for the running program of an origin, and believes it under one of its keys alone. more are further words of
// the query, as "name=value".
func (m *Mirror) instanceAt(ctx context.Context, base string, o record.Origin, keys []ed25519.PublicKey, more ...string) (string, error) {
	nonce := rand.Text()
	query := strings.Join(append(more, instanceQuery+"="+nonce), "&")
	a, err := m.get(ctx, base+instancePath+"?"+query, maxInstance, nil)
	if err != nil {
		return "", err
	}
	var p presence
	if err := json.Unmarshal(a.data, &p); err != nil {
		return "", err
	}
	sig, err := base64.StdEncoding.DecodeString(p.Signature)
	if err != nil || !signedBy(keys, presenceText(o, p.Instance, nonce), sig) {
		return "", errors.New("somebody without the key answered for " + o.ID())
	}
	return p.Instance, nil
}

// twinBehind asks a neighbour for the machine that it reads under our key, and tells whether that is another one than this.
func (m *Mirror) twinBehind(ctx context.Context, base string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*instanceTime)
	defer cancel()
	self := m.o.Record.Self()
	var port []string
	if m.o.Port != nil && m.o.Port() != "" {
		port = []string{portQuery + "=" + m.o.Port()}
	}
	ours := []ed25519.PublicKey{m.o.Record.Key().Public().(ed25519.PublicKey)}
	there, err := m.instanceAt(ctx, base+"/mirror/"+self.Hex()+"/", self, ours, port...)
	return err == nil && there != m.instance
}

// second tells whether an accepted hub turned up at another address while the machine that we read goes on: then it is not read there. Without
// an answer from where it was, it has moved.
func (m *Mirror) second(ctx context.Context, f Found) bool {
	o := record.OriginFor(f.ID)
	keys := m.AcceptedKeys(o)
	was := m.accepted()[f.ID]
	if len(keys) == 0 || was == "" || was == f.URL {
		return false
	}
	old, err := m.instanceAt(ctx, was+"/record/", o, keys)
	if err != nil {
		return false
	}
	found, err := m.instanceAt(ctx, f.URL+"/record/", o, keys)
	if err == nil && found == old {
		return false
	}
	if err == nil {
		m.o.Log.Warn("two machines run with the key of one hub", "hub", f.ID, "read at", was, "refused at", f.URL)
		m.update(f.ID, func(n *memory) { n.Twin, n.TwinSeen = f.URL, time.Now() })
	}
	return true
}
