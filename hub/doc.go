// Package hub joins the parts of a commons hub: one appliance on a mesh router or mini PC, one block of at most thirty households,
// one key.
//
// # A tour, from the bottom up
//
// Everything that the block does together is an event in one public record, which nobody can rewrite unnoticed. Every page is a view
// of that record. Hubs never call each other's functions; they read each other's records. Nearly all of the code follows from that.
//
//	fault     The one error that a person may see: a kind, a message key, a field. Read it first, it is short.
//	store     The one database, a bbolt file behind a short journal, and what can be wrong with the folder it lies in.
//	body      Words and pictures, beside the record and erasable. The event holds a salted commitment only.
//	record    The Merkle log. Do(command) judges, appends, applies and signs in one transaction; Extend does the same with a
//	          neighbour's proved entries. Its doc.go says what is stored where.
//	photo     Makes pictures small, upright and silent.
//	deed      Who orders something: how the commands of all services begin.
//	people    Households, members, invitations, secrets, sessions: the first service, and the only one that the house itself needs.
//	mesh      Finds hubs by mDNS and gossip. All that comes out of it is a hint, but for call-outs, which it passes on unread.
//	mirror    Serves our record to others, and reads theirs: look, accept, pull, prove.
//	portal    The web server: who asks, in which language, with which right, and how the answer is dressed.
//	pages     The house's own pages, on portal and the packages above.
//
// Beside the house stand the services, one folder each under services/. Nobody but cmd/commonhub knows which there are: a Service
// brings its events, its view and its pages, and deleting its folder, its sentences and one line in cmd/commonhub removes it.
//
// # One notice, from a thumb to the next block
//
// A phone posts a form to /notices. The portal finds the member behind the cookie, checks the form token and bounds the body; the
// noticeboard shrinks the photos, seals words and pictures as bodies and hands record.Do a judge. The record's writer takes it with
// whatever else is waiting: the judge says yes, the events are appended, the noticeboard's Apply files them, the checkpoint is signed,
// the transaction commits and the journal makes it durable. Only now the phone is led to the new page, watchers are nudged and the mesh
// announces the new size.
//
// Next door a hint arrives. The mirror fetches the checkpoint and the few new entries, record.Extend compares signature and root
// before the noticeboard there hears of anything, and the words follow, each checked against its commitment. The page next door is
// rendered anew when somebody asks for it.
//
// # What a Hub does
//
// Open builds these parts in that order and checks that what is stored agrees with itself. Run listens, starts the mesh and serves
// until its context ends. Close lets what is running finish. A console on a unix socket in the data folder answers the command line.
package hub
