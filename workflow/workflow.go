package workflow

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"cordboard/call"
)

// State says whether a workflow acts.
type State string

// The states of a workflow.
const (
	Live   State = "live"
	Shadow State = "shadow" // rules match and are recorded, steps are skipped
	Off    State = "off"
)

// States lists every State.
func States() []State { return []State{Live, Shadow, Off} }

// Workflow is one YAML document: rules for the calls of one platform and some modes. It does not change after Parse.
type Workflow struct {
	Name        string
	Platform    call.Platform // empty means every platform
	Modes       []call.Mode   // empty means every mode
	State       State
	Description string
	File        string
	Line        int    // of the document's first key
	Source      string // the document's text
	Revision    string // short SHA-256 of Source
	Rules       []*Rule

	src    *source // for the places of problems found later
	broken bool    // Parse found errors in it
}

// Rule is a trigger, a condition and the steps that follow.
type Rule struct {
	Name   string // as written, or "rule 3"
	Line   int
	On     []string    // the triggers as written
	Modes  []call.Mode // empty means the workflow's modes
	Legs   []call.Role // empty means every leg
	Match  []string    // the match conditions as people read them; all must be met
	When   string      // the condition as written; empty means always
	Repeat bool        // may fire more than once a leg
	Merged bool        // also fires at the end of a dialog that a transfer or conference swallowed
	// Summary says what the steps do, in the catalog's words: "Screen pop (Look Up), Invoke SF Page".
	Summary string

	at       spot
	modeAt   spot
	triggers []trigger
	match    []matching
	when     *value
	steps    []*step
}

// Condition is everything that must be true, for people; empty means always.
func (r *Rule) Condition() string {
	parts := slices.Clone(r.Match)
	if r.When != "" {
		parts = append(parts, r.When)
	}
	return strings.Join(parts, ", and ")
}

// trigger is one way to start a rule: a phase, or an event of one call type or of any. Words are in lower case.
type trigger struct {
	text     string
	at       spot
	phase    call.Phase
	callType string // empty means any
	event    string
}

// step is one action of a rule as it is written.
type step struct {
	kind   string
	lane   Lane
	holds  bool
	title  string
	object string
	as     string
	at     spot
	values []*value
}

// value is one argument, one field of an argument of type Map, or a condition.
type value struct {
	path string    // "by", "set/WhoId"
	lit  any       // what it is, unless tmpl says how to find out
	tmpl *template // nil for a plain value
	// written is the template as it stands in the file where tmpl is made from it; else nil.
	written *template
	// optional marks a value that is left out when its expression turns out empty.
	optional bool

	node ast.Node
	text string // the node's text, which places are counted in
}

// asWritten is the template whose places are those of the file.
func (v *value) asWritten() *template {
	if v.written != nil {
		return v.written
	}
	return v.tmpl
}
