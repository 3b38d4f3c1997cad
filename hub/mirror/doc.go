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
// A hint can only make us look, at a bounded rate. What a neighbour does wrong is shown on /neighbours and stops that neighbour
// alone. Acceptance is one-sided: it makes us mirror them, and gives them our bodies of reach "neighbours" when they ask with a
// request signed by the pinned key.
package mirror
