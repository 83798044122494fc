// Package genesys connects to Genesys Cloud, a contact centre in the cloud.
//
// Genesys tells what happens on calls by its Notification API: whole snapshots of a conversation, again at every change,
// over a WebSocket; and by detail events, which EventBridge delivers wholesale and the WebSocket for one conversation at a
// time. It replays nothing, so what happened in a gap is read from its REST interface.
//
// The room has two parts:
//
//   - [Decoder] is the pure part: messages and answers in, call events out. cursor.go, message.go, snapshot.go and detail.go
//     read what Genesys writes; memory.go holds what was told; learn*.go, part*.go and roles.go compare; tell.go tells.
//   - The [Connector] keeps a line (line.go) for each share of the agents: a notification channel (channel.go) with its
//     topics (topics.go). resync.go reads what a gap swallowed, names.go what ids mean. rest.go, token.go and limit.go ask
//     Genesys no more than it allows.
//   - control.go takes agents' orders; scene.go is the conversation as an order finds it, transfer.go and presence.go have the
//     orders that take more than a word.
//
// JSON is read by a cursor of our own: it passes once over a message of two kilobytes and takes a tenth of it, several times
// faster than a decoder that builds everything.
package genesys
