// Package salesforce is Cordboard's Salesforce client: a crm.Finder and a crm.Writer over the REST API, with nothing
// but the standard library underneath.
//
// # Signing in
//
// JWT bearer and client credentials ("OAuth 2.0 JWT Bearer Flow", "OAuth 2.0 Client Credentials Flow"); the password
// flow is not offered. Neither flow says when a token ends, so the client uses one until the org refuses it, fetches
// the next one once however many requests were refused, and repeats them.
//
// # Finding
//
// An id in the call's data is read by id; a number is looked for in the phone index (index.go, refresh.go, book.go), in
// what we found or wrote lately, and then by SOSL with the national digits, for several numbers at once when several
// wait (gather.go). Candidates are compared again by number: SOSL finds what resembles. Lookups have their own
// connections and never wait behind writes.
//
// # The phone index
//
// The numbers of contacts, leads and accounts, read once in the order of ids and then by what changed, so that a lookup
// costs no API request and goes on while the org refuses everything. It is kept in a file over restarts. What it takes
// from the org's daily requests is little (three a refresh) and the first thing to be given up.
//
// # Writing
//
// Write hands a record to the batching writer, which Run drives. A batch is one sObject Collections upsert of at most
// 200 records of one object by the external-id field, sent when it is full or when its first record waited for the
// window; the window grows as the org's daily quota runs low. What else waits rides along in the same composite request
// (together.go). The external id on Task cannot be unique, so writes of one key are never in flight twice: those that
// wait are merged, newer fields win. Records that hang on the same account or person are not sent in two requests at
// once, because of row locks.
//
// # The budget
//
// budget.go decides, from what the org says and our own count, what is given up as the daily requests are used: what can
// wait for tomorrow, haste, records, and lookups last. Budget and PhoneIndex are for pages and metrics.
//
// # Errors
//
// Everything comes back as a *crm.Error, made in errors.go from the forms that the platform has: arrays (REST), objects
// (OAuth), HTML (gateways), arrays of URLs (300) and per-record errors (collections). When to try again is the
// caller's business, except that an expired token is renewed here.
package salesforce
