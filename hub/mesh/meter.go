package mesh

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// meter holds back each source of traffic on its own, so that one loud neighbour does not silence
// the others. Sources beyond its table share one account.
type meter struct {
	mu       sync.Mutex // guards all below
	sources  map[netip.Addr]*account
	crowd    *account
	open     int // streams under way
	loopback bool
}

type account struct {
	packets *rate.Limiter
	dear    *rate.Limiter // messages that may cost a signature check: 20 ms on a small router
	cries   *rate.Limiter // call-outs, apart: they are told again and again, and must not use up what announcements need
	streams *rate.Limiter
	open    int
	last    time.Time
}

const (
	sourceCap     = 256
	idleSource    = time.Minute
	streamsInAll  = 8
	streamsPerOne = 2
)

func newMeter(loopback bool) *meter {
	m := &meter{sources: map[netip.Addr]*account{}, loopback: loopback}
	m.crowd = m.newAccount()
	return m
}

// newAccount gives what one hub needs at its busiest. On loopback all hubs have one address.
func (m *meter) newAccount() *account {
	hubs := 1
	if m.loopback {
		hubs = 30
	}
	return &account{
		packets: rate.NewLimiter(rate.Limit(60*hubs), 120*hubs),
		dear:    rate.NewLimiter(rate.Limit(20*hubs), 200*hubs),
		cries:   rate.NewLimiter(rate.Limit(20*hubs), 200*hubs),
		streams: rate.NewLimiter(rate.Limit(hubs), 10*hubs),
	}
}

// account finds the account of a source; the lock is held. An IPv6 host has a whole /64 of
// addresses to speak from, so that is one source.
func (m *meter) account(ip netip.Addr) *account {
	if ip.Is6() {
		p, _ := ip.Prefix(64) // cannot fail for an IPv6 address
		ip = p.Addr()
	}
	now := time.Now()
	a := m.sources[ip]
	if a == nil && len(m.sources) >= sourceCap {
		m.forget(now)
	}
	if a == nil && len(m.sources) >= sourceCap {
		return m.crowd
	}
	if a == nil {
		a = m.newAccount()
		m.sources[ip] = a
	}
	a.last = now
	return a
}

func (m *meter) forget(now time.Time) {
	for ip, a := range m.sources {
		if a.open == 0 && now.Sub(a.last) > idleSource {
			delete(m.sources, ip)
		}
	}
}

func (m *meter) packet(ip netip.Addr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.account(ip).packets.Allow()
}

// dear takes from the budgets of a source what a packet may cost.
func (m *meter) dear(ip netip.Addr, cost load) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if cost.dear+cost.cries == 0 {
		return true
	}
	a, now := m.account(ip), time.Now()
	return a.dear.AllowN(now, cost.dear) && a.cries.AllowN(now, cost.cries)
}

// enter takes a place for a stream, nil if there is none; leave gives it back.
func (m *meter) enter(ip netip.Addr) *account {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.account(ip)
	if m.open >= streamsInAll || a.open >= streamsPerOne && !m.loopback || !a.streams.Allow() {
		return nil
	}
	m.open++
	a.open++
	return a
}

func (m *meter) leave(a *account) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open--
	a.open--
}
