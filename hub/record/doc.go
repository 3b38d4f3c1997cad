// Package record keeps the one public truth of a hub: an append-only Merkle log of events, and the views derived from it.
//
// # What is stored
//
// Under the top-level bucket `log`, one bucket per origin (ours and every mirrored one) named by SHA-256 of the origin, with
//
//	hot      tail entries of the unsealed bundle (key 'e', 8-byte index), `note` (the checkpoint), `origin`, `state`
//	bundle   sealed bundles of 256 entries, gzipped, sent as stored (key: 8-byte bundle number)
//	upper    tiles of level 1 and above (key: level byte, 8-byte tile number)
//
// Level 0 is recomputed from bundles: storing it would cost a third of the file. The hot keys have a bucket of their own,
// because a small key beside a 20 kB bundle would rewrite that bundle at every commit. About 89 bytes per event.
//
// Beside it `view` holds one bucket per service, with its tables, which can be thrown away and replayed at any time;
// `private` holds what must never be an event: secrets, sessions, drafts, our key.
//
// # How an event gets in
//
// Do queues a command. One writer takes whatever is queued into one transaction: each command's judge reads the views (and
// sees the commands before it), then its events are appended, their bodies shelved and every service's Apply runs; at the
// end the new checkpoint is signed in the same transaction. Only after the commit is anything published or answered.
// There is no timer: a lone command is written at once, and a crowd shares one commit. What commands wrote is told to the store's journal
// in a few bytes (redo), which is synced instead of all the pages; after a power cut it is carried out again, and judged no more.
//
// Extend brings entries of a neighbour's record in through the same writer. The signature by the pinned key and the root are
// compared before any Apply; a mismatch leaves nothing behind.
//
// # Our key
//
// Rotate announces a fresh key in the record, and both sign; Retire ends that and takes the old seed from the disk. Each step keeps a receipt
// under the old key (Handover), in the transaction that changes the keys. The origin stays. A record that went on under a key which is not
// here is superseded and appends nothing.
//
// # Formats
//
// RFC 6962 hashing; C2SP signed-note, tlog-checkpoint (no extension lines), tlog-tiles and tlog-proof. Origin is
// `commonhub/<id>`, where id is 16 base32 characters of the hash of the birth key.
package record
