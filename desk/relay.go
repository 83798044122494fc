package desk

import (
	"context"
	"time"
)

// Relay carries what the desks of several nodes tell each other. It is safe for concurrent use.
type Relay interface {
	// Attach says that desks of the agents hang on this node, newer than on any other: [Came] is told to all nodes,
	// also to this one.
	Attach(ctx context.Context, agents []string) error
	// Detach says that no desks of the agents hang on this node any more: [Left] is told to the other nodes.
	Detach(ctx context.Context, agents []string) error
	// Send hands messages to other nodes. Those for nodes that are gone are dropped, and gone names the nodes. A
	// message may be lost when a node or the relay crashes: whoever waits for an answer asks again.
	Send(ctx context.Context, messages []Message) (gone []int64, err error)
	// Messages are what other nodes sent, those of one sender in their order, and what the relay itself tells:
	// first of all, and again whenever something may have been missed, [Anew] and then [Came] for every desk of the
	// other nodes; and [Gone]. It may tell something twice.
	Messages() <-chan Message
}

// Message is what one node's desks tell another's.
type Message struct {
	Kind Kind
	// Node is for whom it is when it is sent, and whom it is from when it is received; 0 is this node.
	Node int64
	// Agent is whose desk it is about.
	Agent string
	// Key names the pop it is about.
	Key string
	// Body is JSON; Kind says of what.
	Body []byte
	// Since orders the desks of one agent: when it was attached.
	Since time.Time
	// Until is when the message is worth nothing any more; it is then dropped.
	Until time.Time
}

// Kind says what a [Message] is.
type Kind string

// The kinds of messages. Those of the first group are the relay's own.
const (
	Anew Kind = "anew" // forget where the desks of other nodes hang: what follows says it
	Came Kind = "came" // the agent's desk hangs on Node
	Left Kind = "left" // it does no longer
	Gone Kind = "gone" // Node is gone, with all its desks

	askShow    Kind = "show"    // show a screen.Pop
	tellLate   Kind = "late"    // offer a screen.Pop whose time is over
	tellState  Kind = "state"   // a panelState
	gotReceipt Kind = "receipt" // a screen.Receipt
	waiting    Kind = "waiting" // the pop is with the agent's browser
	nobody     Kind = "nobody"  // the agent has no desk here
)
