// Package workspace tells agents' own pages what happens to their calls, and takes their orders.
//
// A page opens one WebSocket, signs in as one agent with a one-time ticket, and subscribes. Everything in either direction
// is one message of the same shape, {channel, topic, subtopic, message}: the one in which Acqueon's page "Outbound Call"
// (Workspace API) tells of a Webex call. For each event of a Webex call the agent's page gets exactly that page's message,
// built from the raw one that the journal keeps with the event; calls of other platforms come in the same envelope with a
// message of our own.
//
//   - message.go, webex.go and own.go are the pure part: an event and its call in, a message out.
//
// # What the page says, and what not
//
// The page's table and its sample spell the same words differently (Webex cc and Webexcc, Regular_call and Regular-Call,
// OutboundCallStateChange and OutBoundCallStateChange). We write the sample's spelling and accept all: words are compared
// without case, blanks, hyphens and underscores ([SameWord]). In the sample the id of the call and its Campaign hold the
// organization's id, which cannot tell two calls apart; its OutBoundType is "outbound" where the raw message beside it has
// CAMPAIGN. We take all three from the raw message: interactionId, campaignId, outboundType (inferred).
//
// Not on the page, and inferred: the topic inbound with InBoundCallStateChange for calls from customers; that every call
// variable of the sample is always there, empty where the call has no such; the event names beyond the six of the page,
// which are those of @webex/contact-center; that CallType is OUTBOUND for a call that the agent dials. All of signing in,
// subscribing and giving orders is ours: the page has no word about it.
package workspace
