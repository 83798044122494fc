package workspace

import (
	"time"

	"github.com/coder/websocket"
)

// Subprotocol is the WebSocket subprotocol that workspaces speak.
const Subprotocol = "cordboard.workspace.v1"

// ticketProtocol is the beginning of a second subprotocol that a page may offer: what follows is its ticket, so that it
// is signed in at once.
const ticketProtocol = "cordboard.ticket."

// The codes with which a socket is closed, and what the page does then. Those of the desk mean the same.
const (
	CloseMoving   websocket.StatusCode = 4000 // this node stops: come back at once
	CloseTooSlow  websocket.StatusCode = 4001 // the page did not read fast enough: come back
	CloseSilent   websocket.StatusCode = 4002 // no answer to a ping: come back
	CloseUnsure   websocket.StatusCode = 4003 // the ticket cannot be looked up right now: come back with another
	CloseMissed   websocket.StatusCode = 4004 // something may not have been told, because a node was too busy or died: come back
	CloseNoTicket websocket.StatusCode = 4500 // ticket missing, used, expired or forged: get a new one
	CloseProtocol websocket.StatusCode = 4501 // the first message was no sign-in
	CloseTooMany  websocket.StatusCode = 4503 // this agent has too many sockets open
)

// Limits of what a page may do.
const (
	signInLimit  = 10 * time.Second // for the first message
	orderLimit   = 20 * time.Second // for one request to be answered
	maxPages     = 16               // sockets of one agent
	maxQueued    = 64               // messages that wait for one page
	maxWaiting   = 16               // requests of one page that wait for their turn
	maxText      = 128              // bytes of an id, a name, a number or a topic
	maxArgs      = 64               // arguments of one order
	maxDetail    = 300              // runes of what a platform says to an order
	framesBurst  = 40               // messages that a page may send at once
	framesSecond = 20               // and then each second; it is not read from faster
)

// The channel, topics and subtopics of what is ours.
const (
	ownChannel        = "workspace"
	sessionTopic      = "session"
	subscriptionTopic = "subscription"
	commandTopic      = "command"

	signIn      = "SignIn"
	refused     = "Refused" // answers a message that cannot be read
	subscribe   = "Subscribe"
	unsubscribe = "Unsubscribe"
)

// request is what a page sends, as far as it was understood: the envelope in our spelling, and its message.
type request struct {
	Envelope
	body body
}

// body is everything that the message of a request may hold.
type body struct {
	// ID is the page's own; the answer has it, too.
	ID string `json:"id"`

	// SignIn
	Ticket string `json:"ticket"`

	// Subscribe, Unsubscribe; "" and "*" are all.
	Channel  string `json:"channel"`
	Topic    string `json:"topic"`
	Subtopic string `json:"subtopic"`

	// command
	Call       string            `json:"call"`
	To         string            `json:"to"`
	Connection string            `json:"connection"`
	Args       map[string]string `json:"args"`
}

// response answers a request, under the request's channel, topic and subtopic.
type response struct {
	Source  string `json:"source"` // always "response"
	ID      string `json:"id,omitempty"`
	Success bool   `json:"success"`
	// Reason is a code of the closed list below, Detail a sentence for people.
	Reason reason `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`

	// SignIn
	Agent string     `json:"agent,omitempty"`
	Now   *time.Time `json:"now,omitempty"` // the server's clock

	// Subscribe: the ids of the agent's calls that are open and subscribed to by it. Their messages follow.
	Open *[]string `json:"open,omitempty"`
}

// reason says why a request was refused.
type reason string

const (
	malformed          reason = "malformed"           // the message cannot be read
	unknownChannel     reason = "unknown-channel"     // there is no such channel
	unknownTopic       reason = "unknown-topic"       // nothing can be asked of this topic
	unknownCommand     reason = "unknown-command"     // there is no such subtopic
	noCall             reason = "no-call"             // the agent has no such open call
	severalCalls       reason = "several-calls"       // the agent has several: one must be named
	noConnection       reason = "no-connection"       // no connection of the platform takes orders
	severalConnections reason = "several-connections" // several do: one must be named
	refusedByPlatform  reason = "refused"             // the platform, or its connection, said no
	tooBusy            reason = "busy"                // too many requests of this page wait
	unavailable        reason = "unavailable"         // it cannot be looked up right now
)

// refusal is a request that is not done.
type refusal struct {
	reason reason
	detail string
}

func refuse(r reason, detail string) *refusal { return &refusal{r, detail} }

// answer is the message that answers e.
func answer(e Envelope, r response) []byte {
	r.Source = "response"
	e.Message = encode(r)
	return encode(e)
}

func answerRefusal(e Envelope, id string, r *refusal) []byte {
	return answer(e, response{ID: id, Reason: r.reason, Detail: r.detail})
}

// unread answers what cannot be read as a request: it has no address of its own.
func unread() Envelope {
	return Envelope{Channel: ownChannel, Topic: sessionTopic, Subtopic: refused}
}
