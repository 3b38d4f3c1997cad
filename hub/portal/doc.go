// Package portal is the hub's front door: it answers phones, and decides for every request who asks, in which language,
// whether that is allowed, and how the answer is dressed.
//
// A service registers pages (Get), acts (Post) and plain handlers (Raw) and knows nothing of HTTP beyond this package.
// A page is a struct: rendered by its HTML method inside the frame of package web, or, for whoever asks for
// application/json, written as the JSON that it is. An act answers with an Outcome: a redirect for a browser, 201 for a
// script. A refusal is a fault: the form again, filled in, or an RFC 9457 problem.
//
// One request passes, in this order: recovery from panics, security headers, the rule of hosts (hosts.go), the language
// switch, who is asking (who.go), what the route requires, the bounded body (form.go), protection against forged
// posts (forgery.go), the handler, the answer (page.go, outcome.go, problem.go). Pages that are the same for every guest are
// kept rendered and compressed (cache.go).
package portal
