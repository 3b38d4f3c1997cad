// Package ledger is why neighbours trust the hub: a common fund that anyone can read, and credit for help given and received.
//
// It is double entry in integers. Every movement is an event of the record; its legs add up to zero in every unit; balances are derived
// from events in the transaction that writes them, by package book, which is also what an auditor replays without any hub. Nothing is
// ever deleted or edited: what was wrong is reversed, with a reason.
//
// # Words
//
// An account is named by a letter and a number (package book, type Account); people say it with a check sign, "H7Y". A unit is an ISO 4217
// code, "hour" (counted in minutes), or a name of the block's own. An amount is an int64 of the unit's smallest part, positive in events.
// Within our own record events cite each other by index: that is exact, short, and a page address that can be read aloud. What cites
// another hub's record does it by origin and leaf hash, as everywhere.
//
// # Events (all of version 1; [x] has a body, "by" is who acted, "for" the household that it concerns)
//
// Settings, by stewards; no settings are needed to begin with hours:
//
//	ledger.admitted     {unit, decimals, down, up, soft?}          households may owe each other in it; -1 is no limit
//	ledger.limited      {account, unit, down, up, soft?}           for one household
//	ledger.ruled        {rule, value}                              "unnamed": 0 refuses gifts of unnamed givers
//	ledger.opened       {account, unit?, in_kind?, target?}        [name, far] a pot p1…, purpose s1…, named account n4…
//	ledger.changed      {account, target?, shut?}                  [new name, far, if any]
//	ledger.budgeted     {purpose, unit, from, until, amount}       months; amount 0 takes it back
//	ledger.closed       {period}                                   all before it, behind the last one, is a closed period
//	ledger.carried      {legs: [{account, unit, amount}]}          opening balances; the rest to zero comes from n3
//
// Credit between households:
//
//	ledger.given        {from, to, unit, amount, on?, slip?}       [memo, hub] for = payer; slip = entered by a steward from paper
//	ledger.requested    {from, to, unit, amount, on?}              [memo, hub] for = who asks
//	ledger.agreed       {request}                                  for = payer; this moves it
//	ledger.declined     {request}                                  for = payer, or the asker who takes it back
//	ledger.reversed     {entry}                                    [reason, far] all legs of any entry, once
//	ledger.levied       {month, unit, to, shares: {h1: 60, …}}     once a month and unit; every share was shown before
//
// The common fund:
//
//	ledger.pledged      {pot, amount}                              [memo, far]
//	ledger.unpledged    {pledge}
//	ledger.contributed  {pot, amount, pledge?, on?}                [memo, far] for = giver; without "for" [{giver, memo}, stewards]
//	ledger.moved        {from, to, amount}                         [memo, far] between pots of one unit
//	ledger.asked        {pot, purpose, amount, on?}                [memo, far] an expense
//	ledger.mended       {expense, pot, purpose, amount, on?}       [memo, far] after it was returned
//	ledger.receipt      {expense, w, h, original?, of?}            [JPEG, far; original: stewards]
//	ledger.approved     {expense}                                  for = another household than the asker's
//	ledger.returned     {expense}                                  [reason, far] as incomplete
//	ledger.refused      {expense}                                  [reason, far]
//	ledger.dropped      {expense}                                  by the asker
//	ledger.paid         {expense}                                  by a steward; this moves it
//
// Credit between hubs. A line is two limits, each hub's own: how much the other may owe it in a unit. Each hub's books hold their side
// alone, in account x and the other's id; when all is settled the two balances are each other's negative. A citation is {origin, leaf};
// what members of this hub do is by stewards, but for sent and recalled; raised, received, bounced and finished are by the hub:
//
//	ledger.line-asked    {hub, unit, decimals, most}               what we would let them owe us; no more than now counts at once
//	ledger.line-agreed   {line: citation, unit, decimals, most}    yes to that of the other hub, with its terms: from here we may send
//	ledger.line-raised   {line: index, agreed: citation}           once our hub read the yes: counts from here
//	ledger.line-capped   {unit, imports, exports}                  over all lines together; -1 is no cap
//	ledger.line-frozen   {hub, frozen}                             nothing new; what is on its way is finished
//	ledger.line-shut     {hub, unit}                               at balance zero, with nothing on its way
//	ledger.sent          {hub, from, to, unit, amount, on?}        [memo, neighbours] for = payer; the amount is held
//	ledger.received      {payment: citation, from, to, unit, amount}   for = payee; by the receiving hub: it moves in its books
//	ledger.bounced       {payment: citation, why}                  by the receiving hub: it will never move; why is a code
//	ledger.finished      {sent: index, answer: citation, received} for = payer; once our hub read the answer: moves, or gives back
//	ledger.recalled      {sent: index}                             for = payer: please bounce it if you have not received it
//	ledger.writeoff-asked  {hub, unit, amount}                     [decision, far] a frozen line's whole balance shall go to n2
//	ledger.writeoff-agreed {ask: index}                            by a steward of another household; this moves it
//
// Own events about lines change the books of their hub alone, so that an auditor needs one record. What others' records say of payments
// to us, agreements and answers is kept in tables of its own, and becomes ours by an event of ours (Due).
//
// # Who may
//
// The rules of package book are asked before an event is written and again by Apply, and voids are listed. Who is a member, a steward, or
// which households there are is asked before the record, because Apply must not know.
//
// # Reach of words
//
// The fund is open to anyone, so its words travel far; what households write to each other stays among the members of the hub. What
// goes with a payment to another hub is given to all hubs that ours accepted: there is no reach for one of them alone, and forms say so.
//
// # Tables (bucket "ledger")
//
// Those of package book for our own record, and (of credit between hubs) those that lines_theirs.go names.
package ledger
