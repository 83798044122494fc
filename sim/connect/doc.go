// Package connect is a stand-in for one Amazon Connect instance with what stands around it: agents, contacts and outbound
// campaigns, told through every source that a real instance has, and the external dialer of a tethered set-up. It is written
// from the vendors' documents only and knows nothing of the client that is tested against it.
//
// # Using it
//
//	site := connect.New(connect.Config{Events: connect.Target{URL: …, Header: "X-Secret", Secret: …}})
//	err := site.Listen()                        // binds 127.0.0.1; site.Ready() tells the address
//	go site.Run(ctx)                            // until ctx ends
//	script, _ := connect.Script("predictive")
//	ids, err := site.Play(ctx, script, connect.Call{Agents: []string{"agent1001"}, Attributes: map[string]string{"case": "500"}})
//
// Running alone it is driven over HTTP: see control.go for the requests under /sim/. Scripts are in the language of package
// scenario; Scripts lists the built-in ones and the arguments of their steps.
//
// # One story, many tellers
//
// A call moves contacts (verbs_begin.go, verbs_talk.go, verbs_end.go); what changed is told by
//   - the CCP: a page at /ccp-v2/?agent=… for a host that embeds it with Streams' initCCP, which pushes the agent's snapshots
//     and does what the agent, or the host, orders (ccp.go, ccp_methods.go, snapshot.go, page/),
//   - the agent event stream: records in the simulator's own Kinesis stream or in one that somebody else serves (agentstream.go,
//     records.go, package kinesis),
//   - contact events over EventBridge, to an HTTPS API destination and into an SQS queue (contactevents.go, bus.go, courier.go,
//     package sqs),
//   - the REST API, for what events leave out: contacts, users, what agents have now, campaigns (rest.go and its neighbours),
//   - for calls of the external dialer, its call events by HTTPS and over a WebSocket (dialer.go, dialer_socket.go).
//
// testdata/stories.txt shows, for every built-in script, what each source tells in the order in which things happen.
//
// # What the vendors document
//
//   - Contact events: envelope, event types and fields, no number and no attributes of the customer, queueInfo absent for
//     OUTBOUND, CONNECTED_TO_SYSTEM for outbound calls only, an initiation time of campaign calls that moves to the start of the
//     call, COMPLETED at the end of after-call work or at once when there is none, the spelling OUTBUND_PREVIEW_DISCARDED, keys
//     in two spellings and 1970 as a placeholder in samples, best effort without order (Amazon Connect contact events).
//   - Agent event stream: kinds of records and their fields, snapshots before and after, states, ENDED for after-call work, an
//     absent contact for a cleared one, a status that is the agent's own choice, heart beats after 120 s of silence and up to an
//     hour after a logout, the agent's ARN as partition key (agent event streams, agent event streams data model).
//   - The CCP's messages by postMessage and over the newer SDK's MessageChannel, the fields of snapshots, the names of states,
//     the methods and their parameters, Date objects for moments (the source of Streams 2.28.2, its typings and unit tests).
//   - Kinesis and SQS: what their API references say of the operations that are there; requests must be signed, though the
//     signature itself is not computed.
//   - REST: paths, fields and kinds of errors (the models of the AWS SDKs), two requests a second with a burst of five for each
//     operation (Amazon Connect service quotas), the moment of CONNECTED_ONHOLD that stays that of CONNECTED (AgentContactReference),
//     contacts that cannot be stopped (StopContact).
//   - API destinations: a secret in a header, five seconds for an answer, which answers are tried again (API destinations).
//   - A consult call or a transfer to a colleague is a contact of its own with initiation method TRANSFER, one to a number
//     outside EXTERNAL_OUTBOUND; both name the contact before (contact record).
//   - The third party's connection of a consult call reads connected as soon as the contact is in the colleague's queue
//     (Streams documentation).
//   - The external dialer's message fields, its event words and the messages of the nailed-up leg (Outbound Call Event
//     Parameters, Tethered Call Event); which event means which moment (the Salesforce workflow tables).
//
// # What is inferred
//
//   - Preview contacts: initiation method CAMPAIGN_PREVIEW in events, CONNECTED_TO_AGENT when the agent accepts the preview.
//   - Progressive and predictive contacts: initiation method API.
//   - The agent event stream: InitiationMethod of campaign contacts, no previous snapshot in LOGIN.
//   - Snapshots: which connections a preview contact has before and after it is called and which is the initial one; a colleague
//     as an outbound connection with an endpoint of type agent; what a consulted agent sees of the customer; Joining while a
//     third party is on the line and the customer waits.
//   - The order of CONNECTED_TO_SYSTEM and CONNECTED_TO_AGENT of a manual call, TELECOM_NOT_ANSWERED, and that the first
//     agent's contact is disconnected when the agent hands the customer over.
//   - Which of the services' errors an unsigned or wrongly scoped request gets, and TooManyRequestsException as the name of the
//     REST API's throttling, which its model calls ThrottlingException.
//   - That a caller who gives up while it rings leaves a missed contact at the agent.
//   - The external dialer: its subtopic OutboundCallStateChange, the content of CallVariables and ResponseFields, what a
//     consulted colleague hears (the same call id, Ringing and Answered with call type Consult, then CustAnswered), Swapped for
//     the way back from hold, DROPPED for a preview that was passed on, and the form of commands. That it opens a WebSocket to
//     us, or posts, is the product's choice: the vendor describes a bus inside the agent's workspace.
//
// # What it does not do
//
// Chat, tasks and e-mail, queued callbacks, monitoring, contact records, flows, and the nailed-up leg as a contact of Connect's
// own: the external dialer's calls leave no trace in the other sources.
package connect
