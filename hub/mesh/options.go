package mesh

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"
)

// Self is what a hub says of itself at /.well-known/commonhub, as far as the mesh needs it.
type Self struct {
	ID     string            // 16 base32 characters
	Key    ed25519.PublicKey // current key
	Gossip string            // "ip:port" or ":port" of its gossip listener, "" when its mesh is off
	Peers  []string          // "http://ip:port" of hubs in its book: hints
}

// Options say who we are and where to look. ID, Key, Dir, Port and Look are required.
type Options struct {
	Dir    string             // book.json and the epoch counter live here
	ID     string             // own id
	Key    ed25519.PrivateKey // signs our card and our announcements
	Listen string             // "ip:port" or ":port"; port 0 takes a free one
	Port   int                // HTTP port that the hub serves on
	Join   []string           // "ip:port" or "http://ip:port" of neighbours' HTTP listeners
	MDNS   bool               // ask and answer on every link; has no effect when Listen is loopback
	// Look fetches and checks the self description of the hub at url ("http://ip:port"). It must
	// bound the size of the answer, follow no redirect and honour ctx.
	Look func(ctx context.Context, url string) (Self, error)
	Log  *slog.Logger
	Now  func() time.Time

	sockets sockets // of the machine; those of a simulation in memory
}

// Hint says that it may be worth looking at a hub. Size is what the signer of an announcement
// claims its record to hold; 0 means that the hub was merely seen.
type Hint struct {
	ID   string
	URL  string // "http://ip:port"
	Size uint64
}

// Hub is one line of what we know of other hubs. Two hubs may claim one id with different keys;
// both are listed, for only a pinned key can tell which of them is meant.
type Hub struct {
	ID       string
	URL      string            // "http://ip:port"
	Key      ed25519.PublicKey // nil while nobody has told it
	Verified bool              // its self description was fetched and carried this id and key
	Heard    time.Time
	Alive    bool // gossip thinks so: a hint
	Manual   bool // named by --join
}

// check returns where to listen, and fills what may be left out.
func (o *Options) check() (netip.AddrPort, error) {
	if !validID(o.ID) || len(o.Key) != ed25519.PrivateKeySize || o.Look == nil {
		return netip.AddrPort{}, errors.New("mesh: id, key and look are required")
	}
	if o.Port < 1 || o.Port > 65535 {
		return netip.AddrPort{}, fmt.Errorf("mesh: HTTP port %d is out of range", o.Port)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.sockets == nil {
		o.sockets = machine{}
	}
	return parseListen(o.Listen)
}
