// Package noticeboard is the block's board: offers, needs, events, news, lost and found, with comments and claims, shared
// with neighbouring hubs.
//
// # Events (all of version 1; a citation is {"origin", "leaf"})
//
//	notice.posted     {kind, lang, expires, starts?}        body: {title, text, place?}, sealed with the notice's reach
//	notice.pictured   {notice: leaf, w, h}                  body: the JPEG, same reach
//	notice.edited     {notice: leaf, lang, starts?}         body: the new words; the old ones are erased in the same decision
//	notice.extended   {notice: leaf, expires}
//	notice.withdrawn  {notice: leaf}
//	notice.done       {notice: leaf}                        body: thanks
//	notice.commented  {about: citation}                     body: {by, for, text}, so that the record does not say who
//	notice.claimed    {about: citation}                     by and for are public
//	notice.settled    {notice: leaf, claim: citation, won}  by the author's hub, each claim once
//	notice.released   {about: citation, claim: citation}    by the claimer or the author, each in their own hub's record
//	notice.flagged    {about: citation}                     body: {by, for, text}, reach stewards
//	notice.hidden     {about: citation, reason}             body: the steward's public words, if any
//	notice.shown      {about: citation, undo}               takes back notice.hidden or notice.withdrawn
//
// Members act at their own hub: what cites a neighbour's notice stands in our record, and the neighbour reads it there. A
// notice's own fate is told by its author's record alone, so that every hub derives the same one.
//
// # Tables (bucket "notice"; an id is an ID of 20 bytes, numbers are 8 bytes big-endian, times are milliseconds since 1970)
//
//	notice   id -> notice (JSON)               what its author's record says of it
//	index    scope, class, at, id -> ends, kind, state     lists, newest first; see index.go
//	daily    household, 0, at, id -> {}        our notices by household, for the daily limit
//	hidden   id, hub half -> hiding (JSON)     by our hub, or by the author's
//	gone     at, id -> {}                      withdrawn and hidden ones, for the feed's tombstones
//	comment  id, at, comment id -> reply       whatever its notice's state: it may come before the notice
//	claim    id, claim id -> reply
//	answer   id, claim id -> "won" or "lost"
//	released id, claim id -> {}
//	open     id, claim id -> {}                claims on our notices that we owe an answer
//	flag     id, flag id -> reply;  flagged    id, member -> {}
//	said     id -> who (JSON)                  by whom a comment or flag is, while its body is here
//	word     word, 0, at, id -> {};  spoken    hub half, index -> the words under which it is listed
//	fresh    at, id -> index                   notices whose words are in spoken only;  latest  hub half -> number, see fresh.go
//	size     index -> bytes, household         bodies of ours that are here;  total "all" or "household " and handle -> bytes
//	mine     member, 0, index -> {}            comments and flags of ours by their author
//	talk     id -> number                      how many comments there are
//	picture  picture's id -> id                pictures that are here and fit to show, of any hub
//	album    ends, picture id -> leaf          pictures of ours, those that go first when room is short at the front
//	lodger   ends, body id -> leaf             words and pictures of others' notices that are here, those that go first at the front
package noticeboard

import (
	"time"

	"commonhub/hub/deed"
	"commonhub/hub/photo"
	"commonhub/hub/record"
)

// Members is what the board must know about people.
type Members interface {
	deed.Members
	// NameOf gives a display name, "" if it is erased or may not be read. known tells that the reader is a member of this hub:
	// pages that guests share must say false.
	NameOf(v record.View, o record.Origin, member string, known bool) string
}

// Hubs gives the names of hubs.
type Hubs interface {
	// HubName is never empty: a hub without a known name is called by its id.
	HubName(v record.View, o record.Origin) string
}

// Options are what the board needs from its hub. Zero values get the defaults.
type Options struct {
	Members Members
	Hubs    Hubs
	// Room is how many bytes the words and pictures of this hub's notices may take in all. The hub gives a quarter of its free
	// space; nil is 256 MiB. One household may take an eighth of it.
	Room func() int64
	// PictureMemory bounds what decoding one photo may take, in bytes; 0 is 64 MiB.
	PictureMemory int64
	// Daily is the number of notices that a household may post in 24 hours; 0 is 20.
	Daily int
	// Zone is where a day ends; nil is the machine's zone.
	Zone *time.Location
}

// Service is the noticeboard. It satisfies record.Service; Open gives it the record before the first command.
type Service struct {
	o        Options
	record   *record.Record
	darkroom *photo.Darkroom
}

// New makes the service.
func New(o Options) *Service {
	if o.Room == nil {
		o.Room = func() int64 { return 256 << 20 }
	}
	if o.Daily == 0 {
		o.Daily = 20
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	return &Service{o: o, darkroom: photo.NewDarkroom(o.PictureMemory)}
}

// Open hands over the record after it opened.
func (s *Service) Open(r *record.Record) { s.record = r }

// Name is the bucket of the board's tables.
func (s *Service) Name() string { return service }

// Prefixes are the kinds that the board reads, of every origin.
func (s *Service) Prefixes() []string { return []string{service} }

// Version is of the tables: raise it when Apply or Words change what they write.
func (s *Service) Version() int { return 4 }

const service = "notice"
