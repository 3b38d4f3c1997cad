// Package people knows who lives on the block: households, members, stewards, and how each proves to be who they are.
//
// The public record says that household h7 has a member m19, that m19 was a steward from here to there, and that m19
// left. Those are handles and times; a name is a body beside its event, with the reach that its owner chose and
// erasable like any other. Whatever proves identity (sign-in names, secrets, sessions, tokens, codes) lives in private
// tables that no neighbour ever sees, and of each code or token only a digest.
//
// # View tables (bucket "people"; every key starts with the 32 bytes of SHA-256 of the origin)
//
//	household   number -> household     displayed name's leaf, when it was added
//	member      number -> member        household, name's leaf, steward, left
//	name        leaf -> whose           which member or household a name body belongs to, until it is superseded
//	spelled     handle -> text          names whose bodies are here
//
// # Private tables (service "people")
//
//	credential  handle -> credential    sign-in name, argon2id salt and digest, language, reach of the name
//	sign-in     folded name -> handle   the only index by sign-in name
//	session     digest -> session       SHA-256 of the cookie's 32 bytes
//	token       digest -> token         bearers for scripts
//	invitation  digest -> invitation    SHA-256 of the short code
//	claim       "code" -> digest        at most one claim code is open
//	recovery    handle + digest -> {}   unused codes of a recovery card
package people
