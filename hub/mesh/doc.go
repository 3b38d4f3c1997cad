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
//   - guard: memberlist's transport. Nothing reaches memberlist unread. It speaks through sockets, which
//     are the machine's, or for simulations a network in memory.
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
//     never a reason to forget a hub, and a hub that hears such a lie, or is no longer pinged, comes back
//     under a new epoch, which is part of its name.
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
//
// # Ten thousand hubs
//
// A mesh is made for a district: some 30 to 300 hubs in reach of each other. One mesh of 10,000 would
// fail, and these are the sums (figures per hub: 300 B for a member in a push/pull, 214 B for a rumour
// with its headers; `go test -run TestManyHubs -v ./hub/mesh -hubs 300` measures smaller ones):
//
//   - Push/pull: 10,000 x 300 B = 3 MB each way, where the guard reads 512 kB. memberlist makes it rarer
//     as it grows, every 60 s x (log2(10,000) - 4) = 10 minutes; begun and answered, that is still
//     4 x 3 MB / 600 s = 20 kB/s, for nothing new.
//   - Memory: what a hub keeps of a member, memberlist's state, our roster, the book and the remembered
//     signature, is 2 kB (measured: 433 kB for a hub among 200): 20 MB, more than a small router has for
//     the whole hub.
//   - Start: 10,000 cards x 15 ms on MIPS = 150 s of the processor for signatures alone, after every
//     power cut, at all hubs together.
//   - Rumours: 50 events a day and hub are 5.8 rumours a second. Each hub hears each rumour about 30 times
//     (5 x log10(N) tellings, and the fan-out): 5.8 x 30 x 214 B = 37 kB/s on a radio that all share,
//     and 9 % of a MIPS for the first copies. For 300 hubs it is 0.17 a second: 1 kB/s and 0.3 %.
//
// So the roster ends at 300 members, and larger countries are districts. 10,000 hubs are 34 districts of
// 300, or better 100 of 100. What a hub needs from other districts is little: it mirrors at most 30 records,
// nearly all from its own street, and call-outs.
//
// A bridge is a hub that mirrors neighbours on both sides. It needs no gossip across: a record that it
// mirrors from one district it serves to the other, proved by its author's key, and its own growth is
// announced where it lives. With 100 districts in a square of 10 x 10, four bridges on each border are
// 180 borders x 4 = 720 hubs, seven in a hundred, and no single roof cuts anybody off. From corner to corner
// are 18 borders. A pull needs a few round trips, say a second with a rumour before it: about 20 s for a
// notice that is to go everywhere. A call-out for all must pass the same 18 bridges, so within seconds
// it reaches a district and its neighbours, not a country. A bridge pays for what crosses it: 50 notices
// a day of 2 kB with their words, from 300 hubs, is 30 MB a day or 350 B/s, which is why quotas are set for
// each origin and far reach is asked for by the author.
//
// What is not there: nothing draws the border. Where 1,000 hubs are in one routed network, each
// takes the first 300 that it meets, rosters overlap, and rumours still reach all, because everyone
// passes on what is new about hubs that it knows; but who is in whose roster is chance. A label for each
// district, which the guard compares already, would make the borders where people want them.
package mesh
