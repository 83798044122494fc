// Package connect connects to Amazon Connect with its own outbound campaigns, which the vendors' pages call HVOC or
// untethered.
//
// No single source of Amazon Connect tells all of a call, so three are folded into one truth for each contact, and each
// moment counts once, from whichever tells it first:
//
//   - connect-streams: the agent's browser. Amazon's library Streams keeps a picture of everything that the agent has;
//     the desk sends every new picture on. Only here are consults and the customer's number.
//   - connect-agent-stream: the agent event stream in Kinesis, a record for every change of an agent and every two minutes
//     ("Amazon Connect agent event streams"). It tells ringing and hold without a browser, but no number.
//   - connect-eventbridge: contact events, best effort and in no order ("Amazon Connect contact events"). They tell the
//     campaign and that the customer of a preview has answered, but neither number nor ringing nor hold.
//
// What none of them brings is asked of the REST API: connect-rest are its answers.
//
// The room has two parts:
//
//   - [Decoder] is pure: messages and answers in, call events out. streams.go, agentstream.go, contactevent.go and
//     answer.go read what Amazon writes, learn_*.go compare it with what was told, tell.go tells.
//   - connector.go and its neighbours speak the wire: kinesis.go, shard.go, sqs.go and receive.go take messages in, ask.go asks
//     within the quota, places.go remembers how far the stream was read.
//
// A message is acknowledged, and a place of the stream moved past it, when everything that it told is durable: also what
// waited in the decoder for other sources (held.go).
//
// # Contacts and legs
//
// A leg is one agent's part in one contact. A transfer or consult to another agent is a contact of its own that names the
// first one; both are one call. The agent who consults has a second leg for each third party on the line. A leg's id is made
// of the contact's and the agent's id; that of a moment of the leg's id, the word and, for what may happen more than once,
// the platform's own time. So every source gives a moment the same id, and so does a decoder that starts anew.
//
// Two sources may date the same hold some milliseconds apart: what is told within two seconds by another source is taken for
// the same.
//
// # Words
//
// The calls of a tethered site that do not pass its dialer, those that agents dial and those that come in, are told in the
// words of the same page's table for tethered sites.
//
// The words are those of Acqueon's page "Amazon Connect", table "Amazon HVOC (untethered)". A moment for which the page has
// no row in the call's mode (ringing of a predictive call, a hold of a manual one, a missed call, the end of a consult) is told without a
// name, so that times and ends come out right and no rule fires.
package connect
