package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"commonhub/hub/fault"
)

// tooLarge is the key of an answer that is larger than its limit.
const tooLarge = "mirror.too-large"

// What a neighbour may send at the most, in bytes, and how long one answer may take on a slow link.
const (
	maxDescription = 64 << 10
	maxBundleBytes = 256 * (8<<10 + 2)
	answerTime     = 30 * time.Second
)

// newClient makes the one HTTP client that talks to other hubs. It follows no redirect and dials no address that a stranger should be
// able to make us dial.
func newClient(loopback bool) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(network, address string, _ syscall.RawConn) error {
		return checkAddress(address, loopback)
	}}
	return &http.Client{
		Timeout: answerTime,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxIdleConnsPerHost: connections, IdleConnTimeout: time.Minute,
			ResponseHeaderTimeout: answerTime, MaxResponseHeaderBytes: 32 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkAddress refuses addresses that cannot be a neighbour's: loopback (unless all hubs live there), unspecified, multicast.
func checkAddress(address string, loopback bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	a := ap.Addr().Unmap()
	if a.IsUnspecified() || a.IsMulticast() || a.IsLoopback() && !loopback {
		return fmt.Errorf("%s is no neighbour's address", a)
	}
	return nil
}

// cleanURL reduces an address to "http://host:port" or "https://host:port".
func cleanURL(raw string) (string, error) {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return "", errors.New("not the address of a hub")
	}
	return u.Scheme + "://" + u.Host, nil
}

// statusError is an answer other than 200 (or 206 to a range).
type statusError int

// statusOf finds the status in an error of get.
func statusOf(err error) (int, bool) {
	e, ok := errors.AsType[statusError](err)
	return int(e), ok
}

func (e statusError) Error() string { return fmt.Sprintf("answered with status %d", int(e)) }

// answer is what came back, with status 200, or 206 to a range.
type answer struct {
	data   []byte
	head   http.Header
	status int
}

// get reads at most limit bytes of one answer. A longer answer is an error, not a truncation. With a statusError the answer still
// has its head.
func (m *Mirror) get(ctx context.Context, url string, limit int64, head http.Header) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	for name, values := range head {
		req.Header[name] = values
	}
	res, err := m.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{head: res.Header, status: res.StatusCode}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusPartialContent {
		return a, statusError(res.StatusCode)
	}
	a.data, err = io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err == nil && int64(len(a.data)) > limit {
		err = fault.New(fault.Invalid, tooLarge)
	}
	return a, err
}

// describe reads a self-description.
func (m *Mirror) describe(ctx context.Context, base string) (Description, error) {
	a, err := m.get(ctx, base+"/.well-known/commonhub", maxDescription, nil)
	if err != nil {
		return Description{}, err
	}
	var d Description
	if err := json.Unmarshal(a.data, &d); err != nil {
		return Description{}, fault.New(fault.Invalid, "mirror.no-hub").Because(err)
	}
	d.Name = firstRunes(d.Name, 60)
	d.Services = d.Services[:min(len(d.Services), 20)]
	return d, nil
}

func firstRunes(s string, n int) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "")
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// problemOf is the message key that says what a neighbour did wrong; "" when all is well.
func problemOf(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Kind != fault.Internal {
		return f.Key
	}
	return "mirror.unreachable"
}
