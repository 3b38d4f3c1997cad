package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"commonhub/hub/fault"
	"commonhub/hub/mirror"
	"commonhub/hub/people"
	"commonhub/hub/record"
)

// SocketName is the console's unix socket in the data folder. Whoever may open it holds the machine, and needs no other right.
const SocketName = "hub.sock"

// Status is what `commonhub status --json` prints. Fields are only ever added.
type Status struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Version    string    `json:"version"`
	URL        string    `json:"url"`
	Size       uint64    `json:"size"`
	Root       string    `json:"root"`
	Clock      time.Time `json:"clock"`
	Neighbours int       `json:"neighbours"` // accepted ones
}

// ConsoleRequest is the body of a console command; a command reads the fields that it needs.
type ConsoleRequest struct {
	Household  string `json:"household,omitempty"`
	Member     string `json:"member,omitempty"`
	ID         string `json:"id,omitempty"`
	Passphrase string `json:"passphrase,omitempty"`
}

// ConsoleAnswer is the body of what a console command answers with one line.
type ConsoleAnswer struct {
	Line string `json:"line"`
}

type console struct{ server *http.Server }

// openConsole listens on the socket. A socket that a killed process left behind is replaced: the store's lock says that it is dead.
func (h *Hub) openConsole() (*console, error) {
	path := filepath.Join(h.o.Data, SocketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := listenIn(h.o.Data)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "hub.console", path).Because(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	c := &console{&http.Server{Handler: h.commands(), ReadHeaderTimeout: 10 * time.Second}}
	h.running.tasks.Go(func() { c.server.Serve(l) })
	return c, nil
}

func (c *console) close() { c.server.Close() }

// listenIn opens the socket by way of the folder, because a unix socket's path may have at most 107 bytes and a folder's more.
func listenIn(dir string) (net.Listener, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return net.Listen("unix", fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), SocketName))
}

// DialConsole connects to the console of the hub that runs on a data folder.
func DialConsole(ctx context.Context, dir string) (net.Conn, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var dialer net.Dialer
	return dialer.DialContext(ctx, "unix", fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), SocketName))
}

// commands are the console's, in the order of the manual.
func (h *Hub) commands() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", answering(func(req *http.Request, _ ConsoleRequest) (any, error) { return h.status(), nil }))
	mux.HandleFunc("POST /claim", answering(func(req *http.Request, _ ConsoleRequest) (any, error) {
		address, err := h.claim(req.Context())
		return ConsoleAnswer{address}, err
	}))
	mux.HandleFunc("POST /invite", answering(h.invite))
	mux.HandleFunc("POST /token", answering(h.token))
	mux.HandleFunc("GET /neighbours", answering(func(*http.Request, ConsoleRequest) (any, error) { return h.mirror.List(), nil }))
	mux.HandleFunc("POST /neighbours/accept", answering(h.deciding(h.acceptNeighbour)))
	mux.HandleFunc("POST /neighbours/block", answering(h.deciding(h.blockNeighbour)))
	mux.HandleFunc("GET /key", answering(func(*http.Request, ConsoleRequest) (any, error) {
		return ConsoleAnswer{h.record.VerifierKey()}, nil
	}))
	mux.HandleFunc("POST /key/rotate", answering(h.rotateKey))
	mux.HandleFunc("POST /key/retire", answering(h.retireKey))
	mux.HandleFunc("POST /mesh/trace", answering(h.trace))
	mux.HandleFunc("POST /backup", h.serveBackup)
	return mux
}

// answering turns a command into a handler: JSON in, JSON or the fault's sentence out.
func answering(f func(*http.Request, ConsoleRequest) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var in ConsoleRequest
		if req.Method == http.MethodPost {
			if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 64<<10)).Decode(&in); err != nil {
				http.Error(w, "the request is not JSON", http.StatusBadRequest)
				return
			}
		}
		out, err := f(req, in)
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			refusal := fault.Of(err)
			w.WriteHeader(refusal.Kind.Status())
			out = ConsoleFault{refusal.Key, refusal.Args, refusal.Error()}
		}
		json.NewEncoder(w).Encode(out)
	}
}

// ConsoleFault is a refusal at the console; the holder of the machine may read the cause.
type ConsoleFault struct {
	Key   string `json:"key"`
	Args  []any  `json:"args,omitempty"`
	Cause string `json:"cause"`
}

func (h *Hub) status() Status {
	c := h.record.Checkpoint()
	s := Status{
		ID: h.record.Self().ID(), Name: h.o.Name, Version: Version, URL: h.link(""),
		Size: c.Size, Root: c.Root.String(), Clock: h.o.Now().UTC().Truncate(time.Second),
	}
	for _, n := range h.mirror.List() {
		if n.State == mirror.Accepted {
			s.Neighbours++
		}
	}
	return s
}

// invite finds the household by handle or displayed name, or makes a new one, and invites into it.
func (h *Hub) invite(req *http.Request, in ConsoleRequest) (any, error) {
	inviting := people.Inviting{Name: in.Household}
	err := h.record.Read(func(v record.View) error {
		for _, home := range h.people.Households(v, h.record.Self(), true) {
			if home.Handle == in.Household || home.Name == in.Household {
				inviting = people.Inviting{Household: home.Handle}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	invitation, _, err := h.people.Invite(req.Context(), people.Order{Actor: people.Console}, inviting)
	return ConsoleAnswer{h.link("/join/" + invitation.Code)}, err
}

func (h *Hub) token(req *http.Request, in ConsoleRequest) (any, error) {
	bearer, _, err := h.people.MakeToken(req.Context(), people.Order{Actor: people.Console}, in.Member, "console")
	return ConsoleAnswer{bearer}, err
}

func (h *Hub) deciding(f func(ctx context.Context, id string) error) func(*http.Request, ConsoleRequest) (any, error) {
	return func(req *http.Request, in ConsoleRequest) (any, error) {
		return ConsoleAnswer{in.ID}, f(req.Context(), in.ID)
	}
}

func (h *Hub) acceptNeighbour(ctx context.Context, id string) error {
	return h.mirror.Accept(ctx, "", id)
}
func (h *Hub) blockNeighbour(ctx context.Context, id string) error {
	return h.mirror.Block(ctx, "", id)
}
