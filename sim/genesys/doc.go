// Package genesys is a stand-in for one Genesys Cloud org: OAuth, the platform API as far as a call integration needs
// it, the notification service with its WebSockets, and a telephone system with an outbound dialer behind them that
// play calls. It is written from the vendor's documents, the models of the vendor's SDKs and published captures only
// and knows nothing of the client that is tested against it.
//
// # Using it
//
//	org := genesys.New(genesys.Config{})        // 50 agents, two queues, a campaign for each dialing mode, 200 contacts
//	err := org.Listen()                         // binds 127.0.0.1; org.Ready() tells address, client and ids
//	go org.Run(ctx)                             // until ctx ends
//	script, _ := genesys.Script("predictive")
//	result, err := org.Play(ctx, script, genesys.Call{Agents: []string{"1"}, Vars: map[string]string{"caseNumber": "7"}})
//
// Agents are named by id, e-mail address or place in the list. Running alone it is driven over HTTP: POST /sim/calls,
// POST /sim/faults, POST /sim/targets, GET /sim/state and others, see control.go. Scripts are in the language of package scenario;
// Scripts lists the built-in ones and what the verbs mean here. With Call.Manual the agents answer and accept through
// REST and the script waits for them; every other request works at any time, on the same conversations. With Call.Start
// a call has a clock of its own, so that its times are those of the story however fast it is played.
//
// # One call, top to bottom
//
// A script's step (steps.go) or a request (rest_control.go, rest_transfer.go) calls a method of the conversation:
// dialer.go, queue.go and preview.go begin calls, talk.go, consult.go and transfer.go are what happens in them, end.go
// and wrapup.go what comes after, attempt.go what the dialer makes of it. Each changes the participants
// (conversation.go) and publishes the whole state again (snapshot.go, mediaview.go) and detail events (detail.go).
// publish.go finds who listens, faults.go spoils it, socket.go writes it to sockets, target.go, trigger.go and courier.go
// bring it to HTTP addresses: an EventBridge bus with an API destination, or a workflow that a trigger started.
//
// # What is documented, or was captured
//
//   - Channels: 20 a client, the one used least recently goes first, those without a socket before others; 1,000
//     topics; 24 hours after the last subscription; heartbeats on channel.metadata, {"message":"ping"} is answered on
//     it; a notice before a socket is closed; nothing is repeated after a gap (Notification service).
//   - Detail events come over a socket for one conversation at a time only (Available topics). Names and values of
//     all members are those of the SDK's models.
//   - Client credentials have no user: what asks for the current user is refused, also the lists of active
//     conversations (captured for users/me).
//   - Snapshots contain all participants that ever were, flows and queues included. Hold is told twice. The customer of an agent
//     who holds or consults is confined. A consult transfer is begun on the customer's participant, whose id all
//     parties of it carry as consultParticipantId; the agent is on hold for a moment; cancelled, the one who was asked
//     is disconnected with "client". Who hands over is disconnected first with "transfer", then with "peer". A consult
//     that is not answered ends with "transfer.noanswer". A blind transfer replaces the agent's own participant. A
//     participant with a wrap-up to do stays disconnected until it is done, the others become terminated. The customer
//     is gone one message before the agent (all captured).
//   - Purposes of a user's own call: user and external; on behalf of a queue: agent and customer (captured).
//   - A preview is a callback with a dialerPreview; its participants are customer, acd and agent; ended without a call
//     it leaves ININ-OUTBOUND-PREVIEW-SKIPPED, 200 ms around its end, either way round (captured).
//   - priority, clearSystemData and doNotQueue of added contacts; previewTimeOutSeconds and previewAutoEnd of
//     campaigns; only the first wrap-up counts for a contact; system codes never make it uncallable.
//   - The envelope of the event bus (captured), which answers an API destination tries again; triggers with their
//     criteria, versions and data formats.
//   - The conversation details of analytics, as a preview's was captured.
//   - Error bodies and codes; 429 with Retry-After; inin-ratelimit headers; what a wrong client secret answers.
//
// # What is inferred
//
//   - The order and spacing of messages, beyond what is said above; version "2" on every topic.
//   - Everything of external campaigns, conferences, secure flows, attended replacement and speakTo beyond the words.
//   - That a queue's agent who does not answer is disconnected with "transfer.noanswer"; that a declined call is one.
//   - That a record of an attempt can be read only some time after the wrap-up; the words of a preview that was ended
//     by its timeout; contacts an abandoned call leaves; how many contacts may be added at once.
//   - That a second socket of a channel takes the first one's place; that sockets outlive their token.
//   - Codes of refusals in a wrong state; which transports each topic has; what a workflow's data action posts, which
//     is the administrator's choice: the bus's detail object here, or with Target.Bare the event alone.
//
// The table in testdata/sequences.txt shows every message of every built-in script.
//
// # What it does not do
//
// TLS, regions, users who log in, flows and their events, chat and e-mail, monitoring, coaching, barging, voicemail,
// recordings, rule sets, schedules, data tables. A channel does not come to the end of its life while its socket is open
// (DropChannels does that), and campaigns dial nobody by themselves: Play does, contact by contact.
package genesys
