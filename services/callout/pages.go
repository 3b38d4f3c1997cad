package callout

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// Mount registers the pages and the banner. Everything can be read by anyone on the network; acting needs a member.
func (s *Service) Mount(p *portal.Portal) {
	s.touch = p.Touch
	p.Banner(s.banners)
	p.Today(90, s.today)

	p.Get("/callouts", s.list)
	p.Get("/callouts/new", s.blank, portal.Members)
	p.Post("/callouts", s.postRaise, s.raiseAgain, portal.Members)
	p.Get("/callouts/:id", s.show)
	act := func(path string, act func(*portal.Request, ID) error, flash string, options ...portal.Option) {
		p.Post("/callouts/:id/"+path, with(act, flash), s.showAgain, append(options, portal.Members)...)
	}
	act("seen", s.postSeen, "callout.flash-seen")
	act("coming", s.postComing, "callout.flash-coming")
	act("update", s.postUpdate, "callout.flash-updated")
	act("cancel", s.postCancel, "callout.flash-cancelled")
	act("resolve", s.postResolve, "callout.flash-resolved")
	p.Post("/callouts/block", s.postBlock, nil, portal.Stewards)
	p.Post("/callouts/unblock", s.postUnblock, nil, portal.Stewards)
	p.Raw(http.MethodPost, relayPath, &gate{hear: s.Heard, sources: map[string]*rate.Limiter{}}, portal.AnyHost)
}

// with reads the ID from the path and leads back to the call-out.
func with(act func(*portal.Request, ID) error, flash string) func(*portal.Request) (portal.Outcome, error) {
	return func(r *portal.Request) (portal.Outcome, error) {
		id, err := ParseID(r.Param("id"))
		if err == nil {
			err = act(r, id)
		}
		return portal.Outcome{See: "/callouts/" + string(id), Flash: flash}, err
	}
}

func readerOf(r *portal.Request) Reader {
	return Reader{Member: r.Visitor.Member, Steward: r.Visitor.Steward}
}

func orderOf(r *portal.Request) Order {
	return Order{Member: r.Visitor.Member, Key: r.Key(), Content: r.Content()}
}

// banners are the call-outs that are live. If they cannot be read, the page has its own say about that.
func (s *Service) banners(r *portal.Request) []web.Banner {
	var list []web.Banner
	s.record.Read(func(v record.View) error {
		for _, i := range s.List(v, Reader{}) {
			if i.live() && len(list) < maxBanners {
				list = append(list, i.banner(r.Lang))
			}
		}
		return nil
	})
	return list
}

const (
	maxBanners = 3 // the list has the others
	maxLine    = 140
)

func (i Item) banner(l *web.Lang) web.Banner {
	b := web.Banner{ID: string(i.ID), Path: i.URL, Tag: l.T("callout.banner"), Text: i.line(l), Lang: i.Lang, Look: "bad", Ends: i.Expires}
	if i.Exercise {
		b.Tag, b.Look = l.T("callout.exercise"), "warn"
	}
	if i.HubName != "" {
		b.Tag += " · " + i.HubName
	}
	return b
}

// line is the beginning of the words, or what stands in their place.
func (i Item) line(l *web.Lang) string {
	if i.Words != WordsHere {
		return l.T("callout.words-" + string(i.Words))
	}
	line := []rune(strings.Join(strings.Fields(i.Text), " "))
	if len(line) > maxLine {
		return string(line[:maxLine]) + "…"
	}
	return string(line)
}

// gate lets messages of other hubs in: POST /callouts/relay, a message as its body. Anybody can knock, so it answers alike whatever
// becomes of a message, and each source may send only so many.
type gate struct {
	hear    func([]byte)
	lock    sync.Mutex
	sources map[string]*rate.Limiter // owned by lock
}

const (
	gateRate    = 1 // messages a second from one source
	gateBurst   = 20
	gateSources = 256
)

func (g *gate) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if !g.admits(portal.From(req).Remote().String()) {
		http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, req.Body, messageSize))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
		return
	}
	if err == nil {
		g.hear(b)
	}
	w.WriteHeader(http.StatusAccepted)
}

// admits forgets all sources when there are too many: an attacker with many addresses gains a burst for each, no more.
func (g *gate) admits(source string) bool {
	g.lock.Lock()
	defer g.lock.Unlock()
	limit := g.sources[source]
	if limit == nil {
		if len(g.sources) >= gateSources {
			clear(g.sources)
		}
		limit = rate.NewLimiter(gateRate, gateBurst)
		g.sources[source] = limit
	}
	return limit.Allow()
}
