// Package webex connects to Webex Contact Center.
//
// What happens to an agent's calls comes over that agent's notification WebSocket: a subscription for each agent, with the
// agent's own token, that tells only of this agent and replays nothing after a gap (Webex Contact Center developer
// documentation, "Notifications" and "Contact control APIs"). Webhooks need no agent's token and tell of everybody, but
// without the call's data, in any order, twice or not at all ("Webhooks"); they are a second source for the same moments.
//
// The room has three parts:
//
//   - [Decoder] is the pure part: notifications and webhooks in, call events out. A moment has the same id whichever
//     source tells of it, so that it counts once.
//   - token.go, rest.go and session.go speak the wire: OAuth, the REST API, one WebSocket for each agent.
//   - connector.go keeps the sessions alive, feeds the decoder and delivers to the sink; receive.go takes webhooks in;
//     control.go gives orders.
//
// # Words
//
// The event of a call event is the word that Acqueon's page "Outbound Call" (Workspace API) uses where it has one
// (eAgentOfferContact, CustAnswered, eCallRecordingStarted, eAgentContactEnded, acw, DROPPED), else the name under which
// Cisco's own client hands the notification on (eAgentContactHeld, eAgentConsulting and so on: the types of
// @webex/contact-center). The call type is the page's Regular-Call, OUTBOUND for calls that the agent dials (inferred).
//
// # Legs
//
// An agent's part in an interaction is one leg. A preview's reservation and the customer's call after it are one leg, too:
// the interaction gets a new id when the preview is accepted, and the message that says so names the old one. The side talk
// of an agent who consults is a leg of its own; when a conference or transfer swallows it, its end is marked as merged.
package webex
