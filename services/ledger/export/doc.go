// Package export spells the books out in files that other programs read: a journal for hledger, CSV, JSON and an Atom feed.
//
// All of them are made from one Row an entry, so that they cannot disagree. A file of a closed period holds codes, handles, amounts and
// hashes and no words, and everything in it was settled when the period was closed: it is the same bytes for ever. What people are called
// and what they wrote changes and can be erased, so that it goes into a file of its own (Words), which says of which day it is.
//
// Files are written in pieces, each read in a transaction of its own, because a phone may take minutes to fetch one, and a transaction that
// is open as long would keep the database from reusing room. That is safe: entries below an index never change.
//
// # Units
//
// An amount is written with the decimals of its unit and a point. Hours are counted in minutes, and hours with decimals cannot say 20 minutes:
// files give minutes, as the unit MIN, which no block can name a unit of its own.
//
// # Columns of CSV, one line a leg, and names in JSON
//
//	index     number of the event in the record
//	posted    when it was posted, UTC, RFC 3339
//	day       when it happened, if that was said
//	kind      of the event: ledger.given, ledger.paid …
//	by, for   handles of the member who acted and of the household that it concerns
//	of        index of the event that it completes or reverses
//	account   as the journal names it: household:h7, pot:p1 …
//	unit      EUR, MIN, kwh …
//	amount    what the account gains; negative if it gives
//	leaf      hash of the event in the record, hexadecimal
//	receipts  hashes of the receipt events that were there when it was paid, hexadecimal, spaces between
//	memo      what was written, as far as this reader may read it; never in the file of a period
package export
