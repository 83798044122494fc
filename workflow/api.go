package workflow

import (
	"encoding/json"
	"errors"

	"cordboard/call"
	"cordboard/catalog"
)

var errNotYet = errors.New("workflow: not there yet")

// Parse reads a file of workflows.
func Parse(file string, src []byte, specs []Spec) ([]*Workflow, Problems) { return nil, nil }

// Check looks for what is wrong with a workflow beyond its syntax.
func (w *Workflow) Check(cat *catalog.Catalog) Problems { return nil }

// Set is a number of workflows ready to match events. It does not change and is safe for concurrent use.
type Set struct{ workflows []*Workflow }

// Compile makes workflows ready to match events.
func Compile(ws []*Workflow) (*Set, error) { return &Set{workflows: ws}, nil }

// Workflows returns the workflows of the set, in the order in which they were given to Compile.
func (s *Set) Workflows() []*Workflow { return s.workflows }

// Match returns the rules that the event fires, in the order of the files.
func (s *Set) Match(m Moment) []Plan { return nil }

// Explain says of every rule whether it fired, and why not.
func (s *Set) Explain(m Moment) []Verdict { return nil }

// Reason is a code of the closed list of reasons why a rule did nothing.
type Reason string

// The reasons that a rule can have.
const (
	WorkflowOff    Reason = "workflow-off"
	InShadow       Reason = "shadow" // it matched, but its workflow only watches
	OtherPlatform  Reason = "other-platform"
	OtherMode      Reason = "other-mode"
	OtherCallType  Reason = "other-call-type"
	OtherEvent     Reason = "other-event"
	OtherLeg       Reason = "other-leg"
	ConditionFalse Reason = "condition-false"
	ConditionError Reason = "condition-error"
)

// Hit says how one criterion of a rule fared.
type Hit string

// How a criterion fared.
const (
	Met       Hit = "hit"
	Miss      Hit = "miss"
	Unreached Hit = "unreached" // an earlier criterion missed, so it was not looked at
)

// Verdict is what became of one rule at one event.
type Verdict struct {
	Workflow string `json:"workflow"`
	Rule     string `json:"rule"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	// Matched is true when the rule fired; Reason is then empty, or InShadow.
	Matched bool   `json:"matched"`
	Reason  Reason `json:"reason,omitempty"`
	// Detail is one sentence for people.
	Detail string `json:"detail"`
	// Leaf is the part of the condition that was false or failed, and Values what its names stood for.
	Leaf   string            `json:"leaf,omitempty"`
	Values map[string]string `json:"values,omitempty"`
	// Hits are the criteria, for the matrix of rules.
	Hits Hits `json:"hits"`
}

// Hits are the criteria of a rule in the order in which they are looked at.
type Hits struct {
	Platform Hit `json:"platform"`
	Mode     Hit `json:"mode"`
	Type     Hit `json:"type"`
	Event    Hit `json:"event"`
	Leg      Hit `json:"leg"`
	When     Hit `json:"when"`
}

// Resolve evaluates what a planned step left for later and returns the step's arguments, complete.
func Resolve(p Planned, r Results) (json.RawMessage, error) { return nil, errNotYet }

var _ = call.SameWord
