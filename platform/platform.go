// Package platform says what a connection to a contact-centre platform is.
//
// A [Connector] speaks one vendor's protocol and turns what it hears into call events. The [Supervisor] keeps each one
// running: it starts it again with growing pauses, and shows its [Status] as data. A connector decodes with a pure
// [Decoder], so that a recorded [Message] can be decoded again at any time.
package platform

import (
	"context"
	"time"

	"cordboard/call"
)

// Connector is one configured link to one platform.
type Connector interface {
	// Run connects, delivers events to sink and returns when ctx ends (nil), when the connection is lost for good
	// in this attempt (an error; the supervisor calls Run again after a pause), or when the platform refused the
	// credentials (an error wrapping ErrRefused; the supervisor then waits long and says so once). Run owns every
	// goroutine it starts: when it has returned, none is left.
	Run(ctx context.Context, sink Sink) error
}

// Sink is where a connector delivers. It is safe for concurrent use.
type Sink interface {
	// Accept returns nil only when every event is durable. Until then the connector neither acknowledges upstream
	// nor moves its resume position. Events of one leg must be passed in order. An error means that nothing more
	// can be taken now: the connector ends Run with it.
	Accept(ctx context.Context, events []call.Event) error
	// Keep stores a message that could not be decoded, with the reason, so that nothing is lost.
	Keep(ctx context.Context, m Message, reason error) error
	// Open returns the legs of this connection that the journal holds as still open, so that a connector can end
	// the ones that vanished while nobody listened.
	Open(ctx context.Context) ([]OpenLeg, error)
	// Report tells the state of the connection. It never blocks.
	Report(Status)
}

// OpenLeg is a leg that has not ended as far as we know.
type OpenLeg struct {
	Call      call.ID
	Leg       string
	Ref       string // the platform's id of the leg's present dialog
	Agent     string
	Extension string
	Role      call.Role
	Mode      call.Mode
	CallType  string
	Name      string
	Phase     call.Phase // of the dialog's newest moment, also of one without a name
	At        time.Time
	Campaign  string
	Customer  string
	// Lost means that the leg's dialog was merged away and nothing was heard of the agent since: the talk that went on
	// was missed, or is still to come. See [call.State.Lost].
	Lost bool
}

// Decoder turns one raw message into call events. It is a state machine without I/O, clock or randomness: the same
// messages in the same order always give the same events. It is not safe for concurrent use.
type Decoder interface {
	// Decode returns the events that m brings: none when it tells nothing new. An error means that m could not be
	// understood; it names what and where and never repeats the message's data.
	Decode(m Message) ([]call.Event, error)
	// Flush returns the events that Decode held back because something was still unknown and that are due by now;
	// the zero time means that nothing more will come.
	Flush(now time.Time) []call.Event
}

// Controller is the optional capability of a Connector that can act on calls.
type Controller interface {
	// Control asks the platform to do something to a call or an agent. A nil error means that the platform took
	// the order; its effect comes as events.
	Control(ctx context.Context, c Command) error
	// Verbs are what Control can be asked to do for an agent, whatever the call at hand allows; none when the connection
	// does not know the agent.
	Verbs(agent string) []Verb
}

// DeskController is a Controller whose orders are carried out in the agent's own browser. It takes them on the node at which
// that hangs, whoever owns the connection.
type DeskController interface {
	Controller
	// AtDesk does nothing: it only says so.
	AtDesk()
}

// Command is an order to the platform. Which verbs a platform knows is its connector's documentation.
type Command struct {
	Agent string // platform agent id, required
	Verb  Verb
	Ref   string            // the dialog, interaction or contact; empty for MakeCall and what acts on the agent
	To    string            // number or address, for MakeCall, Dial, Consult, BlindTransfer; else what the verb says
	Args  map[string]string // what else the verb takes, such as "reason"
}

// Verb names what a Command asks for.
type Verb string

// The verbs of call and agent control.
const (
	Answer          Verb = "answer"
	Hold            Verb = "hold"
	Retrieve        Verb = "retrieve"
	Mute            Verb = "mute"
	Unmute          Verb = "unmute"
	PauseRecording  Verb = "pause-recording" // what is said now, such as a card's number, is not recorded
	ResumeRecording Verb = "resume-recording"
	Drop            Verb = "drop"
	Consult         Verb = "consult"
	EndConsult      Verb = "end-consult"
	Conference      Verb = "conference"
	Transfer        Verb = "transfer" // to whom is being consulted
	BlindTransfer   Verb = "blind-transfer"
	SecureSession   Verb = "secure-session" // the customer talks to a machine, out of the agent's hearing
	Accept          Verb = "accept"
	Skip            Verb = "skip"
	Reject          Verb = "reject"
	Dial            Verb = "dial" // the contact of a preview that was accepted
	SetData         Verb = "set-data"
	WrapUp          Verb = "wrap-up"
	MakeCall        Verb = "make-call"
	Ready           Verb = "ready"
	NotReady        Verb = "not-ready"
	SetStatus       Verb = "set-status" // the one that To names
	LogOut          Verb = "log-out"
)
