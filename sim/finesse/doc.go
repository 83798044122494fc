// Package finesse is a stand-in for one Cisco Finesse site (Unified CCE): the
// REST API, the notification service over WebSocket and TCP, and a telephone
// system behind them that plays calls. It is written from the vendor's
// documents and from recorded messages only and knows nothing of the client
// that is tested against it.
//
// # Using it
//
//	site := finesse.New(finesse.Config{})       // 50 agents: 1001001 at extension 2001 …, password "finesse"
//	err := site.Listen()                        // binds 127.0.0.1; site.Ready() tells the addresses
//	go site.Run(ctx)                            // until ctx ends
//	script, _ := finesse.Script("predictive")
//	ids, err := site.Play(ctx, script, finesse.Call{Agents: []string{"1001001"}, Vars: map[string]string{"LCMKey": "7"}})
//
// Running alone it is driven over HTTP: POST /_sim/calls, GET /_sim/agents,
// GET /_sim/scripts, POST /_sim/faults. Scripts are in the language of package
// scenario; Scripts lists the built-in ones and the arguments of their steps.
// With Call.Manual the agents answer and accept through REST and the script
// waits for them; every other REST action works at any time, on the same
// dialogs.
//
// # What the vendor documents, or what was recorded
//
//   - Events come over XMPP and XEP-0060 only; a notification's payload is one
//     escaped string; the elements and their order; POST and DELETE carry
//     dialogs/Dialog with the collection as source, PUT carries dialog with the
//     dialog as source (Finesse Web Services Developer Guide).
//   - SASL PLAIN with the agent's password, presence with priority >= 0 before
//     anything is delivered, XEP-0199 pings both ways, no replay after a break
//     (XEP-0198 is off), automatic subscriptions of the signed-in user, explicit
//     ones by full JID which outlive the session (real-time events,
//     subscription management).
//   - REST: HTTP Basic, 202 with an empty body, the result as a notification
//     with the request's requestId, error bodies and error types of the User and
//     Dialog error tables, 503 with SERVER_OUT_OF_SERVICE during an outage.
//   - callType and BAStatus pairs per pacing mode, RESERVED_OUTBOUND for
//     progressive and predictive alike, RESERVED_OUTBOUND_PREVIEW for both
//     previews (outbound call types and BAStatus).
//   - A manual call is POSTed twice as INITIATING; the caller stays INITIATED
//     while the dialog is ALERTING; HELD and WRAP_UP are states of participants
//     only; WRAP_UP goes to all participants; without wrap-up PUT DROPPED comes
//     twice before DELETE (CTI event mappings, state participant values).
//   - Recorded: action lists per state, WRAP_UP in an ACTIVE dialog, DELETE with
//     dialog state ALERTING, a transferred call that arrives ACTIVE while the own
//     participant is ALERTING, user TALKING before the dialog's message,
//     apiErrors with a lower-case event.
//   - During an outage nothing is published, so a call inside it leaves no trace;
//     afterwards the last state is published again.
//
// # What is inferred
//
//   - That the dialer's BA variables come one message after the first, and that
//     progressive and predictive calls begin as OTHER_IN: from the order of the
//     call types and events in the Salesforce workflow tables.
//   - Which message carries ACCEPTED, the AGENT_INSIDE beginning of a direct
//     preview's customer call, and when the reservation is deleted.
//   - The sequence around consult calls and conferences: CONSULT turning into OUT
//     on the first agent's feed, the DELETE of the merged leg under the new call
//     type, BAStatus copied to the consult call.
//   - What the first agent of a transfer sees, BAResponse of REJECT and CLOSE,
//     user HOLD, WORK_READY and READY around a call, and that SystemInfo needs no
//     credentials.
//   - That an agent may not subscribe to another agent's nodes, that the presence
//     of user "finesse" looks as it does, and that the same resource signed in
//     twice replaces the first session.
//
// The table in testdata/sequences.txt shows every message of every built-in
// script and marks the lines that rest on inference alone.
//
// # What it does not do
//
// TLS, BOSH, SSO tokens, supervisors' actions, non-voice media, teams other than
// 11, recording, and callbacks. All agents belong to one site and one team.
package finesse
