package hub

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/mesh"
	"commonhub/hub/mirror"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/hub/record"
)

// stopTime is how long running requests may take once the hub was told to stop.
const stopTime = 3 * time.Second

// running is what lives only while the hub listens.
type running struct {
	mu       sync.Mutex // owns mesh, leave, again and the writing of address: pages and mirror ask while it starts
	mesh     *mesh.Mesh
	leave    context.CancelFunc // ends what listens to the mesh
	again    func() error       // starts the mesh where it was
	renewing sync.Mutex         // held while one mesh makes room for the next
	console  *console
	address  string // "http://host:port" as printed
	cancel   context.CancelFunc
	tasks    sync.WaitGroup
}

// Run listens, says so on out in one line, starts the mesh and serves until ctx ends. On a fresh data folder it also prints the
// address that makes the first steward.
func (h *Hub) Run(ctx context.Context, out io.Writer) error {
	listener, err := net.Listen("tcp", h.o.Listen)
	if err != nil {
		return fault.New(fault.Unavailable, "hub.listen", h.o.Listen).Because(err)
	}
	defer listener.Close()
	h.running.mu.Lock()
	h.running.address = "http://" + shown(listener.Addr().String())
	h.running.mu.Unlock()
	ctx, h.running.cancel = context.WithCancel(ctx)
	if h.running.console, err = h.openConsole(); err != nil {
		return err
	}
	if err := h.greet(ctx, out); err != nil {
		return err
	}
	if h.o.Mesh {
		if err := h.startMesh(ctx, listener.Addr()); err != nil {
			return err
		}
	}
	h.running.tasks.Go(func() { h.rest(ctx) })
	h.running.tasks.Go(func() { h.askNeighbours(ctx) })
	h.running.tasks.Go(func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		h.portal.Shutdown(stop)
	})
	return h.portal.Serve(listener)
}

// askTime is how long a hub waits at its start for neighbours to tell what they have of its record, before it appends.
const askTime = 3 * time.Second

// askNeighbours heals our record from neighbours that hold more of it than we do, as they do after a restore from a backup, and lets it go
// on. An ordinary power cut costs at most askTime before the first write; reading never waits. Where another machine runs with our key, the
// record refuses every write from here on.
func (h *Hub) askNeighbours(ctx context.Context) {
	defer h.record.Release()
	if !h.mirror.Neighboured() {
		return
	}
	answered, healed, err := h.mirror.AskOurs(ctx, askTime)
	if err != nil {
		h.o.Log.Error("our own record is in doubt", "error", err)
	}
	h.o.Log.Info("asked neighbours for our record", "answered", answered, "events back", healed)
}

// greet prints the ready line and, where nobody ever claimed the hub, the claim address.
func (h *Hub) greet(ctx context.Context, out io.Writer) error {
	fmt.Fprintln(out, "listening on "+h.running.address)
	if h.record.Size() > 0 {
		return nil
	}
	address, err := h.claim(ctx)
	if err == nil {
		fmt.Fprintln(out, "claim "+address)
	}
	return err
}

// claim makes a fresh claim code and voids the old one.
func (h *Hub) claim(ctx context.Context) (address string, err error) {
	code, err := h.people.Claim(ctx)
	return h.link("/claim/" + code), err
}

// link is a full address for people outside the browser.
func (h *Hub) link(path string) string {
	if h.o.URL != "" {
		return strings.TrimSuffix(h.o.URL, "/") + path
	}
	return h.running.address + path
}

// shown gives an address that a browser on this machine can open: a wildcard becomes loopback.
func shown(address string) string {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !ap.Addr().IsUnspecified() {
		return address
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(int(ap.Port())))
}

// port is where our own server listens; "" before Run.
func (h *Hub) port() string {
	h.running.mu.Lock()
	defer h.running.mu.Unlock()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(h.running.address, "http://"))
	if err != nil {
		return ""
	}
	return port
}

// loopback tells whether the mesh lives on this machine alone; only then may peers have loopback addresses.
func (h *Hub) loopback() bool {
	host, _, err := net.SplitHostPort(h.o.MeshListen)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost"
}

