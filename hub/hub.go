package hub

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"commonhub/hub/mirror"
	"commonhub/hub/pages"
	"commonhub/hub/people"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/hub/store"
	"commonhub/web"
)

// Version is the program's version; releases set it at link time.
var Version = "dev"

// Service is one thing that the block does together: its events and view, and its pages.
type Service interface {
	record.Service
	Open(r *record.Record)
	Mount(p *portal.Portal)
}

// House is what a service may ask of the hub around it.
type House struct {
	People *people.People
	Hubs   interface {
		HubName(v record.View, o record.Origin) string
		// AcceptedKeys are the keys that may sign for a hub that we accepted, none for any other.
		AcceptedKeys(o record.Origin) []ed25519.PublicKey
	}
	// Spread tells a message of at most 900 bytes, the first of which is mesh.CallOutKind, to every hub in reach, and to those who come
	// later until it is over; the nearest ones get it by POST to path, too. Messages from the mesh come to Heard of the service.
	Spread func(path string, message []byte, until time.Time)
	// PictureMemory bounds what decoding one photo may take, in bytes: a quarter of the machine's memory, 64 MiB at the most.
	PictureMemory int64
	// Room is how many bytes of words and pictures our own notices may take: a quarter of what the disk has for the hub.
	Room func() int64
}

// Options are the hub's settings, as flags, environment and config file give them.
type Options struct {
	Data       string   // folder of everything that is kept
	Listen     string   // address of the portal
	MeshListen string   // address of the gossip listener
	Join       []string // first contacts where multicast does not reach
	MDNS, Mesh bool
	Name       string // of the hub, for people
	Language   string // for readers who ask for none that we speak
	URL        string // base of links, QR codes and redirects; "" = the address that was connected to
	Hosts      []string
	Services   []func(House) Service
	Volatile   bool // never sync: for demonstrations
	Log        *slog.Logger
	Now        func() time.Time
	Progress   func(done, all uint64) // of a rebuild at the start
}

// Hub is an open hub.
type Hub struct {
	o        Options
	db       *store.DB
	words    *web.Words
	people   *people.People
	services []Service
	record   *record.Record
	mirror   *mirror.Mirror
	portal   *portal.Portal
	running  running
}

// Open opens the data folder and builds all parts; nothing listens yet. Close it, also if Run failed.
func Open(o Options) (*Hub, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Hub{o: o}
	for _, step := range []func() error{h.openStore, h.openRecord, h.openMirror, h.openPortal} {
		if err := step(); err != nil {
			h.Close()
			return nil, err
		}
	}
	return h, nil
}

func (h *Hub) openStore() (err error) {
	if h.words, err = web.LoadWords(); err != nil {
		return err
	}
	if h.db, err = store.Open(h.o.Data, store.Options{Volatile: h.o.Volatile}); err != nil {
		return err
	}
	return h.compact()
}

// compact rewrites the file after erasures, because erased words may lie in its free pages. It waits while there is no room for a
// second copy; the log says so.
func (h *Hub) compact() error {
	if !h.db.CompactionWanted() {
		return nil
	}
	if err := h.db.Close(); err != nil {
		return err
	}
	before, after, err := store.Compact(h.o.Data)
	if err != nil {
		h.o.Log.Warn("erased words stay in free pages of the file until it can be compacted", "error", err)
	} else {
		h.o.Log.Info("compacted the file after erasures", "before", before, "after", after)
	}
	h.db, err = store.Open(h.o.Data, store.Options{Volatile: h.o.Volatile})
	return err
}

func (h *Hub) openRecord() (err error) {
	h.people = people.New()
	house := House{People: h.people, Hubs: h, Spread: h.Spread, Room: h.allotment, PictureMemory: pictureMemory()}
	all := []record.Service{h.people, mirror.View{}}
	for _, make := range h.o.Services {
		s := make(house)
		h.services = append(h.services, s)
		all = append(all, s)
	}
	h.record, err = record.Open(h.db, record.Options{Services: all, Now: h.o.Now, Log: h.o.Log, Progress: h.o.Progress, Held: true})
	if err != nil {
		return err
	}
	h.people.Open(h.record, people.Options{Owners: h.owners()})
	for _, s := range h.services {
		s.Open(h.record)
	}
	err = h.record.Read(h.checkViews)
	if err == nil {
		return nil
	}
	// Views can be thrown away: the record tells them again. If they are wrong even then, something is wrong with us.
	h.o.Log.Error("a view does not agree with itself, so all are made anew from the record", "error", err)
	if err := h.record.Rebuild(); err != nil {
		return err
	}
	return h.record.Read(h.checkViews)
}

