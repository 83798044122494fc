// Package dialer takes in what an external dialer tells of its calls: Amazon Connect, tethered.
//
// In a tethered set-up agents hold a nailed-up leg to Amazon Connect, and a dialer of its own places the calls. Amazon
// tells nothing of them; the dialer does, in messages {channel, topic, subtopic, message} whose message.call holds an id,
// an event, a call type, variables and a user (Acqueon's page "Outbound Call Event Parameters"). The dialer sends them
// here:
//
//	POST /in/NAME/            one message, or an array of them; answered when all of it is durable
//	GET  /in/NAME/ (upgrade)  a WebSocket that stays: one message, or an array, in each frame; frames of
//	                          acknowledgements come back, each message named once it is durable
//
// Two fields may stand beside channel and topic: id, the sender's own name for the message, and at, its time (RFC 3339,
// or seconds or milliseconds since 1970). Without a time, the messages of one call have to come in order: each after the one before
// it was acknowledged, or on one socket. With a time, what comes up to ten
// seconds late is put in its place, and what comes twice is known.
//
// The room has three parts:
//
//   - [Decoder] is the pure part: messages in, call events out.
//   - receive.go, socket.go and auth.go are the two ways in.
//   - connector.go is the pump between them: what waits together is decoded in order and stored together.
//
// # What is inferred
//
// The page names the fields and the words of events, and no example of a message is published. Inferred are: the names
// of the variables that hold mode, customer and campaign (all can be configured); that User holds UserId and Extension;
// that manual and inbound calls, whose words (connecting, connected) are Amazon's own, come in the same shape with the
// call types Outbound and Inbound; and how a message of a second agent is told from one of the first, see [Decoder].
package dialer
