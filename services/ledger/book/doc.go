// Package book keeps the books of one hub: what the events of its record do to accounts, limits, expenses and pledges.
//
// It is pure. An event goes in (Enter), rows of tables come out, on whatever Shelf: a hub's view, an auditor's memory, or paper laid over
// either, on which a command tries its events before they are written. So there is one set of rules: what a form is refused for, what Apply
// voids, and what an audit finds, is the same line of code. That is also why it is a package of its own: it must not be able to reach a
// clock, a member, a setting or a page.
//
// # How an event gets in
//
// A judge for its kind reads the books and works out the effect: rows to write, and legs if anything moves. Then the legs are checked
// (sum zero in every unit, no account twice, totals within int64, hard limits), and only then anything is written.
//
// # Tables (numbers are 8 bytes big-endian; names are what Account and Unit spell)
//
//	journal    index -> Posting (binary)                 every entry of the books, also those that were reversed
//	balance    account, 0, unit -> Totals (varints)
//	statement  account, 0, unit, 0, index -> amount, balance behind it (varints)
//	month      "2026-03" -> index                        of the first entry posted in that month
//	words      index -> leaf hash                        of events that have a body
//	reversed   index -> index                            of the entry that undid it
//	void       index -> key of a sentence                events that broke a rule
//	unit       unit -> decimals, Limit (varints);  limit  account, 0, unit -> Limit (varints);  rule  name -> value
//	place      account -> Place;  opened letter, or "period" -> how many there are
//	budget     purpose, 0, unit, 0, month -> Budget;  levy  month, 0, unit -> index
//	request, pledge, expense  index -> Request, Pledge, Expense
//	open       letter, index -> {}                       what waits for somebody: r requests, p pledges, e expenses, t payments to
//	                                                     other hubs, l asks for lines, w write-offs
//	line       account of a line, 0, unit -> TrustLine;  line-frozen  hub -> index;  line-cap  unit -> LineCapped
//	line-sum   unit -> Abroad;  line-ask  index -> key of the line    of asks that are open
//	sent       index -> Payment;  sent-leaf  leaf, hexadecimal -> index
//	answer     hub, leaf -> Answer                       ours, to payments of others
//	writeoff   index -> Writeoff                         proposals that nobody has agreed to
//	waiting    r, p or e, household -> how many of its own wait
//	period     number -> Period;  period-code  code -> number
//
// A transfer writes six rows: one at the end of the journal, two balances, two lines of statements, and in a new month that.
package book
