// Package salesforce is a small simulated Salesforce org: the far end that our Salesforce client, demos, tests and
// benchmarks talk to. It is written from public documentation only and shares no code and no types with the client,
// so the two cannot share a mistake.
//
// A Server is an http.Handler. New builds the org, Listen opens its port, Run serves until its context ends:
//
//	org := salesforce.New(salesforce.Config{})
//	if err := org.Listen(); err != nil { … }
//	go org.Run(ctx)
//	org.URL() // http://127.0.0.1:41234
//
// # One request, top to bottom
//
// ServeHTTP (server.go) applies the faults that hit a whole request (faults.go), checks the token (oauth.go), counts
// the call against the daily quota (limits.go) and hands a parsed request to the resources (route.go): rows.go,
// collections.go, composite.go, graph.go, tree.go, query.go, search.go, describe.go. Every write goes through one
// transaction (tx.go) that checks the record (check.go, rules.go), stores a new immutable version (store.go) and can
// be taken back. What tests want to know is in observe.go; people's eyes get pages.go.
//
// # What is documented and what is not
//
// From the REST API Developer Guide, the SOQL and SOSL Reference, the Object Reference and "OAuth Authorization
// Flows": paths, methods, status codes, the 300 answer with an array of URLs, `created` in upsert answers since v46,
// updateOnly, 200 records a collection, 25 composite subrequests of which 5 collections or queries, composite graph
// limits (75 graphs, 500 nodes, depth 15, 15 kinds of node, halt after 14 failures), 18-character ids, field types
// and lengths, SOSL's reserved characters, the Sforce-Limit-Info header, the duplicate rule header (v52 and later),
// 16,384 bytes of URI, the error codes, and "no refresh token" for client credentials and JWT bearer.
//
// Inferred or unverified, each also marked "inferred" at its place:
//   - An external-id field on Task. No page says whether a custom Activity field may be flagged External ID; it is
//     common migration practice, and never unique.
//   - Wordings of messages that no page shows, and the misspelt key `duplicateResut` (seen in published traffic; the
//     right spelling can be chosen).
//   - How SOSL folds phone numbers: the number without country code, trunk zero and extension is found in whatever
//     way it is written; with country code only where the record has one. See phone.go.
//   - The search index delay: minutes in reports, zero here unless set. A changed record leaves the index until
//     the delay has passed.
//   - At the request limit every API call is refused, /limits too.
//   - An invalid field, type or JSON value in one record of a collection fails that record only.
//   - TaskSubtype is create-only, so an upsert that carries it and meets an existing task fails with
//     INVALID_FIELD_FOR_INSERT_UPDATE (Config.AllowSubtypeUpdate takes it away).
//   - Two records with one external id in one collection: the later ones fail with DUPLICATE_VALUE.
//
// Not simulated: Bulk API, SOAP, streaming, sharing, record types, triggers, GROUP BY and subqueries in SOQL.
package salesforce
