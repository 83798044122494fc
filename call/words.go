package call

import "strings"

// Platform names a kind of contact centre. The values are the ones that configuration, workflows and the catalog use.
type Platform string

// The platforms that Cordboard understands.
const (
	Cisco           Platform = "cisco"            // Cisco Finesse with UCCE or UCCX
	ConnectTethered Platform = "connect-tethered" // Amazon Connect, dialled by an external dialer
	ConnectHVOC     Platform = "connect-hvoc"     // Amazon Connect high-volume outbound campaigns ("untethered")
	Webex           Platform = "webex"            // Webex Contact Center
	Genesys         Platform = "genesys"          // Genesys Cloud
)

// Platforms lists every Platform in the order in which pages and tables show them.
func Platforms() []Platform {
	return []Platform{Cisco, ConnectTethered, ConnectHVOC, Webex, Genesys}
}

// Mode is the pacing mode in which a call was placed. The zero value means that the platform has not said yet.
type Mode string

// The pacing modes.
const (
	Manual        Mode = "manual"
	Preview       Mode = "preview"
	DirectPreview Mode = "direct-preview"
	Progressive   Mode = "progressive"
	Power         Mode = "power" // Genesys Cloud: a fixed number of calls for each idle agent
	Predictive    Mode = "predictive"
	Inbound       Mode = "inbound"
)

// Modes lists every Mode in the order in which pages and tables show them.
func Modes() []Mode {
	return []Mode{Manual, Preview, DirectPreview, Progressive, Power, Predictive, Inbound}
}

// Phase is the same moment in every platform's life of a call. A workflow rule may name a phase instead of a
// platform's own words.
type Phase string

// The phases, in the order in which a call usually passes them.
const (
	Offered     Phase = "offered"     // shown to the agent, nobody is dialled yet (preview, ring at the agent)
	Reserved    Phase = "reserved"    // the agent is held for this call
	Accepted    Phase = "accepted"    // the agent said yes
	Dialing     Phase = "dialing"     // the customer's (or consultant's) number is being dialled
	Ringing     Phase = "ringing"     // the far end rings, or an answered customer is being put to the agent
	Answered    Phase = "answered"    // two parties talk
	Held        Phase = "held"        // the customer waits
	Consulting  Phase = "consulting"  // the agent talks to, or rings, a colleague
	Conferenced Phase = "conferenced" // three or more parties talk
	Transferred Phase = "transferred" // the call went to another agent
	Wrapup      Phase = "wrapup"      // talk is over, after-call work runs
	Ended       Phase = "ended"       // nothing more will come for this leg
	Missed      Phase = "missed"      // the agent did not take it
)

// Phases lists every Phase in the order in which a call usually passes them.
func Phases() []Phase {
	return []Phase{Offered, Reserved, Accepted, Dialing, Ringing, Answered, Held, Consulting, Conferenced, Transferred, Wrapup, Ended, Missed}
}

// Role is what an agent's leg is to the call.
type Role string

// The roles of a leg.
const (
	CustomerLeg    Role = "customer"    // talks to the customer as the call's first agent
	ConsultLeg     Role = "consult"     // a side talk between agents
	ConferenceLeg  Role = "conference"  // joined the customer's call as a further agent
	TransferLeg    Role = "transfer"    // received the customer's call from another agent
	ReservationLeg Role = "reservation" // a preview or reservation that precedes the customer's call
)

// Roles lists every Role.
func Roles() []Role {
	return []Role{CustomerLeg, ConsultLeg, ConferenceLeg, TransferLeg, ReservationLeg}
}

// SameWord reports whether two platform words (call types, events) are the same word: platforms and their own
// documents disagree about letter case, so case never counts.
func SameWord(a, b string) bool { return strings.EqualFold(a, b) }
