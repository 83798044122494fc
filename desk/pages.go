package desk

// Pages says how pages around the panel hear of calls and act on them. The panel's files client-events.js and transport-post.js
// have the events and actions.
type Pages struct {
	// Transport is how messages travel: [PostMessage].
	Transport string `json:"transport"`
	// Prefix is what the names of actions begin with, such as "PureCloud.".
	Prefix string `json:"prefix"`
	// Types are the kinds of events that pages are told without asking: Interaction, Notification, UserAction.
	Types []string `json:"types"`
}

// PostMessage is the transport window.postMessage, with a Handshake, between the panel and the page that holds it.
const PostMessage = "post-message"