func (h *Hub) gossip() string {
	h.running.mu.Lock()
	defer h.running.mu.Unlock()
	if h.running.mesh == nil {
		return ""
	}
	return h.running.mesh.Gossip()
}

func (h *Hub) peers() []string {
	h.running.mu.Lock()
	defer h.running.mu.Unlock()
	if h.running.mesh == nil {
		return nil
	}
	return h.running.mesh.Peers()
}

// startMesh starts looking for neighbours, hands its hints to the mirror and our growth to it.
func (h *Hub) startMesh(ctx context.Context, addr net.Addr) error {
	port := addr.(*net.TCPAddr).Port
	within, leave := context.WithCancel(ctx)
	m, err := mesh.Start(within, mesh.Options{
		Dir: h.o.Data, ID: h.record.Self().ID(), Key: h.record.Key(), Listen: h.o.MeshListen, Port: port,
		Join: h.o.Join, MDNS: h.o.MDNS, Look: h.look, Log: h.o.Log, Now: h.o.Now,
	})
	if err != nil {
		leave()
		return fault.New(fault.Unavailable, "hub.mesh", h.o.MeshListen).Because(err)
	}
	h.running.mu.Lock()
	h.running.mesh, h.running.leave = m, leave
	h.running.again = func() error { return h.startMesh(ctx, addr) }
	h.running.mu.Unlock()
	h.running.tasks.Go(func() { h.passHints(within, m) })
	h.running.tasks.Go(func() { h.announce(within, m) })
	h.running.tasks.Go(func() { h.passCallOuts(within, m) })
	return nil
}

// look tells the mesh what a hub says of itself; the mirror lists it as seen on the way.
func (h *Hub) look(ctx context.Context, url string) (mesh.Self, error) {
	f, err := h.mirror.Look(ctx, url)
	if err != nil && f.ID == "" {
		return mesh.Self{}, err
	}
	return mesh.Self{ID: f.ID, Key: f.Key, Gossip: f.Gossip, Peers: f.Peers}, nil
}

func (h *Hub) passHints(ctx context.Context, m *mesh.Mesh) {
	for {
		select {
		case hint := <-m.Hints():
			h.mirror.Hint(hint.ID, hint.URL, hint.Size)
		case <-ctx.Done():
			return
		}
	}
}

func (h *Hub) announce(ctx context.Context, m *mesh.Mesh) {
	changes, stop := h.record.Changes()
	defer stop()
	for last := uint64(0); ; {
		if size := h.record.Size(); size != last {
			m.Announce(size)
			last = size
		}
		select {
		case <-changes:
		case <-ctx.Done():
			return
		}
	}
}

// secret is what form tokens are made from, drawn at the birth of the hub.
func (h *Hub) secret() (secret []byte, err error) {
	read := func() error {
		return h.record.Read(func(v record.View) error {
			secret = append([]byte(nil), v.Private("hub", "secret").Get([]byte("portal"))...)
			return nil
		})
	}
	if err = read(); err != nil || len(secret) > 0 {
		return secret, err
	}
	fresh := make([]byte, 32)
	rand.Read(fresh)
	_, err = h.record.Do(context.Background(), record.Command{Judge: func(v record.View) (*record.Decision, error) {
		d := v.Decide()
		d.Keep("hub", "secret", []byte("portal"), fresh)
		return d, nil
	}})
	return fresh, err
}

// end stops what Run started. It may be called without Run, and twice.
func (r *running) end(log *slog.Logger) {
	if r.cancel != nil {
		r.cancel()
	}
	if r.console != nil {
		r.console.close()
		r.console = nil
	}
	r.tasks.Wait()
	r.renewing.Lock()
	defer r.renewing.Unlock()
	if r.mesh != nil {
		if err := r.mesh.Close(); err != nil {
			log.Warn("the address book was not saved", "error", err)
		}
		r.mesh = nil
	}
}

var (
	_ portal.Guests  = (*people.People)(nil)
	_ record.Service = mirror.View{}
)
