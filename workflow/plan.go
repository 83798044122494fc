package workflow

import (
	"encoding/json"

	"cordboard/call"
)

// Lane says behind what a step of a kind may wait.
type Lane string

// The lanes.
const (
	ScreenLane Lane = "screen" // at once: pops and pages
	WorkLane   Lane = "work"   // in order, behind each other
	LaterLane  Lane = "later"  // in the order of its own rule only: what may take hours or weeks holds up nobody else
)

// Plan is one rule that an event fired, with its steps as they stand at that moment.
type Plan struct {
	Workflow string
	Rule     string // the rule's name, or "rule 3"
	Revision string // hash of the workflow's text
	Line     int    // where the rule stands in its file
	// Once is true when the rule fires once a leg, which is the rule unless it says `repeat: true`.
	Once bool
	// Shadow is true when the workflow only watches: the steps are recorded as skipped.
	Shadow bool
	Steps  []Planned
}

// Planned is one step of a Plan. It marshals to JSON and back without loss: the journal stores it.
type Planned struct {
	Kind string `json:"kind"`
	Lane Lane   `json:"lane"`
	// Object and As name the record that a create or update is about: together with workflow and leg they make the
	// record key. Empty for other kinds.
	Object string `json:"object,omitempty"`
	As     string `json:"as,omitempty"`
	// Key is the record's key where it is not the workflow's own record, but one that is known by its key.
	Key string `json:"key,omitempty"`
	// Args are the arguments that could be evaluated at the moment of the event.
	Args map[string]any `json:"args,omitempty"`
	// Later are templates that refer to results of earlier steps (pop, record, reply): by the path of their argument,
	// with "/" between the parts and places in lists in brackets, such as "set/WhoId" or "body/lines/[0]".
	Later map[string]string `json:"later,omitempty"`
	// View is what templates in Later may refer to beside results: the call as it was; nil when they do not.
	View json.RawMessage `json:"view,omitempty"`
	// Needs names the results that Later refers to: "pop", "record", "reply".
	Needs []string `json:"needs,omitempty"`
}

// Results are what earlier steps of the call brought, as templates see them.
type Results struct {
	Pop    json.RawMessage            // {id, type, name, count}; nil when there was no pop
	Record map[string]json.RawMessage // by object (or `as` name): {id, created}
	Reply  map[string]json.RawMessage `json:",omitempty"` // by `as` name: {status, headers, body}
}

// Moment is what rules are matched against: an event and its call, with the event already folded in.
type Moment struct {
	Event *call.Event
	State *call.State
}
