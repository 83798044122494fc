package config

import (
	"fmt"
	"strings"
)

// Problem is one mistake in a file that somebody wrote.
type Problem struct {
	File string
	// Line and Column count from 1; zero when the mistake has no place.
	Line, Column int
	Message      string
	// Nearest is the word that was perhaps meant; empty when there is none.
	Nearest string
}

// Error returns the one text form of problems: "file:line:col: message (did you mean …?)".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	b.WriteString(p.Message)
	if p.Nearest != "" {
		fmt.Fprintf(&b, " (did you mean %q?)", p.Nearest)
	}
	return b.String()
}

// Problems are the mistakes of one file, in the order of their lines. No problems are nil.
type Problems []Problem

// Error returns one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems as an error, nil when there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// FieldError is an error about one key of the mapping that a Check method looked at.
type FieldError struct {
	Key string
	Err error
}

// At says that err is about the value of key.
func At(key string, err error) error { return &FieldError{Key: key, Err: err} }

// Error implements error.
func (e *FieldError) Error() string { return e.Key + ": " + e.Err.Error() }

// Unwrap returns the error about the key.
func (e *FieldError) Unwrap() error { return e.Err }
