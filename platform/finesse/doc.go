// Package finesse connects to Cisco Finesse, the agent's server of UCCE and UCCX.
//
// Finesse tells what happens on calls only by XMPP publish-subscribe (Finesse Web Services Developer Guide, "Managing
// Notifications in Third-Party Applications"); its REST interface takes commands and gives snapshots. No source says
// that one account may read the dialogs of other agents, so the [Connector] holds one XMPP session for each agent.
//
// The room has three parts:
//
//   - [Decoder] is the pure part: notifications and snapshots in, call events out. It knows every dialog of every agent
//     of the connection, because much of what an event means stands on another agent's feed.
//   - xmpp*.go and rest.go speak the wire: a small XMPP client (WebSocket or TCP) and a small REST client.
//   - connector.go, session.go and resync.go keep the sessions alive, feed the decoder and deliver to the sink.
//
// XML is read by a scanner of our own for the subset that Finesse and XMPP send (no DTD, no processing instructions):
// it is several times faster than encoding/xml and bounded in size, depth and number of elements.
package finesse
