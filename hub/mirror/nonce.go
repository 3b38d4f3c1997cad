package mirror

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"time"

	"commonhub/hub/record"
)

// Headers of a request for a body of reach "neighbours". The nonce comes from the server, in a 401; the signature is Ed25519 over
// signedText. A clock would be no help: hubs often have none.
const (
	hubHeader       = "Commonhub-Hub"
	nonceHeader     = "Commonhub-Nonce"
	signatureHeader = "Commonhub-Signature"
)

// nonceLife is how long a nonce can be used again. Whoever overhears a request could repeat just that one, and has the answer already.
const nonceLife = 5 * time.Minute

// nonces makes and recognises nonces without remembering them: time since start, sealed with a key that dies with the process.
type nonces struct {
	key   [32]byte
	start time.Time
}

func newNonces() *nonces {
	n := &nonces{start: time.Now()}
	rand.Read(n.key[:])
	return n
}

func (n *nonces) fresh() string { return n.seal(time.Since(n.start)) }

func (n *nonces) seal(age time.Duration) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(age))
	mac := hmac.New(sha256.New, n.key[:])
	mac.Write(b)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(b)[:24])
}

func (n *nonces) good(nonce string) bool {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 24 {
		return false
	}
	age := time.Duration(binary.BigEndian.Uint64(b))
	return hmac.Equal([]byte(n.seal(age)), []byte(nonce)) && time.Since(n.start)-age < nonceLife
}

// signedText binds a signature to the hub that is asked, the path and the nonce, under a tag that no other signature of ours has.
func signedText(asked record.Origin, path, nonce string) []byte {
	return fmt.Appendf(nil, "commonhub body request v1\n%s\n%s\n%s\n", asked, path, nonce)
}

// sign adds the headers that prove who asks.
func sign(req *http.Request, key ed25519.PrivateKey, self, asked record.Origin, nonce string) {
	sig := ed25519.Sign(key, signedText(asked, req.URL.Path, nonce))
	req.Header.Set(hubHeader, self.ID())
	req.Header.Set(nonceHeader, nonce)
	req.Header.Set(signatureHeader, base64.RawURLEncoding.EncodeToString(sig))
}

// asker is the accepted hub that signed a request; false if there is none.
func (m *Mirror) asker(v record.View, req *http.Request) (id string, ok bool) {
	id = req.Header.Get(hubHeader)
	p := pinned(v, id)
	nonce := req.Header.Get(nonceHeader)
	sig, err := base64.RawURLEncoding.DecodeString(req.Header.Get(signatureHeader))
	if err != nil || p.State != Accepted || !m.nonces.good(nonce) {
		return "", false
	}
	live, _ := keysOf(v, id, p.Key)
	return id, signedBy(publicKeys(record.OriginFor(id), live), signedText(m.o.Record.Self(), req.URL.Path, nonce), sig)
}
