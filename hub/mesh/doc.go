// Package mesh finds neighbouring hubs and passes hints between them. It is the only package that
// knows hashicorp/memberlist and hashicorp/mdns.
//
// # What comes out
//
// A [Hint] is a reason to look at a hub: an id, an address, and perhaps the size that its record is
// said to have. Hints come from strangers. The most that a hint may do is to make somebody fetch
// something at a bounded rate; what is fetched must be proved against a pinned key, and that
// happens elsewhere. A signature in here shows that an id, a key and a number were written
// down by one author. It never shows that the key belongs to the id, because an id outlives its
// keys: so a hub is known here by its claim, id and key together, and two claims to one id
// stand beside each other.
//
// # Parts
//
//   - book: the address book. Verified means that the hub's self description was fetched from that
//     address and carries this id and key. Verified hubs are never pushed out by unverified ones,
//     and only they are kept on disk.
//   - finder: asks by multicast DNS who is on the link, and answers when others ask. What it finds
//     goes into the book, unverified.
//   - scout: looks at what the book finds due, and joins the gossip of the hubs that answer. It is
//     also what mends a mesh that was cut in two.
//   - circle: one life of memberlist, under one member name and one address. A supervisor opens a
//     new circle when the address changes, or when the others have buried us.
//   - guard: memberlist's transport. Nothing reaches memberlist unread.
//   - checker and card: who may be a member. A member signs its name, address and ports.
//   - rumour and herald: signed announcements that a record has grown; each hub checks them and
//     passes them on.
//   - cries: call-outs, whole messages that are told again and again for a minute. They are the one
//     thing that is not a hint, and the mesh does not read them: it passes on what whoever knows the
//     keys gives back to it.
//   - delegate and roster: the thin side that memberlist calls, and our own copy of who is alive.
//
// The way of a new neighbour: mDNS answer, --join, or a member's card → book, unverified → look at
// http://ip:port → its id and key fit what was said → book, verified → [Hint] → gossip.
//
// # Whom we expect
//
// Anyone in reach of the radio can send anything. HashiCorp says that hostile members are out of
// memberlist's scope, so:
//
//   - Memory: 33 bytes can make memberlist allocate 115 MB, one packet can unpack to as much. The
//     guard reads whole messages within bounds, in both directions, and refuses compression.
//   - Names: a member's name contains a hash of its key, and its address is signed. Nobody can
//     take a name or move a member; a flood of invented members meets caps for each address, for
//     all whom the book does not know, and for all.
//   - Death: anyone can say that a hub is dead, with a number that it cannot top. Gossip is therefore
//     never a reason to forget a hub, and a hub that no longer hears from others comes back under a
//     new epoch, which is part of its name.
//   - Silence: memberlist's broadcast queue can be starved by pings. New rumours are also sent
//     directly to a few members, half of them verified ones.
//   - Reflection: we answer pings only to where they came from, ping for others only members, look and
//     dial only within private networks, or loopback alone when we listen there.
//   - Work: each source has its own budget of packets, streams and signature checks.
//
// What remains: whoever is on the link sees who is there and how large records are; can delay
// hints, so that readers must also poll; and can fill what is kept for strangers, so that a new hub
// is found later, or by --join. The mdns library reads whatever arrives while it asks, 1.5 seconds
// a minute: a flood of multicast answers then costs memory in proportion to its bandwidth.
package mesh
