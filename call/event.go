package call

import "time"

// ID names one call, over all agents, legs and platform ids it goes through. It is opaque: only [Index] makes them.
type ID string

// Event is one thing that a platform said about one agent's part in a call, in the platform's own words and in ours.
//
// A connector fills everything but Call and Received. An Event whose Name is empty brings only data (variables, a wrap-up
// code): it is folded into the call but starts no workflow. With a Phase it is a moment for which the platform has no word
// (the end of a hold on Genesys Cloud): it counts for talk and hold times, and starts the rules that name the phase.
type Event struct {
	// ID is the same whenever the platform tells of the same moment again, over reconnects and restarts, and
	// differs between moments. It is unique within one connection. The same ID always comes with the same Ref: that
	// leads to the call, and the call knows which events it has had.
	ID string `json:"id"`
	// Connection is the configured name of the connection that heard it.
	Connection string   `json:"connection"`
	Platform   Platform `json:"platform"`

	// Call is the call it belongs to; filled by [Index.Resolve].
	Call ID `json:"call,omitempty"`
	// Ref is the platform's id of the dialog, interaction, contact or conversation.
	Ref string `json:"ref"`
	// Of names another platform id that is known to be the same call: the held call of a consult, the reservation
	// of a preview. Empty when there is none.
	Of string `json:"of,omitempty"`
	// Rekeyed says that Of is the former id of this very dialog: the platform tells of it as Ref from now on.
	Rekeyed bool `json:"rekeyed,omitempty"`

	// Leg names the agent's part in the call: stable, unique within the call, the same for the same part after a
	// restart.
	Leg  string `json:"leg"`
	Role Role   `json:"role"`
	// Agent is the platform's id of the agent whose part it is.
	Agent string `json:"agent"`
	// Extension is the agent's device or address, where the platform tells it.
	Extension string `json:"extension,omitempty"`

	// Mode is empty while the platform has not yet told it.
	Mode Mode `json:"mode,omitempty"`
	// CallType and Name are the catalog's words, such as PREDICTIVE_OUTBOUND and ALERTING.
	CallType string `json:"call_type,omitempty"`
	Name     string `json:"event,omitempty"`
	// RawType is the platform's bare call type where it differs from CallType. A rule may name either.
	RawType string `json:"raw_type,omitempty"`
	Phase   Phase  `json:"phase,omitempty"`

	// At is the platform's own time of the moment, Received our time of hearing it; both in UTC.
	At       time.Time `json:"at"`
	Received time.Time `json:"received,omitzero"`

	// Customer is the customer's number as the platform writes it; empty when unknown or withheld.
	Customer  string `json:"customer,omitempty"`
	Direction string `json:"direction,omitempty"` // "inbound" or "outbound"
	Campaign  string `json:"campaign,omitempty"`
	Queue     string `json:"queue,omitempty"`
	// Vars are the call's variables as this message carries them. Later values overwrite earlier ones.
	Vars map[string]string `json:"vars,omitempty"`
	// Wrapup is the wrap-up code or reason that the agent chose.
	Wrapup string `json:"wrapup,omitempty"`
	// Log is what the agent wants to stand in the log of this part of the call, by field of the CRM's record. It comes from
	// the desk, not from the platform, in an event that says nothing else.
	Log map[string]Entry `json:"log,omitempty"`

	// Merged marks the end of a dialog that a transfer or conference swallowed: the talk goes on elsewhere.
	Merged bool `json:"merged,omitempty"`
	// Reconciled marks an event that no message told: it was concluded from a snapshot after a gap.
	Reconciled bool `json:"reconciled,omitempty"`

	// Raw is the message as it came; kept beside the event for people, and read by match conditions of workflows only.
	Raw []byte `json:"-"`
}

// Entry is what an agent wrote into one field of a call's log. An empty Value clears the field.
type Entry struct {
	Value string `json:"value"`
	// Label is what people call the record whose id Value is.
	Label string `json:"label,omitempty"`
	// At is when it was written, by our own clock.
	At time.Time `json:"at,omitzero"`
}

// Key is the identity under which an event is stored once: its connection and its id.
func (e *Event) Key() string { return e.Connection + "\x1f" + e.ID }

// DataOnly reports whether the event names no moment of the call. Whether it is a moment all the same says its Phase.
func (e *Event) DataOnly() bool { return e.Name == "" }

// IsMoment reports whether the event is a moment of the call: it has a word, or at least a phase. Rules that name a phase
// fire at a moment without a word, too.
func (e *Event) IsMoment() bool { return e.Name != "" || e.Phase != "" }
