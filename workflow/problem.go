package workflow

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a workflow with the problem can run.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the workflow cannot run
	Warning Severity = "warning" // it can, but hardly does what was meant
)

// Problem is one thing that is wrong with a file, and where.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1
	Column  int    `json:"column"` // from 1, counted in characters
	Message string `json:"message"`
	// Suggestion is what was probably meant; empty when nothing comes close.
	Suggestion string `json:"suggestion,omitempty"`
	// Snippet is the line of the file with a mark under the place, for terminals.
	Snippet  string   `json:"snippet,omitempty"`
	Severity Severity `json:"severity"`
}

// String is "file:line:col: message (did you mean …?)".
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	if p.Suggestion != "" {
		s += fmt.Sprintf(" (did you mean %s?)", p.Suggestion)
	}
	return s
}

// Problems are the problems of a file, in the order of their places.
type Problems []Problem

// Errors reports whether any of them keeps a workflow from running.
func (ps Problems) Errors() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity == Error })
}

// Err returns the errors among the problems, one a line, or nil when there are only warnings.
func (ps Problems) Err() error {
	var lines []string
	for _, p := range ps {
		if p.Severity == Error {
			lines = append(lines, p.String())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}
