package workflow

import "cordboard/call"

// State says whether a workflow acts.
type State string

// The states of a workflow.
const (
	Live   State = "live"
	Shadow State = "shadow" // rules match and are recorded, steps are skipped
	Off    State = "off"
)

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
}

// Rule is a trigger, a condition and the steps that follow.
type Rule struct {
	Name   string // as written, or "rule 3"
	Line   int
	On     []string    // the triggers as written
	Modes  []call.Mode // empty means the workflow's modes
	Legs   []call.Role // empty means every leg
	When   string      // the condition as written; empty means always
	Repeat bool        // may fire more than once a leg
	Merged bool        // also fires at the end of a dialog that a transfer or conference swallowed
	// Summary says what the steps do, in the catalog's words: "Screen pop (Look Up), Invoke SF Page".
	Summary string
}