// checkViews asks those services that can tell whether their tables are whole: books must add up.
func (h *Hub) checkViews(v record.View) error {
	for _, s := range h.services {
		c, ok := s.(interface{ Check(v record.View) error })
		if !ok {
			continue
		}
		if err := c.Check(v); err != nil {
			return fmt.Errorf("%s: %w", s.Name(), err)
		}
	}
	return nil
}

// allotment is a quarter of what is free and what the hub already takes, so that it does not shrink while it is used.
func (h *Hub) allotment() int64 {
	free, err := store.Free(h.o.Data)
	if err != nil {
		h.o.Log.Warn("the room on the disk is unknown", "error", err)
	}
	return (free + h.db.Size()) / 4
}

func pictureMemory() int64 {
	const most = 64 << 20
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return most / 2
	}
	return min(most, int64(info.Totalram)*int64(info.Unit)/4)
}

// owners are the services that can tell what is a member's where the entry does not.
func (h *Hub) owners() []people.Owner {
	var owners []people.Owner
	for _, s := range h.services {
		if o, ok := s.(people.Owner); ok {
			owners = append(owners, o)
		}
	}
	return owners
}

// reserve is the room that others' words and pictures leave free on our disk, in bytes.
const reserve = 16 << 20

func (h *Hub) openMirror() (err error) {
	names := []string{}
	for _, s := range h.services {
		names = append(names, s.Name())
	}
	h.mirror, err = mirror.Open(mirror.Options{
		Record: h.record, Name: func() string { return h.o.Name }, Gossip: h.gossip, Peers: h.peers, Port: h.port, Services: names,
		Loopback: h.loopback(), Log: h.o.Log,
		Stale: h.stale, Whole: h.whole,
		Reserve: func() bool { free, err := store.Free(h.o.Data); return err != nil || free > reserve },
	})
	if err == nil && !h.mirror.Neighboured() {
		h.record.Release()
	}
	return err
}

// stale asks the services which of others' words and pictures have had their time.
func (h *Hub) stale(v record.View) []record.Ref {
	var stale []record.Ref
	for _, s := range h.services {
		if s, ok := s.(interface {
			Stale(v record.View) []record.Ref
		}); ok {
			stale = append(stale, s.Stale(v)...)
		}
	}
	return stale
}

// whole asks the services whether one of them needs every entry of an origin: accounts and bookings with a hub rest on all of its events.
func (h *Hub) whole(v record.View, o record.Origin) bool {
	for _, s := range h.services {
		if s, ok := s.(interface {
			Whole(v record.View, o record.Origin) bool
		}); ok && s.Whole(v, o) {
			return true
		}
	}
	return false
}

func (h *Hub) openPortal() (err error) {
	secret, err := h.secret()
	if err != nil {
		return err
	}
	h.portal, err = portal.New(portal.Options{
		Name: func() string { return h.o.Name }, URL: h.o.URL, Hosts: h.o.Hosts, Words: h.words, Language: h.o.Language,
		People: h.people, Generation: h.record.Generation, Changes: h.record.Changes, Secret: secret, Log: h.o.Log, Now: h.o.Now,
	})
	if err != nil {
		return err
	}
	pages.Pages{People: h.people, Record: h.record, Neighbours: h.mirror, Log: h.o.Log}.Mount(h.portal)
	for _, s := range h.services {
		s.Mount(h.portal)
	}
	served := h.mirror.Handler()
	for _, path := range []string{"/witness/add-checkpoint", "/mirror/offer"} {
		h.portal.Raw("POST", path, served, portal.AnyHost)
	}
	for _, path := range []string{"/record/*", "/mirror/*", "/body/*", "/witness/*", "/.well-known/commonhub"} {
		h.portal.Raw("GET", path, served, portal.AnyHost)
	}
	return nil
}

// HubName is the name of the hub behind an origin, never empty.
func (h *Hub) HubName(v record.View, o record.Origin) string { return h.mirror.HubName(v, o) }

// Record is the hub's record, for commands that work on it offline.
func (h *Hub) Record() *record.Record { return h.record }

// Close ends the parts in the order opposite to their opening.
func (h *Hub) Close() error {
	h.running.end(h.o.Log)
	if h.record != nil {
		h.record.Release()
	}
	if h.mirror != nil {
		if err := h.mirror.Close(); err != nil {
			h.o.Log.Warn("notes about other hubs were not kept", "error", err)
		}
	}
	if h.record != nil {
		h.record.Close()
	}
	if h.db == nil {
		return nil
	}
	return h.db.Close()
}
