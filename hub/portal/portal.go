package portal

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/netutil"

	"commonhub/hub/people"
	"commonhub/web"
)

// Guests tells who stands behind a cookie or a token. An unknown, ended or expired one is a fault of kind SignIn.
type Guests interface {
	Session(token string) (people.Visitor, error)
	Bearer(token string) (people.Visitor, error)
}

// Options are what the portal needs of the hub around it. All but URL, Hosts, Language, Log and Now are required.
type Options struct {
	Name       func() string // the hub's name as people chose it
	URL        string        // base address for links, QR codes and redirects; "" = the address that was connected to
	Hosts      []string      // further names that are ours, without port
	Words      *web.Words
	Language   string // for readers whose browser asks for none that we speak; "" = English
	People     Guests
	Generation func() uint64                    // grows with whatever shared pages show
	Changes    func() (<-chan struct{}, func()) // a nudge after every change, and how to stop listening
	Secret     []byte                           // at least 32 bytes, kept across starts: form tokens are made from it
	Log        *slog.Logger
	Now        func() time.Time
}

// Portal is the web server of a hub. Register routes first, then Serve: registering is not safe beside serving.
type Portal struct {
	o       Options
	base    *url.URL // of Options.URL, nil without
	hosts   map[string]bool
	assets  *web.Assets
	echo    *echo.Echo
	server  *http.Server
	nav     []web.NavItem
	today   []share
	banners []func(*Request) []web.Banner
	routes  map[string]rules // by Echo path: what a route asks of its visitors
	gets    map[string]bool  // Echo paths that answer GET
	cache   *cache
	live    *live
	gzips   sync.Pool // of *gzip.Writer at level 1, 0.8 MB each: shared, and let go when idle
	origin  *http.CrossOriginProtection
	uploads chan struct{} // a slot for each request that may carry files
}

// New prepares a portal without routes but its own: assets, /live, /healthz.
func New(o Options) (*Portal, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	assets, err := web.LoadAssets()
	if err != nil {
		return nil, err
	}
	p := &Portal{
		o: o, assets: assets, hosts: make(map[string]bool), routes: make(map[string]rules), gets: make(map[string]bool),
		cache: newCache(), live: newLive(o.Changes), origin: http.NewCrossOriginProtection(),
		uploads: make(chan struct{}, uploadSlots),
	}
	p.gzips.New = func() any {
		z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level exists, so this cannot fail
		return z
	}
	if err := p.own(); err != nil {
		return nil, err
	}
	p.serve()
	return p, nil
}

func (o *Options) complete() error {
	if o.Name == nil || o.Words == nil || o.People == nil || o.Generation == nil || o.Changes == nil {
		return errors.New("portal: Options lacks Name, Words, People, Generation or Changes")
	}
	if len(o.Secret) < 32 {
		return errors.New("portal: Options.Secret is shorter than 32 bytes")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// own fills the list of names that are ours.
func (p *Portal) own() error {
	p.hosts["localhost"] = true
	for _, h := range p.o.Hosts {
		p.hosts[bareHost(h)] = true
	}
	if p.o.URL == "" {
		return nil
	}
	u, err := url.Parse(strings.TrimSuffix(p.o.URL, "/"))
	if err != nil {
		return err
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("portal: the address of the hub must begin with http:// or https://")
	}
	p.base = &url.URL{Scheme: u.Scheme, Host: u.Host}
	p.hosts[bareHost(u.Host)] = true
	return nil
}

// serve sets Echo and the server up. The whole of a request may take five minutes: four photos over a weak radio do.
func (p *Portal) serve() {
	p.echo = echo.New()
	p.echo.HideBanner, p.echo.HidePort = true, true
	p.echo.HTTPErrorHandler = p.unrouted
	p.echo.Pre(p.recovered, withoutTrailingSlash)
	p.echo.Use(p.headers, p.atHome, p.switchLanguage)
	p.Raw(http.MethodGet, "/assets/:sum/:name", http.HandlerFunc(p.asset))
	p.Raw(http.MethodGet, "/live", p.live)
	p.Raw(http.MethodGet, "/healthz", http.HandlerFunc(healthy), AnyHost)
	p.server = &http.Server{
		Handler:           p.echo,
		ReadHeaderTimeout: 15 * time.Second,
		ReadTimeout:       5 * time.Minute,
		WriteTimeout:      6 * time.Minute,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(p.o.Log.Handler(), slog.LevelDebug),
	}
}

// Handler answers requests without a listener of our own, for tests.
func (p *Portal) Handler() http.Handler { return p.echo }

// maxConns bounds memory: an idle connection costs about 10 kB.
const maxConns = 512

// Serve answers on the listener until Shutdown; then it returns nil.
func (p *Portal) Serve(l net.Listener) error {
	if err := p.server.Serve(netutil.LimitListener(l, maxConns)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown ends live streams, lets running requests finish until ctx ends, then cuts what is left.
func (p *Portal) Shutdown(ctx context.Context) error {
	p.live.stop()
	err := p.server.Shutdown(ctx)
	if err != nil {
		return errors.Join(err, p.server.Close())
	}
	return nil
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	io.WriteString(w, "ok\n")
}
