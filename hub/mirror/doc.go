// Package mirror reads the records of other hubs and lets them read ours.
//
// Serving is static: tlog-tiles under /record/ for our own record and under /mirror/<hex SHA-256 of origin>/ for the ones we keep,
// bodies under /body/<hex>/<leaf>, and a self-description under /.well-known/commonhub. Nothing there can be commanded.
//
// The one thing that can be asked for is a cosignature, at /witness/add-checkpoint (C2SP tlog-witness): a hub cosigns the checkpoints of
// those that it accepted, once each is proved to continue the one before. A second branch of a record that others have seen thereby finds
// no witness.
//
// Reading has three steps, each of them suspicious of the one before:
//
//	seen       somebody (the mesh, a steward) named an address. We look at the self-description there and at a checkpoint; the
//	           id has to follow from the key, and the key has to have signed the checkpoint. The hub is listed, nothing more.
//	accepted   a steward compared the safety number. That is an event in our record (neighbour.accepted) and pins the key.
//	mirrored   checkpoint and entries are pulled over HTTP, outside any transaction, and handed to record.Extend, which compares the
//	           signature and the root before anything is applied. Bodies follow, one by one, each against its commitment.
//
// What an accepted hub mirrors is looked at as well, once in a few minutes: of hubs that we accepted too it is compared with what we hold,
// so that one that shows different records to different neighbours is found out (fork.go); of others, far-reaching words come over up to
// four hops, under the author's own key (far.go).
//
// What a hub has read of others it offers to its neighbours at once (offer.go): each hop costs a second, not the wait for the next look.
//
// Our own record is in the hands of neighbours, too. At a start, and whenever a reader says that it holds what we never signed (holds.go), they
// are asked what they keep of it and which machine they read under our key (ours.go, instance.go). What they hold more comes back; where
// we had gone on from an old copy meanwhile, that is appended anew behind it (mend.go), and people are told. A second machine with one key
// writes nothing from the moment that it knows, and its neighbours go on reading the first. Where two neighbours keep histories that
// contradict each other nothing is touched: that is for people.
//
// A hint can only make us look, at a bounded rate. What a neighbour does wrong is shown on /neighbours and stops that neighbour
// alone. Acceptance is one-sided: it makes us mirror them, and gives them our bodies of reach "neighbours" when they ask with a
// request signed by the pinned key.
//
// # How much of a hub
//
// A steward says how much of each origin is kept, by events of our record (quota.go, tier.go). A tier is everything, or the seal alone: then we
// hold 600 bytes, and prove from a few of the hub's tiles that each checkpoint continues the one that we cosigned before. A service that has
// accounts or bookings with a hub says that it has to be whole (Options.Whole), which goes before what a steward chose. A quota bounds events,
// bytes, and words and pictures in a day. A day is the last 24 hours in which this hub ran: hours are counted by the monotonic clock from
// the hub's first start on and kept over stops, because a router's wall clock leaps whenever somebody sets it. What a quota bars comes later
// by itself, and pages say so. A power cut forgives what was counted since a bound was last met or the hub was last stopped.
//
// # Keys
//
// An id outlives its keys. A record passes from key to key by two events, both signed by the old key: key.announced, from which on both sign,
// and key.retired. Whoever keeps reading follows by the entries. Whoever was away, or reads over others, or never met the hub, asks for the chain of
// handovers below the record's path (keys): each link is an entry with its receipt under the old key, so the chain proves itself from the
// birth key, from which the id follows, to the present one. It is believed only where it goes on from what we know: every key that we trust
// has to stand in it, and no key that was retired may sign again. So a thief of an old key finds nobody who followed. He does find those who have
// not heard of the change; when they do, his entries and the hub's are a fork, with evidence. A hub that starts from a backup of before the
// change is shown the chain by its neighbours, and appends nothing any more.
//
// Cosignatures are made with another key under another name, which the record's present key stands for in the self-description, so a
// change of the one needs none of the other. A member of the mesh is called by its key, so the mesh starts anew when the old key is retired.
//
// A key that is lost ends its record. The block's new hub says in its own record which one it carries on from, neighbours' stewards vouch for that
// in theirs (heir.go), and people read it; no program concludes anything from it.
//
// # Finding out how a notice went
//
// Each mirror remembers its last few growths: when, and from whom (heard, below its path). A trace asks all hubs whose address is known what
// they mirror, compares the bytes of the event, and reads when it came and what they signed as witnesses.
package mirror
