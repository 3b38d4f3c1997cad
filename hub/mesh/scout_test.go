package mesh

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"
)

// rumoured are addresses that a stranger named, more than the book may look at in vain within the tests' patience.
func rumoured(n int) (list []candidate) {
	for i := range n {
		list = append(list, candidate{spot: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(1000+i))})
	}
	return list
}

func TestStrangersMakeUsLookInVainFewTimes(t *testing.T) {
	var looks atomic.Int64
	start := time.Now()
	n := startNode(t, "a", func(o *Options) {
		o.Look = func(context.Context, string) (Self, error) {
			looks.Add(1)
			return Self{}, errors.New("nobody there")
		}
	})
	for _, c := range rumoured(80) {
		n.book.note(c)
	}
	n.poke()
	eventually(t, "some were looked at", func() bool { return looks.Load() > 15 })
	if most := int64(8 + parallelLooks + 2*time.Since(start).Seconds()); looks.Load() > most {
		t.Errorf("looked %d times within %v, at most %d are allowed", looks.Load(), time.Since(start), most)
	}
}

// TestWhoIsFoundCostsNothing has a district that starts at once: at the pace of looks in vain 80 hubs would take 36 seconds.
func TestWhoIsFoundCostsNothing(t *testing.T) {
	n := startNode(t, "a", func(o *Options) {
		o.Look = func(_ context.Context, url string) (Self, error) {
			id, key := keyOf(url)
			return Self{ID: id, Key: key.Public().(ed25519.PublicKey)}, nil
		}
	})
	start := time.Now()
	for _, c := range rumoured(80) {
		n.book.note(c)
	}
	n.poke()
	eventually(t, "all are verified", func() bool { return verified(n.Mesh) == 80 })
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("looking at 80 hubs took %v", took)
	}
}

// TestBooksOfPeersAreHints: somebody whom no gossip names is found through the book of a hub that we look at; a liar's list is cut off and
// leads nowhere that we may not go.
func TestBooksOfPeersAreHints(t *testing.T) {
	peers := []string{"http://127.0.0.1:2000", "no address", "http://10.1.2.3:80", "http://hub.example:80"}
	for i := range 50 {
		peers = append(peers, fmt.Sprint("http://127.0.0.1:", 3000+i))
	}
	n := startNode(t, "a", func(o *Options) {
		o.Look = func(_ context.Context, url string) (Self, error) {
			id, key := keyOf(url)
			self := Self{ID: id, Key: key.Public().(ed25519.PublicKey)}
			if url == "http://127.0.0.1:1000" {
				self.Peers = peers
			}
			return self, nil
		}
	})
	n.book.note(candidate{spot: netip.MustParseAddrPort("127.0.0.1:1000")})
	n.poke()
	eventually(t, "the peers' addresses were looked at", func() bool { return verified(n.Mesh) == 1+maxPeers-3 })
	if told := n.Peers(); len(told) != min(maxPeers, verified(n.Mesh)) {
		t.Errorf("tells %d of its own %d hubs", len(told), verified(n.Mesh))
	}
}

func TestMembersThatWerePushedOutAreRecalled(t *testing.T) {
	n := startNode(t, "a", nil)
	id, key := keyOf("pushed out")
	c := card{claim: newClaim(id, key.Public().(ed25519.PublicKey)), epoch: 1, gossip: netip.MustParseAddrPort("127.0.0.1:9"), port: 9}
	n.roster.add(member{card: c})
	n.recall()
	for _, h := range n.Seen() {
		if h.ID == id && h.URL == c.url() {
			return
		}
	}
	t.Error("nobody will ever look at a member whose address was pushed out of the book")
}
