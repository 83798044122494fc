// Package webex is a stand-in for one Webex Contact Center organization: its
// OAuth, the notification WebSocket of each agent, the agents', tasks' and
// dialer's API, webhooks and the search, and behind them contacts that scripts
// play. It is written from the vendor's documents and from recorded messages
// only and knows nothing of the client that is tested against it.
//
// # Using it
//
//	org := webex.New(webex.Config{})            // 50 agents, signed in and available
//	err := org.Listen()                         // binds 127.0.0.1; org.Ready() tells the address and the tokens
//	go org.Run(ctx)                             // until ctx ends
//	script, _ := webex.Script("predictive")
//	ids, err := org.Play(ctx, script, webex.Call{Agents: []string{agent}, Vars: map[string]string{"LCMKey": "7"}})
//
// A client turns the refresh token of an agent (or of the service app) into an
// access token, posts /v1/notification/subscribe and opens the address that it
// gets. Running alone the simulator is driven over HTTP: POST /_sim/calls, GET
// /_sim/agents, /_sim/scripts, /_sim/orders, /_sim/webhooks, POST /_sim/faults.
// Scripts are in the language of package scenario; Scripts lists the built-in
// ones and the arguments of their steps. With Call.Manual the agents answer and
// accept through REST and the script waits for them; with Call.Timed messages
// carry the script's times while it is played as fast as possible. Every REST
// order works at any time, on the same tasks. Orders tells what was ordered.
//
// # What the vendor documents, or what was recorded
//
//   - Subscribe, its four members, ten sockets for a client type, force,
//     Welcome first, {"keepalive":"true"} both ways, the cut after 16 s without
//     one where isKeepAliveEnabled asked for it, AGENT_MULTI_LOGIN ("Subscribe
//     Notification"; the web SDK @webex/contact-center).
//   - Only the signed-in agent's events come; nothing that was missed is told
//     again; reload brings AgentReloginSuccess and one AgentContact for each
//     task ("Contact Control APIs").
//   - The names of all messages and of their failures, the envelopes, and which
//     message answers which order (the web SDK). POST /v1/tasks answers 201,
//     the other orders 202 (the API's OpenAPI document).
//   - The members of a contact message, which of them are null, and that
//     predictive and progressive calls look alike (a recorded message in Acqueon's
//     Workspace API, "Outbound Call"; the web SDK's types and tests).
//   - The order of the messages of a call with one agent, and that ContactEnded
//     names whose wrap-up is to come (the web SDK's state machine).
//   - Previews: the reservation's members as texts, accept, skip and remove,
//     CampaignContactUpdated, and the assignment under a new interaction id that
//     names the reservation (the web SDK).
//   - Webhooks: envelope, event types of both versions, signature over the raw
//     body, timestamp and version headers of version 2, five seconds to answer,
//     no promise of order or delivery ("Webhooks").
//   - Tokens: 14 and 90 days, refresh by the token endpoint, one scope for agents
//     and others for administration ("Authentication", "Contact Center Service
//     Apps").
//   - Search: query and answer of task and taskDetails ("Getting Started With
//     Search API").
//
// # What is inferred
//
//   - Who else hears what in a consult call, a conference or a transfer: that the
//     colleague gets AgentContactReserved and AgentOfferConsult with the same
//     interaction id, that both sides get AgentConsultTransferred and the receiver
//     AgentContactAssigned too (a script shows it without), that everybody in a
//     conference has a wrap-up, and the members participantId, consultingAgentId
//     and consultMediaResourceId at each moment.
//   - That whoever left stays among the participants with hasLeft, and that the
//     customer comes off hold without AgentContactUnheld when a conference or a
//     transfer begins.
//   - That a consult call to an entry point is a contact of its own for whoever
//     answers, and who hears ContactMerged when the two become one; the names and
//     the members of the relation are the web SDK's.
//   - All reasons and reason codes; what follows AgentOutboundFailed and the
//     other missed offers; that a refused skip or remove comes as
//     CampaignPreviewAcceptFailed.
//   - That each message carries every other variable: that it may be a part only
//     is known, which part is not. That ContactEnded comes without numbers and
//     variables was seen in the field. Config.Whole turns both off.
//   - That GET /v1/dialer/campaign/{id} shows the campaign: the start answers
//     that address, and no page says what reading it does. There is no documented
//     way to ask for a campaign's type.
//   - The status codes of refusals that the documents do not list (404 for a
//     task that the agent does not have, 403 for a full house), that a socket's
//     address is good once, and that refresh tokens stay unless RotateRefresh.
//   - comciscotimestamp is a text, as in the vendor's sample; some recordings
//     have a number. agent:state_change of version 1 has the data of version 2's
//     agent:channel_state_change.
//   - That nothing is delivered a second time when a webhook's receiver fails.
//
// The table in testdata/sequences.txt shows every message of every built-in
// script and marks the lines that rest on inference alone.
//
// # What it does not do
//
// TLS, digital channels, supervisors' monitoring, callbacks and EXECUTE_FLOW,
// capture:available and task:origin-updated, agents who go idle when their last
// socket is gone, agentSession and aggregations of the search, and dialing:
// campaigns only name what scripts play. All agents belong to one site and one team.
package webex
