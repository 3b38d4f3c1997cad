package hubtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
)

// Member acts at a hub as a script does: with a bearer token.
type Member struct {
	Handle string `json:"member"`
	Token  string `json:"token"`

	hub *Hub
}

// At is the same member at another machine that has a copy of the hub's data.
func (m *Member) At(h *Hub) *Member { return &Member{m.Handle, m.Token, h} }

// Notice is what a member posts; see the noticeboard for the words.
type Notice struct {
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Text    string `json:"text"`
	Reach   string `json:"reach"`
	Expires string `json:"expires,omitempty"`
}

// Posted is the answer to a notice or another act that made an event.
type Posted struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Index uint64 `json:"index"`
	Leaf  string `json:"leaf"`
}

// Settle claims a fresh hub for its first steward and gives the steward a token.
func (h *Hub) Settle(name string) *Member {
	h.t.Helper()
	m := h.enter(strings.TrimPrefix(h.Claim, h.URL), name)
	m.Token = h.Console("token", "--member", m.Handle)
	return m
}

// Join lets a newcomer in through an invitation from the console.
func (h *Hub) Join(household, name string) *Member {
	h.t.Helper()
	return h.enter(strings.TrimPrefix(h.Console("invite", "--household", household), h.URL), name)
}

func (h *Hub) enter(path, name string) *Member {
	h.t.Helper()
	m := &Member{hub: h}
	m.Do(path, map[string]string{"household": name, "name": name, "secret": "a secret that is long enough", "language": "en"}, m)
	return m
}

// Post puts up a notice.
func (m *Member) Post(n Notice) Posted {
	m.hub.t.Helper()
	var p Posted
	m.Do("/notices", n, &p)
	return p
}

// PostPhoto puts up a notice with a picture, as a browser's form does.
func (m *Member) PostPhoto(n Notice, picture []byte) Posted {
	m.hub.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, value := range map[string]string{"kind": n.Kind, "title": n.Title, "text": n.Text, "reach": n.Reach, "expires": n.Expires} {
		w.WriteField(name, value) // a buffer takes all
	}
	part, err := w.CreateFormFile("photo", "photo.jpg")
	if err != nil {
		m.hub.t.Fatal(err)
	}
	part.Write(picture)
	w.Close()
	var p Posted
	m.submit("/notices", w.FormDataContentType(), form.Bytes(), &p)
	return p
}

// Do posts a form as JSON and reads the answer, which must be 201.
func (m *Member) Do(path string, form, into any) {
	m.hub.t.Helper()
	sent, err := json.Marshal(form)
	if err != nil {
		m.hub.t.Fatal(err)
	}
	m.submit(path, "application/json", sent, into)
}

// Act posts a form as JSON that makes nothing with a name of its own. The answer must be 200.
func (m *Member) Act(path string, form any) {
	m.hub.t.Helper()
	if status, got := m.Try(path, form); status != http.StatusOK {
		m.hub.t.Fatalf("POST %s answered %d: %s", path, status, got)
	}
}

// Try posts a form as JSON, whatever comes of it.
func (m *Member) Try(path string, form any) (status int, answer []byte) {
	m.hub.t.Helper()
	sent, err := json.Marshal(form)
	if err != nil {
		m.hub.t.Fatal(err)
	}
	return m.send(path, "application/json", sent)
}

func (m *Member) submit(path, contentType string, form []byte, into any) {
	h := m.hub
	h.t.Helper()
	status, got := m.send(path, contentType, form)
	if status != http.StatusCreated {
		h.t.Fatalf("POST %s answered %d: %s", path, status, got)
	}
	if err := json.Unmarshal(got, into); err != nil {
		h.t.Fatalf("POST %s answered %s: %v", path, got, err)
	}
}

func (m *Member) send(path, contentType string, form []byte) (status int, answer []byte) {
	h := m.hub
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.URL+path, bytes.NewReader(form))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", "application/json")
	m.identify(req)
	return h.send(req)
}

// Get reads a page as this member sees it.
func (m *Member) Get(path string) (status int, page []byte) {
	m.hub.t.Helper()
	return m.hub.get(path, m.identify)
}

// JSON reads a page as its JSON, which every page has.
func (m *Member) JSON(path string) []byte {
	m.hub.t.Helper()
	return m.hub.json(path, m.identify)
}

func (m *Member) identify(req *http.Request) {
	if m.Token != "" {
		req.Header.Set("Authorization", "Bearer "+m.Token)
	}
}

// Get reads a page as anybody on the WiFi sees it.
func (h *Hub) Get(path string) (status int, page []byte) {
	h.t.Helper()
	return h.get(path, func(*http.Request) {})
}

// JSON reads a page that anybody may see as its JSON.
func (h *Hub) JSON(path string) []byte {
	h.t.Helper()
	return h.json(path, func(*http.Request) {})
}

func (h *Hub) json(path string, prepare func(*http.Request)) []byte {
	h.t.Helper()
	status, page := h.get(path, func(req *http.Request) {
		req.Header.Set("Accept", "application/json")
		prepare(req)
	})
	if status != http.StatusOK {
		h.t.Fatalf("GET %s as JSON answered %d: %s", path, status, page)
	}
	return page
}

func (h *Hub) get(path string, prepare func(*http.Request)) (int, []byte) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.URL+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	prepare(req)
	return h.send(req)
}

// send asks the hub, on the network where it runs.
func (h *Hub) send(req *http.Request) (int, []byte) {
	h.t.Helper()
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return DialFrom(ctx, h.o.Namespace, network, address)
	}
	client := http.Client{Timeout: Patience, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return res.StatusCode, body
}

// Console runs a command of the program against this hub and returns what it printed.
func (h *Hub) Console(words ...string) string {
	h.t.Helper()
	cmd := h.command(append(words, "--data", h.Dir)...)
	var refused bytes.Buffer
	cmd.Stderr = &refused
	out, err := cmd.Output()
	if err != nil {
		h.t.Fatalf("commonhub %v: %v: %s", words, err, &refused)
	}
	return strings.TrimSpace(string(out))
}
