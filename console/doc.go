// Package console is the administrator's view: what happened on which call, and why.
//
// Pages are rendered on the server and complete without a script; console.js adds keys, live updates and the viewer's
// time zone. Live updates come as server-sent events that only say which calls changed: the page then asks again for the
// part that it shows, so however fast events come, a page is redrawn at most twice a second.
//
// Everything that a page shows can be had as JSON under /api/v1.
//
// # Numbers of people
//
// No number of a customer leaves the server in full: not in a state, a variable, a planned argument, an attempt, an error
// or a raw message. A call's events say whose numbers these are, and everything that is told of the call goes through
// one masker before a page or an answer is made of it. Who repairs a step edits masked arguments; the masks are filled
// in again on the server.
package console
